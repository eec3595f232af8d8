"""The trigger of the daemon's heartbeats."""

from datetime import UTC, datetime, timedelta

from wheel.daemon.heartbeat import FixedInterval


def test_a_clock_that_is_set_ahead_by_years_is_one_beat_late_and_not_three_million() -> None:
    every, now = FixedInterval(timedelta(seconds=10)), datetime(2037, 2, 16, 8, 30, tzinfo=UTC)
    assert every.get_next_fire_time(now - timedelta(days=3653), now) == now + timedelta(seconds=10)
    assert every.get_next_fire_time(now - timedelta(seconds=4), now) == now + timedelta(seconds=6)
