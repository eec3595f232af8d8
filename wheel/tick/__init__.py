"""The daemon's work on plans: `tick.py` runs a tick, `due.py` finds the plans that are due,
`process_due.py` does what is due for each. `alarm_check.py`, `clock_changes.py` and `outages.py` watch over it."""
