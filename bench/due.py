"""Measures finding 1,000 due plans among many, processing them, and a tick without due plans."""

from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import func, select, update

from bench.databases import new_urls, raw_connection
from bench.measure import Figure, Figures, Scale, at_most, peak_memory, ratio_of, seconds
from bench.world import MAIL, add_plans, begin, definition
from wheel.database.store import Store
from wheel.database.tables import Notice
from wheel.engine.unit_of_work import PLAN
from wheel.tick.due import DUE
from wheel.tick.tick import Ticker

DUE_AT = datetime(2027, 3, 18, 6, 30, tzinfo=UTC)  # the boards are reminded seven working days ahead
LATER = DUE_AT + timedelta(days=1)
DUE_PLANS = 1_000
# Without the zone and written as SQLite keeps it.
RAW = f"SELECT * FROM plan WHERE wake_at <= '{DUE_AT:%Y-%m-%d %H:%M:%S}.000000' ORDER BY wake_at, id LIMIT ?"


def measure(scale: Scale) -> Figures:
    """Measure on SQLite."""
    due = scale.of(DUE_PLANS)
    times = {}
    for plans in (10_000, 100_000, 1_000_000) if scale.million else (10_000, 100_000):
        with new_urls("sqlite") as new_url:
            store = filled(new_url(), due, scale.of(plans))
            times[plans], figures = _finding(store, due, scale, scale.of(plans))
            yield from figures
            if plans == 10_000:
                yield from _waking(store, due, scale)
            store.close()
    yield at_most("growth of finding, from the fewest to the most plans", max(times.values()) / times[10_000], 1.5, "x")


def filled(url: str, due: int, plans: int) -> Store:
    """Create a home with that many plans, of which `due` have a reminder due at DUE_AT."""
    store = begin(url)
    Ticker(store, MAIL, definition).tick(DUE_AT - timedelta(seconds=1))
    with store.writing() as session:
        session.execute(update(PLAN).where(PLAN.c.wake_at <= DUE_AT).values(wake_at=LATER))
    add_plans(store, due, wake_at=DUE_AT)
    for start in range(0, plans - due, 10_000):
        add_plans(store, min(10_000, plans - due - start), wake_at=LATER + timedelta(minutes=start))
    return store


def _finding(store: Store, due: int, scale: Scale, plans: int) -> tuple[float, list[Figure]]:
    connection = raw_connection(store)

    def find() -> None:
        with store.reading() as session:
            rows = session.execute(DUE.limit(due), {"now": DUE_AT}).all()
            assert len(rows) == due, len(rows)

    def raw() -> None:
        rows = connection.execute(RAW, (due,)).fetchall()
        assert len(rows) == due, len(rows)

    find()
    ours, theirs, ratio = ratio_of(scale.rounds, find, raw)
    memory = peak_memory(find)
    connection.close()
    return ours, [
        at_most(f"finding {due:,} due plans among {plans:,}", ratio, 2, "x raw"),
        Figure("  ours and raw; memory at most", f"{ours * 1e3:.1f} / {theirs * 1e3:.1f} ms; {memory:.1f} MB"),
    ]


def _waking(store: Store, due: int, scale: Scale) -> Figures:
    """Agenda, notice, log, next alarm. Its messages are another bench's: the home holds mail back."""
    ticker = Ticker(store, MAIL, definition)
    quiet = datetime(2027, 3, 12, 12, tzinfo=UTC)
    with store.writing() as session:
        session.execute(update(Notice).values(outcome="sent"))
    ticker.tick(quiet)
    minutes = [quiet + timedelta(minutes=number + 1) for number in range(scale.rounds * 20)]
    empty = median(seconds(lambda: ticker.tick(minute)) for minute in minutes)  # noqa: B023 - called before the next one
    yield at_most("an empty tick", empty * 1e3, 1, "ms")
    took = []
    for number in range(scale.rounds):
        took.append(seconds(lambda: ticker.process_due(DUE_AT)))
        with store.reading() as session:
            awake = session.execute(select(func.count()).where(PLAN.c.wake_at <= DUE_AT)).scalar_one()
        assert awake == 0, awake
        if number + 1 < scale.rounds:
            add_plans(store, due, wake_at=DUE_AT)
    yield at_most(f"waking {due:,} due plans", median(took), 1.0, "s")
