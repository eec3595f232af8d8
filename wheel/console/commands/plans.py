"""The commands that change plans: take steps, correct wrong entries, and change dates or activity."""

from datetime import date
from typing import Any

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import (
    CYCLE,
    DECISION,
    ENTRY,
    KNOWN_OUTCOME,
    NEW_DATE,
    PLAN,
    SIGNED,
    WITH_BOARDS,
    WRITE,
    argument,
    decision,
    flag,
    option,
)  # fmt: skip
from wheel.console.values import check_year, day
from wheel.errors import Usage
from workflows.messages import N_

# ---- a plan's way ----------------------------------------------------------------------------------------------


@command(
    "advance", N_("Take a step of a plan, or record the decision that takes it."),
    PLAN,
    argument("step", N_("STEP"), N_("The step, such as decide. `arshjul show` lists the steps."), required=False),
    option(
        "--to", metavar=N_("STATE"),
        help=N_("All steps to that state instead of one step. None of them may be a decision."),
    ),
    option(
        "on", "--on", metavar=N_("DATE"), type=day, help=N_("The day of a step that is no decision. Default: today."),
    ),
    *DECISION, NEW_DATE, *WRITE,
)  # fmt: skip
def advance(
    context: Context,
    address: str,
    step: str | None,
    to: str | None,
    on: date | None,
    new_date: date | None,
    **minutes: Any,
) -> Answer:
    from wheel.actions import advance as action

    form = decision(**minutes)
    if to and (step or form.given or new_date):
        raise Usage(N_("With --to there is no step and no decision: each of the steps is one that is no decision."))
    if to:
        return context.carry_out(address, "advance", action.advance_to, address, to, on)
    if not step:
        raise Usage(N_("Name the step, or with --to the state that the plan is to come to."))
    return context.carry_out(address, step, action.advance, address, step, form, new_date, on)


@command(
    "send-back", N_("Send a plan back to be completed (återremiss). Requires --reason."),
    PLAN, *KNOWN_OUTCOME, NEW_DATE, *WRITE,
)  # fmt: skip
def send_back(context: Context, address: str, new_date: date | None, **minutes: Any) -> Answer:
    from wheel.actions import send_back as action

    form = decision(**minutes)
    return context.carry_out(address, "send-back", action.send_back, address, form, new_date)


@command(
    "postpone", N_("Postpone a matter to a later meeting (bordläggning)."),
    PLAN, *KNOWN_OUTCOME, NEW_DATE, *WRITE,
)  # fmt: skip
def postpone(context: Context, address: str, new_date: date | None, **minutes: Any) -> Answer:
    from wheel.actions import postpone as action

    form = decision(**minutes)
    return context.carry_out(address, "postpone", action.postpone, address, form, new_date)


# ---- corrections -----------------------------------------------------------------------------------------------


@command("undo", N_("Undo a wrong step, while nothing builds on it and no mail has been sent."), ENTRY, *WRITE)
def undo(context: Context, entry: int) -> Answer:
    from wheel.actions import undo as action

    return context.carry_out(f"log/{entry}", "undo", action.undo, entry)


@command(
    "correct", N_("Correct the registration of a decision, or the day of a step. The old registration is kept."), ENTRY,
    option("on", "--on", metavar=N_("DATE"), type=day, help=N_("The day of a step that is no decision.")),
    *DECISION, *WRITE,
)  # fmt: skip
def correct(context: Context, entry: int, on: date | None, **minutes: Any) -> Answer:
    from wheel.actions import correct as action

    form = decision(**minutes)
    return context.carry_out(f"log/{entry}", "correct", action.correct, entry, form, on)


# ---- beside the way --------------------------------------------------------------------------------------------


@command(
    "open", N_("Open a cycle with its plans and dates. It is a draft until its timetable is decided."), CYCLE, *SIGNED
)
def open_cycle(context: Context, cycle: str) -> Answer:
    from wheel.cycles import open_cycle
    from workflows.dates.date_rules import YEAR_LIMITS

    context.may_write()
    definition = context.app.newest()
    kind, year = open_cycle.cycle_named(definition, cycle)
    for each in YEAR_LIMITS["Y" if kind == "budget" else "E"]:
        check_year(year + each, cycle)
    return context.carry_out(cycle, "open", open_cycle.open_cycle, definition, cycle)


