"""Chaos: real processes, killed and frozen at random, and an audit that believes none of them."""
