"""The watch that notices when the wall's clock was set."""

from datetime import UTC, datetime, timedelta

import pytest

from wheel.clocks import ClockWatch


class Clocks:
    """A wall and a clock that only goes on."""

    def __init__(self) -> None:
        self.wall, self.ticking = datetime(2027, 3, 1, 12, tzinfo=UTC), 1000.0

    def on(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticking += seconds


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(hours=-1), timedelta(seconds=6)])
def test_a_clock_that_is_set_is_noticed_at_the_next_look(step: timedelta) -> None:
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.ticking)
    for _ in range(5):
        clocks.on(5)
        assert not watch.look()
    clocks.on(5)
    clocks.wall += step
    assert watch.look() == step
    clocks.on(5)
    clocks.wall += timedelta(seconds=0.1)  # slewed
    assert not watch.look()
