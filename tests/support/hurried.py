"""`python -P tests/support/hurried.py WORD …`: the command with short periods and a short lease."""

import sys
from datetime import timedelta
from pathlib import Path

LEASE = 6.0  # seconds
COMMAND = (sys.executable, "-P", Path(__file__))


def main() -> int:
    from notifications.delivery import circuit_breaker, claims
    from wheel import daemon_intervals
    from wheel.database import store
    from wheel.mail import leases

    claims.LEASE = timedelta(seconds=LEASE)
    leases.SURE, leases.RENEW = claims.LEASE / 2, timedelta(seconds=1)
    circuit_breaker.PROBE_PASSING = timedelta(seconds=1)
    store.FROZEN_SECONDS = 3
    daemon_intervals.PERIOD = timedelta(seconds=2)

    from wheel.console import main  # after the tick's period was set
    from wheel.daemon import heartbeat  # after the tick's period was set

    heartbeat.DELIVERY_PERIOD_SECONDS = 2
    heartbeat.LOOK_SECONDS = 1
    return main.main()


if __name__ == "__main__":
    sys.exit(main())
