"""Persisted steps: one commit each, and 10,000 in one transaction."""

from datetime import UTC, datetime
from statistics import median

from bench.databases import KINDS, Kind, new_urls, raw_connection
from bench.measure import Figure, Figures, Scale, at_least, seconds
from bench.raw import Raw
from bench.world import ADMIN, MAIL, add_plans, begin
from wheel.actions.advance import advance
from wheel.cycles.follow_steps import follow_steps
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork

# One commit each; 10,000 in one transaction.
GOALS: dict[Kind, tuple[float, float]] = {"sqlite": (0.28, 0.10), "postgresql": (0.50, 0.15)}
NOT_A_DECISION = DecisionForm()


class Race:
    """The engine and the raw limit, on two identical databases."""

    def __init__(self, kind: Kind, ours: str, theirs: str, plans: int) -> None:
        self.stores = [begin(ours), begin(theirs)]
        for store in self.stores:
            self.addresses = add_plans(store, plans)
        self.desk = Desk(self.stores[0], MAIL, follow_steps)
        self.request = Request(ADMIN, datetime(2027, 3, 2, 9, tzinfo=UTC))
        self.reader, self.raw = (Raw(raw_connection(store), postgresql=kind == "postgresql") for store in self.stores)

    def take(self, count: int) -> list[str]:
        taken, self.addresses = self.addresses[:count], self.addresses[count:]
        return taken

    def one_commit_each(self, count: int) -> tuple[float, float]:
        """Steps per second of the engine and of the raw limit."""
        addresses, before = self.take(count), self.reader.last_seq()
        ours = seconds(
            lambda: [
                self.desk.carry_out(self.request, a, "draft", advance, a, "draft", NOT_A_DECISION) for a in addresses
            ]
        )
        written = self.reader.written(addresses, before)
        theirs = seconds(lambda: self.raw.each(written))
        return count / ours, count / theirs

    def in_one(self, count: int) -> tuple[float, float]:
        addresses, before = self.take(count), self.reader.last_seq()
        ours = seconds(lambda: self.desk.carry_out(self.request, "2028", "draft", advance_all, addresses))
        written = self.reader.written(addresses, before)
        theirs = seconds(lambda: self.raw.bulk(written))
        return count / ours, count / theirs

    def close(self) -> None:
        self.reader.connection.close()
        self.raw.connection.close()
        for store in self.stores:
            store.close()


def advance_all(uow: UnitOfWork, request: Request, addresses: list[str]) -> Result:
    return [advance(uow, request, address, "draft", NOT_A_DECISION) for address in addresses][-1]


def measure(scale: Scale) -> Figures:
    for kind in KINDS:
        yield from _of(kind, scale)


def _of(kind: Kind, scale: Scale) -> Figures:
    each, bulk = scale.of(500), scale.of(10_000)
    with new_urls(kind) as new_url:
        race = Race(kind, new_url(), new_url(), scale.rounds * (each + bulk) + each)
        race.one_commit_each(each)  # warm
        rounds = [race.one_commit_each(each) for _ in range(scale.rounds)]
        one_goal, bulk_goal = GOALS[kind]
        yield at_least(f"{kind}: steps, one commit each", median(a / b for a, b in rounds), one_goal)
        ours, raw = (median(each) for each in zip(*rounds, strict=True))
        yield Figure("  per second, ours and raw", f"{ours:,.0f} / {raw:,.0f}")
        rounds = [race.in_one(bulk) for _ in range(scale.rounds)]
        yield at_least(f"{kind}: {bulk:,} steps in one transaction", median(a / b for a, b in rounds), bulk_goal)
        ours, raw = (median(each) for each in zip(*rounds, strict=True))
        yield Figure("  per second, ours and raw", f"{ours:,.0f} / {raw:,.0f}")
        race.close()
