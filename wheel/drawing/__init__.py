"""The wheel as a picture: one calendar year with its cycles as rings, as SVG, PNG and PDF, and the table beside it.

`picture` reads it from a unit of work; `svg` and `table` are made of the picture alone: the same picture gives the same
bytes.
"""
