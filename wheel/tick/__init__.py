"""The daemon's work on plans: finds those that are due and does what is due."""
