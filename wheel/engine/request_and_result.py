"""A request to act, which every door makes, and the result that an action gives back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wheel.engine.plan import Plan, Status
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Definition
from workflows.rules.named_rules import Reason


@dataclass(frozen=True)
class Request:
    """Who asks, when, and on which terms. `if_version`: the version of the plan that the actor saw."""

    actor: str
    now: datetime
    reason: str = ""
    anyway: bool = False
    dry_run: bool = False
    if_version: int | None = None


@dataclass(frozen=True)
class Result:
    """The effect of a write: the contract's `write` object. `more`: further facts that some actions answer, as JSON.

    `definition`: the one that the plan was judged by; None where the act was about no plan.
    """

    address: str
    state: str | None = None
    status: Status | None = None
    version: int | None = None
    log: list[int] = field(default_factory=list)
    notices: int = 0
    warnings: list[Reason] = field(default_factory=list)
    dry_run: bool = False
    more: dict[str, Any] = field(default_factory=dict)
    definition: Definition | None = None


def result_of(uow: UnitOfWork, plan: Plan, warnings: list[Reason] | None = None) -> Result:
    status = plan.status(uow.today(plan.cycle))
    return Result(
        plan.address, plan.state, status, plan.version, warnings=warnings or [], definition=plan.cycle.definition
    )
