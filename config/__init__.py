"""Loads and checks a municipality's files and the program's settings."""
