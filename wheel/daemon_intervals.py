"""How often the daemon works, and when a delay is reported. All are time spans."""

from datetime import timedelta

PERIOD = timedelta(seconds=60)  # of the daemon's tick
TICK_LATE = 3 * PERIOD
BACKUP_OLD = timedelta(days=2)  # one is made every night
OLDEST_PENDING = timedelta(minutes=30)  # mail that waits longer is a problem of `status`
