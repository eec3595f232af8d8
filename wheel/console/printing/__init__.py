"""Turns documents into lines for a terminal."""
