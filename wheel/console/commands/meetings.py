"""The commands about the bodies' meetings."""

from datetime import date
from pathlib import Path

from wheel.console.command import Group, command
from wheel.console.context import Answer, Context
from wheel.console.options import PATH, READ, REASON, SIGNED, argument, option
from wheel.console.values import day, number
from workflows.messages import N_

BODY = argument("body", N_("BODY"), N_("The body, such as kf or KF."))
DAY = argument("day", N_("DATE"), N_("The day of the meeting, such as 2027-02-24."), type=day)


@command(
    "list", N_("List the meeting days."),
    option("--body", metavar=N_("BODY"), help=N_("The body, such as ks or KS.")),
    option("--year", metavar=N_("YEAR"), type=number, help=N_("Only that year.")),
    *READ,
)  # fmt: skip
def list_meetings(context: Context, body: str | None, year: int | None) -> Answer:
    from wheel.reads import filters, registers

    with context.reading() as uow:
        body = body and filters.body_named(uow, body, context.wheel_of_files())
        document = registers.meetings(uow.session, body, year)
    lines = [f"{meeting.date}  {meeting.body}" for meeting in document.meetings]
    return Answer(document, lambda: lines or [context.texts("No meetings.")])


@command("add", N_("Add a meeting. Dates that depend on the meeting follow."), BODY, DAY, REASON, *SIGNED)
def add_meeting(context: Context, body: str, day: date) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    body = definition.wheel.body_named(body)
    return context.carry_out(body, "meetings", meetings.add, definition, body, day)


@command("remove", N_("Remove a meeting."), BODY, DAY, REASON, *SIGNED)
def remove_meeting(context: Context, body: str, day: date) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    body = definition.wheel.body_named(body)
    return context.carry_out(body, "meetings", meetings.remove, definition, body, day)


@command(
    "move", N_("Move a meeting. Dates that depend on the meeting follow."), BODY, DAY,
    argument("new", N_("NEW_DATE"), N_("The day that the meeting is moved to."), type=day), REASON, *SIGNED,
)  # fmt: skip
def move_meeting(context: Context, body: str, day: date, new: date) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    body = definition.wheel.body_named(body)
    return context.carry_out(body, "meetings", meetings.move, definition, body, day, new)


@command(
    "import", N_("Import meetings from a file: .toml, .csv or .ics."),
    argument("file", N_("FILE"), N_("The calendar: TOML, CSV or iCalendar."), type=PATH),
    option(
        "--body", metavar=N_("BODY"), help=N_("The body, if the file names none. Otherwise only that body.")
    ),
    option(
        "--replace", metavar=N_("YEAR"), type=number, help=N_("Remove that body's other meetings of the year.")
    ),
    REASON, *SIGNED,
)  # fmt: skip
def import_meetings(context: Context, file: Path, body: str | None, replace: int | None) -> Answer:
    from config.municipality import meeting_files
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    body = body and definition.wheel.body_named(body)
    meetings.check_body(definition, body)
    wheel, year = definition.wheel, definition.wheel.calendar.local_date(context.clock()).year
    found = meeting_files.read(file, wheel.bodies, wheel.zone, body, year)
    left_out = tuple(found.passed_over), tuple(found.cancelled)
    calendars = meetings.Calendars(found.days, file.name, replace, *left_out, found.off)
    return context.carry_out(", ".join(found.days), "meetings", meetings.import_meetings, definition, calendars)


meetings = Group(
    "meetings", N_("The bodies' meetings."),
    list_meetings, add_meeting, remove_meeting, move_meeting, import_meetings,
)  # fmt: skip
