"""`python -P tests/hurried.py WORD …`: the command with short periods and a short lease: no test waits for minutes."""

import sys
from datetime import timedelta
from pathlib import Path

LEASE = 6.0  # seconds
COMMAND = (sys.executable, "-P", Path(__file__))


def main() -> int:
    from notifications import claims, in_hand, way_out
    from wheel import health, store

    claims.LEASE = timedelta(seconds=LEASE)
    in_hand.SURE, in_hand.RENEW = claims.LEASE / 2, timedelta(seconds=1)
    way_out.PROBE_PASSING = timedelta(seconds=1)
    store.FROZEN_SECONDS = 3
    health.PERIOD = timedelta(seconds=2)

    from wheel import console, daemon  # after the tick's period was set

    daemon.DELIVERY_PERIOD_SECONDS = 2
    return console.main()


if __name__ == "__main__":
    sys.exit(main())
