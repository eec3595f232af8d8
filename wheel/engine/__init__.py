"""What a plan is, what may move it, and how it moves: `transition.py` alone asks the machine."""
