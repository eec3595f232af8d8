"""What the law says of a budget year in Sweden: kommunallagen (2017:725) chapters 5 and 11."""

from datetime import date
from typing import Literal

# What a phase is to the law, whatever its name and its workflow. A wheel states it as `is`.
LegalKind = Literal["budget", "tax_rate", "annual_report", "interim_report", "new_council_budget"]

BUDGETS: tuple[LegalKind, ...] = ("budget", "new_council_budget")


def new_council_takes_office(budget_year: int) -> date:
    """The day on which the council that was elected in the year before the budget year takes office."""
    return date(budget_year - 1, 10, 15)


def november_ends(budget_year: int) -> date:
    """The last day for budget and tax rate. With the tax rate decided by then, the budget may wait for December."""
    return date(budget_year - 1, 11, 30)
