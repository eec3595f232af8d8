"""The named rules (R1 to R22, docs/rules.md) that the engine enforces.

A rule is a pure function: it takes the facts of a step and returns None or a reason. The wheel says which step uses
which rule (RuleUse). A reason has a message key and facts; the console, the pages and the mail translate it and replace
`{who}` and `{missing}` by names. Rules about content (goals, money) are not enforced yet; `rules_not_enforced` lists
them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from workflows.dates.date_rules import Anchor
from workflows.dates.parse_date import parse
from workflows.definition.definition import RuleUse
from workflows.messages import N_

Severity = Literal["refuse", "warn"]

DOMAIN_RULES = tuple(f"R{number}" for number in range(1, 23))


@dataclass(frozen=True)
class Reason:
    """A reason to refuse a step or to warn of it. `who`: the ids of the bodies that can remove the reason."""

    rule: str
    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    who: tuple[str, ...] = ()
    citation: str = ""
    severity: Severity = "refuse"
    overridable: bool = False
    step: str = ""


@dataclass(frozen=True)
class MissingPlans:
    """Addresses of plans that had not reached the required state, and the bodies that decide there.

    `later`: those of them that have reached it by now, too late to count.
    """

    addresses: tuple[str, ...]
    who: tuple[str, ...]
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """The facts about a requested step that rules are applied to.

    `on`: the date of the meeting, or today if there is none. `by`: the id of the body that takes the step. `last`: the
    last day of the state that the step leaves. `skipped`: the objection that the plan has not reached that state.
    `missing_plans`: by rule use that names a phase. `timetable_missing`: the cycle's timetable, until it is decided.
    """

    on: date
    anchor: Anchor
    by: str
    last: date | None = None
    reason: str = ""
    skipped: Reason | None = None
    source: str = ""  # of the phase, which is cited where the use of a rule has none of its own
    missing_plans: dict[RuleUse, MissingPlans] = field(default_factory=dict)
    timetable_missing: MissingPlans | None = None


Check = Callable[[RuleUse, Facts], Reason | None]


@dataclass(frozen=True)
class Rule:
    """A named rule. `needs`: the key of RuleUse without which the rule has no effect. `across`: its phase may belong to
    the other kind of cycle."""

    citation: str
    check: Check
    needs: Literal["phase", "date"] | None = None
    severity: Severity = "refuse"
    overridable: bool = False
    across: bool = False


def _timetable(use: RuleUse, facts: Facts) -> Reason | None:
    if not facts.timetable_missing:
        return None
    text = N_("{who} has not decided the timetable ({missing}). The cycle is therefore a draft and no plans move.")
    return Reason(use.rule, text, {"missing": facts.timetable_missing.addresses}, facts.timetable_missing.who)


def _prerequisite(use: RuleUse, facts: Facts) -> Reason | None:
    """Names phase, state and bodies as the wheel does, because municipalities call them differently."""
    missing_plans = facts.missing_plans.get(use)
    if missing_plans is None or not missing_plans.addresses:
        return None
    later = missing_plans.later
    missing = tuple(address for address in missing_plans.addresses if address not in later)
    text = N_("First “{phase}” must reach “{reached}”. Missing: {missing}.")
    if not missing:
        text = N_("First “{phase}” must reach “{reached}”. It came so far only after {on}: {later}.")
    elif later:
        text = N_("First “{phase}” must reach “{reached}”. Missing: {missing}. Came so far only after {on}: {later}.")
    elif missing_plans.who:
        text = N_("First “{phase}” must reach “{reached}”. Responsible: {who}. Missing: {missing}.")
    words = {"phase": use.phase, "reached": use.reached, "boards": use.boards}
    when = {"later": later, "on": facts.on} if later else {}
    return Reason(use.rule, text, {**words, **when, "missing": missing or later}, missing_plans.who)


def _dialogues(use: RuleUse, facts: Facts) -> Reason | None:
    found = _prerequisite(use, facts)
    text = N_("The dialogue has not taken place with every board. Missing: {missing}.")
    return found and replace(found, message=text)


def _order(use: RuleUse, facts: Facts) -> Reason | None:
    return facts.skipped and replace(facts.skipped, rule=use.rule)


def _in_time(message: str) -> Check:
    """A check that the step is not later than the rule's date or, without one, the state's last day."""

    def check(use: RuleUse, facts: Facts) -> Reason | None:
        last = parse(use.date).last(facts.anchor) if use.date else facts.last
        if last is None or facts.on <= last:
            return None
        return Reason(use.rule, message, {"on": facts.on, "last": last}, (facts.by,))

    return check


def _within(message: str) -> Check:
    def check(use: RuleUse, facts: Facts) -> Reason | None:
        if use.date is None:
            return None
        rule = parse(use.date)
        first, last = rule.first(facts.anchor), rule.last(facts.anchor)
        if first <= facts.on <= last:
            return None
        return Reason(use.rule, message, {"on": facts.on, "first": first, "last": last}, (facts.by,))

    return check


_GOALS_LATE = _in_time(
    N_("The goals must be decided by {last}. The meeting was on {on}. The decision is recorded as late.")
)


def _goals(use: RuleUse, facts: Facts) -> Reason | None:
    if use.reason:
        if facts.reason.strip():
            return None
        text = N_("A revision of the goals requires special reasons.")
        return Reason(use.rule, text, {}, (facts.by,))
    found = _goals_and_plans(use, facts) if use.phase else _GOALS_LATE(use, facts) or _goals_early(use, facts)
    return found and replace(found, severity="warn")


def _goals_early(use: RuleUse, facts: Facts) -> Reason | None:
    election = facts.anchor.election_year
    if election is None or facts.on.year > election:
        return None
    text = N_(
        "The newly elected council decides the goals in the year after the election, on {first} at the earliest. The "
        "meeting was on {on}."
    )
    return Reason(use.rule, text, {"on": facts.on, "first": date(election + 1, 1, 1)}, (facts.by,))


def _goals_and_plans(use: RuleUse, facts: Facts) -> Reason | None:
    """A plan stands on the goals of its mandate period; a revision of them comes before the work on the next plan."""
    found = _prerequisite(use, facts)
    if found is None or facts.anchor.election_year is None:
        return found
    text = N_(
        "A revision of the goals is decided in December at the latest before the plan that uses it. The meeting was on "
        "{on}, and this plan was under way: {missing}."
    )
    return replace(found, message=text, facts={"on": facts.on, "missing": found.facts["missing"]}, who=(facts.by,))


RULES: dict[str, Rule] = {
    "R1": Rule("1.2", _timetable),
    "R2": Rule("1.2", _prerequisite, needs="phase", overridable=True),
    "R3": Rule(
        "1.2",
        _within(N_("The plan must be decided between {first} and {last}. The meeting was on {on}.")),
        needs="date",
        severity="warn",
    ),
    "R4": Rule("1.3", _dialogues, needs="phase", overridable=True),
    "R6": Rule(
        "1.4",
        _in_time(N_("The operational plan must be decided by {last}. The meeting was on {on}.")),
        severity="warn",
    ),
    "R8": Rule("2.2", _goals, across=True),
    "R13": Rule("4.1", _order, overridable=True),
    "R16": Rule("1.4, 5.1", _order),
    "R17": Rule(
        "5.1", _in_time(N_("The annual follow-up was due {last}. The step was taken on {on}.")), severity="warn"
    ),
    "R18": Rule("1.2", _prerequisite, needs="phase", overridable=True),
}


def apply_rules(uses: tuple[RuleUse, ...], facts: Facts, step: str) -> list[Reason]:
    """All refusals and warnings of a step's rules, in the order of the rules. `step`: the verb."""
    reasons = []
    for use in uses:
        rule = RULES[use.rule]
        if reason := rule.check(use, facts):
            severity = "warn" if "warn" in (rule.severity, reason.severity) else "refuse"
            reasons.append(
                replace(
                    reason,
                    citation=use.source or facts.source,
                    severity=severity,  # type: ignore[arg-type]
                    overridable=rule.overridable,
                    step=step,
                )
            )
    return reasons


def rules_not_enforced() -> list[str]:
    """The ids of the rules of R1 to R22 that the engine does not enforce yet."""
    return [id for id in DOMAIN_RULES if id not in RULES]
