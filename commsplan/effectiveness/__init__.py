"""Reached, read, understood, acted: figures with their uncertainty."""
