"""The long-running process: two heartbeats (tick and delivery), its lock, its health file."""
