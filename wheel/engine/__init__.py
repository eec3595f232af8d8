"""What a plan is, what may move it, and the one place that moves it."""
