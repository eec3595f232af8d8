"""The commands beside a plan's way: open a cycle, move a deadline, hold, release, withdraw, reopen, remind."""

from datetime import date
from typing import Annotated

import typer

from wheel.console.context import Answer, Context, command
from wheel.console.options import NewDate, PlanAddress
from wheel.console.values import check_year, day
from wheel.errors import Usage
from workflows.messages import N_

CycleName = Annotated[
    str, typer.Argument(metavar=N_("CYCLE"), help=N_("The cycle's name, such as 2028 or mandat-2026."))
]
NewDay = Annotated[date, typer.Argument(metavar=N_("DATE"), parser=day, help=N_("The new last day, as 2027-03-24."))]
State = Annotated[
    str | None, typer.Option("--state", metavar=N_("STATE"), help=N_("Another state than the present one."))
]
Until = Annotated[
    date | None,
    typer.Option("--until", metavar=N_("DATE"), parser=day, help=N_("The day from which on they come again.")),
]
End = Annotated[bool, typer.Option("--end", help=N_("They come again from now on."))]
Yes = Annotated[bool, typer.Option("--yes", help=N_("Remind all the boards that are missing."))]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar=N_("STATE"), help=N_("In which state; otherwise the last one in which something was owed.")
    ),
]


def add_to(app: typer.Typer) -> None:
    command(
        app, "open", N_("Open a cycle: its plans with their dates, a draft until its timetable is decided."), "sign"
    )(open_cycle)
    command(app, "move-deadline", N_("Give a plan's state another last day; needs --reason."), "write")(move_deadline)
    command(app, "hold", N_("Stop a plan: nothing moves it and nobody is reminded; needs --reason."), "write")(hold)
    command(app, "release", N_("Let a held plan, or one that was put aside, go on."), "write")(release)
    command(app, "snooze", N_("Withhold a plan's reminders until a day, or end that; needs --reason."), "write")(snooze)
    command(app, "reopen", N_("Open a decided or withdrawn plan again; needs --reason."), "write")(reopen)
    command(app, "withdraw", N_("Take a plan out of the year; needs --reason."), "write")(withdraw)
    command(
        app, "remind", N_("Remind those who owe the next step now, or all boards that a phase waits for."), "write"
    )(remind)


def open_cycle(context: Context, cycle: CycleName) -> Answer:
    from wheel.cycles import open_cycle
    from workflows.dates.dates import YEAR_LIMITS

    context.may_write()
    definition = context.app.newest()
    kind, year = open_cycle.cycle_named(definition, cycle)
    for each in YEAR_LIMITS["Y" if kind == "budget" else "E"]:
        check_year(year + each, cycle)
    return context.carry_out(cycle, "open", lambda uow, _: open_cycle.open_cycle(uow, definition, cycle))


def move_deadline(context: Context, address: PlanAddress, new: NewDay, state: State = None) -> Answer:
    from wheel.actions import upkeep

    return context.carry_out(
        address, "move-deadline", lambda uow, request: upkeep.move_deadline(uow, request, address, new, state)
    )


def hold(context: Context, address: PlanAddress) -> Answer:
    from wheel.actions import upkeep

    return context.carry_out(address, "hold", lambda uow, request: upkeep.hold(uow, request, address))


def release(context: Context, address: PlanAddress) -> Answer:
    from wheel.actions import upkeep

    return context.carry_out(address, "release", lambda uow, request: upkeep.release(uow, request, address))


def snooze(context: Context, address: PlanAddress, until: Until = None, end: End = False) -> Answer:
    from wheel.actions import snooze

    if end and until is None:
        return context.carry_out(address, "snooze", lambda uow, request: snooze.end_snooze(uow, request, address))
    if end or until is None:
        raise Usage(N_("Say either with --until from which day on its reminders come again, or --end: from now on."))
    return context.carry_out(address, "snooze", lambda uow, request: snooze.snooze(uow, request, address, until))


def reopen(context: Context, address: PlanAddress, to: To = None, new_date: NewDate = None) -> Answer:
    from wheel.actions import upkeep

    return context.carry_out(address, "reopen", lambda uow, request: upkeep.reopen(uow, request, address, to, new_date))


def withdraw(context: Context, address: PlanAddress) -> Answer:
    from wheel.actions import upkeep

    return context.carry_out(address, "withdraw", lambda uow, request: upkeep.withdraw(uow, request, address))


def remind(context: Context, address: PlanAddress, yes: Yes = False) -> Answer:
    from wheel.actions import remind

    return context.carry_out(address, "remind", lambda uow, request: remind.remind(uow, request, address, sure=yes))
