"""Everything fails at random, for some seconds here and for half an hour by hand: nothing is lost, early or twice."""

import os
from pathlib import Path

import pytest

from tests.support import hurried
from tests.support.faulty_smtp import FaultySmtp, running
from tests.support.storm import Storm, Weather
from tests.support.waiting import agree, beside, waiting_home

MINUTES = float(os.environ.get("STORM_MINUTES", "30"))
SHORT = Weather(
    lasts=10, mails=120, calm=4, frozen=3, down=2, lease=hurried.LEASE, latency=0.05, slow=(0.5, 3, 8),
    bound=600,  # in how short a time it drains is asked of LONG; here the machine may have twenty other things to do
)  # fmt: skip
# With the program's own periods: a lease of two minutes, a tick each minute.
LONG = Weather(
    lasts=60 * MINUTES, mails=round(60 * MINUTES), calm=20, frozen=60, down=15, lease=120, latency=0.6,
    slow=(2, 25, 150), bound=210,
)  # fmt: skip


def rage(
    kind: str, request: pytest.FixtureRequest, folder: Path, weather: Weather, seed: int, *command: str | Path
) -> None:
    server = FaultySmtp()
    server.latency = weather.latency
    with running(server), waiting_home(kind, request, folder, server) as home:
        database = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
        others = [beside(home, folder / "other")] if database else []
        for each in (home, *others):
            each.in_process = False  # people give commands while daemons run
            each.command = command or each.command
        storm = Storm(home, others, database, weather, seed)
        storm.rage()
        counted = storm.count()
        print(f"{kind}, seed {seed}: {vars(storm.figures)}\n{counted}")
        assert {name: n for name, n in counted.items() if n and name not in ("mails", "sent again, the same")} == {}
        agree(home)
        # The count can fail: had they been due an hour later all were early, had it ended an hour before all were late.
        on_time = storm.due
        storm.due = {who: at + 3600 for who, at in on_time.items()}
        assert storm.count()["early"] == weather.mails
        storm.due, storm.healed = {who: at - 3600 for who, at in on_time.items()}, storm.healed - 3600
        assert storm.count()["late"] == weather.mails


def test_some_seconds_of_storm(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    rage(database_kind, request, tmp_path, SHORT, 1, *hurried.COMMAND)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_half_an_hour_of_storm(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    rage(kind, request, tmp_path, LONG, 2)
