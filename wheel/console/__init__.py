"""The console `arshjul`. It parses, calls one action or read, and prints; no rule lives here."""
