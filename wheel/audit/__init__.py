"""The audit log: a hash chain that only grows."""
