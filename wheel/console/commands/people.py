"""The commands about people and meetings."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from wheel.console.context import REASON, Answer, Context, command
from wheel.console.help import Group
from wheel.console.values import day, number, one_of
from workflows.messages import N_


def _option(flag: str, metavar: str, help: str, **how: Any) -> Any:
    return typer.Option(flag, metavar=metavar, help=help, **how)


Id = Annotated[str, typer.Argument(metavar=N_("PERSON"), help=N_("The person's id; the log knows people by it alone."))]
RoleName = Annotated[str, typer.Argument(metavar=N_("ROLE"), help=N_("The role, such as officer or secretary."))]
Name = Annotated[str, _option("--name", N_("TEXT"), N_("The name as people read it."))]
Email = Annotated[str, _option("--email", N_("ADDRESS"), N_("The mail address."))]
NewEmail = Annotated[
    str | None,
    _option("--email", N_("ADDRESS"), N_('The mail address; "" takes it away, and others are told instead.')),
]
Language = Annotated[str, _option("--language", "sv|en", N_("The language of their mail."), parser=one_of("sv", "en"))]
Role = Annotated[str | None, _option("--role", N_("ROLE"), N_("The role."))]
OfBody = Annotated[str | None, _option("--body", N_("BODY"), N_("The body, such as ks."))]
From = Annotated[date | None, _option("--from", N_("DATE"), N_("The first day."), parser=day)]
Until = Annotated[
    date | None, typer.Option("--to", "--until", metavar=N_("DATE"), parser=day, help=N_("The last day."))
]
InsteadOf = Annotated[
    str | None, _option("--instead-of", N_("PERSON"), N_("As that person's substitute, who gets no mail meanwhile."))
]
Body = Annotated[str, typer.Argument(metavar=N_("BODY"), help=N_("The body, such as kf."))]
Day = Annotated[date, typer.Argument(metavar=N_("DATE"), parser=day, help=N_("The day of the meeting, as 2027-02-24."))]
NewDay = Annotated[date, typer.Argument(metavar=N_("NEW_DATE"), parser=day, help=N_("The day that it is moved to."))]
File = Annotated[Path, typer.Argument(metavar=N_("FILE"), help=N_("The calendar: TOML, CSV or iCalendar."))]
Whose = Annotated[
    str | None, _option("--body", N_("BODY"), N_("The body, where the file names none; otherwise only that body."))
]
Replace = Annotated[
    int | None, _option("--replace", N_("YEAR"), N_("Take that body's other meetings of the year away."), parser=number)
]
Year = Annotated[int | None, _option("--year", N_("YEAR"), N_("Only of that year."), parser=number)]


def add_to(app: typer.Typer) -> None:
    people = typer.Typer(cls=Group)
    command(people, "list", N_("List people and their roles."))(list_people)
    command(people, "add", N_("Add a person, or a board's function address."), "sign")(add_person)
    command(people, "change", N_("Change a person's name, address or language."), "sign")(change_person)
    command(people, "role", N_("Give a person a role."), "sign")(give_role)
    command(people, "end", N_("End a role, or all that a person is."), "sign")(end_role)
    app.add_typer(people, name="people", help=N_("Who there is, and who is what."))
    meetings = typer.Typer(cls=Group)
    command(meetings, "list", N_("List the meeting days."))(list_meetings)
    command(meetings, "add", N_("Add a meeting; the dates that wait for it follow."), "sign", REASON)(add_meeting)
    command(meetings, "remove", N_("Take a meeting away."), "sign", REASON)(remove_meeting)
    command(meetings, "move", N_("Move a meeting; the dates that wait for it follow."), "sign", REASON)(move_meeting)
    command(meetings, "import", N_("Take over meetings from a file: .toml, .csv or .ics."), "sign", REASON)(
        import_meetings
    )
    app.add_typer(meetings, name="meetings", help=N_("When the bodies meet."))


def list_people(context: Context, role: Role = None, body: OfBody = None) -> Answer:
    from wheel.reads import registers

    with context.reading() as uow:
        document = {"people": registers.people(uow.session, role, body)}
    return Answer(document, lambda: _say_people(document["people"]))


def _say_people(people: list[dict[str, Any]]) -> list[str]:
    from wheel.console.printing.plans import wrapped

    lines = []
    for person in people:
        lines += wrapped(f"{person['person']}: {person['name']} <{person['email']}>", "", "    ")
        for role in person["roles"]:
            days = " – ".join(filter(None, (role["from"], role["to"]))) if role["from"] or role["to"] else ""
            instead = f"({role['instead_of']})" if "instead_of" in role else ""
            lines.append("    " + " ".join(filter(None, (role["role"], role["body"], days, instead))))
    return lines


def add_person(
    context: Context,
    id: Id,
    name: Name = "",
    email: Email = "",
    language: Language = "sv",
    role: Role = None,
    body: OfBody = None,
    first: From = None,
    last: Until = None,
) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    grant = people.RoleGrant(role, body or "", first, last) if role else None
    return context.carry_out(
        id,
        "people",
        lambda uow, request: people.add(uow, request, definition, id, name or id, email, language, grant),
    )


def change_person(context: Context, id: Id, name: Name = "", email: NewEmail = None, language: Language = "") -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    changes = {"name": name or None, "email": email, "language": language or None}
    given = {field: value for field, value in changes.items() if value is not None}
    return context.carry_out(id, "people", lambda uow, request: people.change(uow, request, definition, id, **given))


def give_role(
    context: Context,
    id: Id,
    role: RoleName,
    body: OfBody = None,
    first: From = None,
    last: Until = None,
    instead_of: InsteadOf = None,
) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    grant = people.RoleGrant(role, body or "", first, last, instead_of)
    return context.carry_out(id, "people", lambda uow, request: people.give(uow, request, definition, id, grant))


def end_role(context: Context, id: Id, role: Role = None, body: OfBody = None, last: Until = None) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    day = last or definition.wheel.calendar.local_date(context.app.clock())
    return context.carry_out(
        id, "people", lambda uow, request: people.end(uow, request, definition, id, role, body, day)
    )


def list_meetings(context: Context, body: OfBody = None, year: Year = None) -> Answer:
    from wheel.reads import registers

    with context.reading() as uow:
        document = {"meetings": registers.meetings(uow.session, body, year)}
    return Answer(document, lambda: [f"{m['date']}  {m['body']}" for m in document["meetings"]])


def add_meeting(context: Context, body: Body, day: Day) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    return context.carry_out(body, "meetings", lambda uow, request: meetings.add(uow, request, definition, body, day))


def remove_meeting(context: Context, body: Body, day: Day) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    return context.carry_out(
        body, "meetings", lambda uow, request: meetings.remove(uow, request, definition, body, day)
    )


def move_meeting(context: Context, body: Body, day: Day, new: NewDay) -> Answer:
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    return context.carry_out(
        body, "meetings", lambda uow, request: meetings.move(uow, request, definition, body, day, new)
    )


def import_meetings(context: Context, file: File, body: Whose = None, replace: Replace = None) -> Answer:
    from config.municipality import meeting_files
    from wheel.actions import meetings

    context.may_write()
    definition = context.app.newest()
    meetings.check_body(definition, body)
    wheel, year = definition.wheel, definition.wheel.calendar.local_date(context.clock()).year
    found = meeting_files.read(file, wheel.bodies, wheel.zone, body, year)
    calendars = meetings.Calendars(found.days, file.name, replace, tuple(found.passed_over))
    return context.carry_out(
        ", ".join(found.days), "meetings", lambda uow, request: meetings.take_in(uow, request, definition, calendars)
    )
