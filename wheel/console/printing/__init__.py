"""Turns the documents of `reads` and `actions` into lines for a terminal."""
