"""The queries of all doors. Nothing here writes."""
