"""Plans, the rules for changing them, and how their state changes, which only `transition.py` does."""
