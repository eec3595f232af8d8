"""Reads and exports sent, waiting and failed messages."""