@command(
    "move-deadline", N_("Move a plan's deadline. Requires --reason."),
    PLAN, argument("new", N_("DATE"), N_("The new deadline, such as 2027-03-24."), type=day),
    option(
        "--state", metavar=N_("STATE"),
        help=N_("The state whose deadline it is. Default: the present one; of an upcoming plan its first."),
    ), *WRITE,
)  # fmt: skip
def move_deadline(context: Context, address: str, new: date, state: str | None) -> Answer:
    from wheel.actions import move_deadline as action

    return context.carry_out(address, "move-deadline", action.move_deadline, address, new, state)


@command(
    "hold",
    N_("Pause a plan: it does not move and nobody gets reminders. Requires --reason."),
    PLAN,
    WITH_BOARDS,
    *WRITE,
)
def hold(context: Context, address: str, with_boards: bool | None) -> Answer:
    from wheel.actions import hold as action

    return context.carry_out(address, "hold", action.hold, address, with_boards)


@command("release", N_("Release a paused plan, or retry one that was put aside."), PLAN, WITH_BOARDS, *WRITE)
def release(context: Context, address: str, with_boards: bool | None) -> Answer:
    from wheel.actions import hold as action

    return context.carry_out(address, "release", action.release, address, with_boards)


@command(
    "snooze", N_("Withhold a plan's reminders until a day, or stop withholding them. Requires --reason."), PLAN,
    option("--until", metavar=N_("DATE"), type=day, help=N_("The day on which reminders start again.")),
    flag("--end", help=N_("Reminders start again now.")), *WRITE,
)  # fmt: skip
def snooze(context: Context, address: str, until: date | None, end: bool) -> Answer:
    from wheel.actions import snooze

    if end and until is None:
        return context.carry_out(address, "snooze", snooze.end_snooze, address)
    if end or until is None:
        raise Usage(N_("Give with --until the day on which reminders start again, or start them now with --end."))
    return context.carry_out(address, "snooze", snooze.snooze, address, until)


@command(
    "reopen", N_("Reopen a decided or withdrawn plan, or take up an optional phase. Requires --reason."), PLAN,
    option(
        "--to", metavar=N_("STATE"), help=N_(
            "In which state. Default: the last state in which somebody had something to do."
        )
    ),
    NEW_DATE, WITH_BOARDS,
    option("boards", "--board", metavar=N_("BOARD"), multiple=True, help=N_(
        "A board that takes part in the phase that is taken up. Can be given several times. Default: all boards."
    )),
    *WRITE,
)  # fmt: skip
def reopen(
    context: Context, address: str, to: str | None, new_date: date | None, with_boards: bool | None, boards: list[str]
) -> Answer:
    from wheel.actions import reopen as action

    return context.carry_out(address, "reopen", action.reopen, address, to, new_date, with_boards, boards)


@command(
    "withdraw", N_("Withdraw a plan from the year, or the plans of a board. Requires --reason."),
    argument("address", N_("PLAN|CYCLE"), N_("A plan's address, or with --board a whole cycle.")),
    WITH_BOARDS,
    option("--board", metavar=N_("BOARD"), help=N_("With a cycle: all plans of that board that are not done.")),
    flag("--not-concerned", help=N_("The board does not take part, as if the wheel had left it out.")), *WRITE,
)  # fmt: skip
def withdraw(
    context: Context, address: str, with_boards: bool | None, board: str | None, not_concerned: bool
) -> Answer:
    from wheel.actions import withdraw as action
    from wheel.plan_address import Address

    where = Address.parse(address)
    if where.phase is None and board is None:
        text = N_(
            "{cycle} is a whole cycle. Withdraw a plan, or give with --board the board whose plans are withdrawn."
        )
        raise Usage(text, cycle=address)
    if where.phase is None:
        return context.carry_out(address, "withdraw", action.withdraw_board, address, board or "", not_concerned)
    if board is not None:
        text = N_("A board's plan in a phase has an address of its own: {plan}. Withdraw that plan.")
        raise Usage(text, plan=str(where._replace(board=board)))
    return context.carry_out(address, "withdraw", action.withdraw, address, with_boards, not_concerned)


@command(
    "unflag", N_("State that a flagged plan has been looked at. Requires --reason."), PLAN, *WRITE
)  # fmt: skip
def unflag(context: Context, address: str) -> Answer:
    from wheel.actions import unflag as action

    return context.carry_out(address, "unflag", action.unflag, address)


@command(
    "remind", N_("Remind those who must take the next step now, or all boards that a phase waits for."),
    PLAN, flag("--yes", help=N_("Remind all boards that are missing.")), *WRITE,
)  # fmt: skip
def remind(context: Context, address: str, yes: bool) -> Answer:
    from wheel.actions import remind

    return context.carry_out(address, "remind", remind.remind, address, sure=yes)
