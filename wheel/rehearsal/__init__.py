"""A year before it happens: the real engine on a copy in memory (docs/rehearse.md)."""
