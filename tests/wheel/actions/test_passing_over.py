"""Passing over a rule is offered only where it helps: what can be overridden is done with a reason."""

from collections.abc import Iterator

from tests.support.databases import SqliteDatabases
from tests.support.wheelhouse import Wheelhouse, started
from wheel.errors import RefusedError, Usage


def acts(house: Wheelhouse) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Every step of one plan of each phase, whole and board, by the body that takes it."""
    for plan in map(house.plan, house.addresses()):
        if plan.board not in (None, "socialnamnden"):
            continue
        for step in plan.workflow.steps:
            if not step.decision:
                yield plan.address, step.verb, {}
                continue
            for outcome in ("adopted", "noted", "sent_back", "postponed"):
                yield plan.address, step.verb, {"body": plan.body(step.by or ""), "outcome": outcome}


def test_what_is_said_to_be_overridable_is_done_with_a_reason(sqlite_databases: SqliteDatabases) -> None:
    with sqlite_databases.copy(started) as (store, made):
        assert passed_over(made.in_store(store), "2028-05-10T10:00") > 20


def passed_over(house: Wheelhouse, at: str) -> int:
    """How many acts are refused and can be done with a reason."""
    house.tick(at)
    passed = 0
    for address, verb, decision in acts(house):
        terms = {**decision, "dry_run": True, "new_date": "2028-12-15"}
        if decision.get("outcome") == "sent_back":
            terms["reason"] = "x"
        try:
            house.advance(address, verb, at, **terms)  # type: ignore[arg-type]
        except RefusedError as refused:
            if all(reason.overridable for reason in refused.reasons):
                house.advance(address, verb, at, **{**terms, "anyway": True, "reason": "x"})  # type: ignore[arg-type]
                passed += 1
        except Usage:
            pass  # an option that does not belong to the step
    return passed
