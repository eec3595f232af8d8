"""How everything stood on a past day, computed from the log, and the proof that log and tables agree."""
