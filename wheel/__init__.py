"""The planning year itself: storage, engine, daemon, console."""
