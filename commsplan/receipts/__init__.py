"""Opened, clicked, read and confirmed; by a person or by a machine."""
