"""Tokens of the hub's own: for registered systems, and for the users of those systems."""
