"""Checks of a definition: errors (`*_problems`) and warnings (`*_warnings`)."""
