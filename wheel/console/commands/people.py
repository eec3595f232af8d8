"""The commands about people and their roles."""

from datetime import date
from typing import TYPE_CHECKING, Any

from wheel.console.command import Group, command
from wheel.console.context import Answer, Context
from wheel.console.options import READ, SIGNED, argument, option
from wheel.console.values import OneOf, day
from workflows.messages import N_

if TYPE_CHECKING:
    from workflows.definition.definition import Definition

PERSON = argument("id", N_("PERSON"), N_("The person's id. The log contains only the id."))
NAME = option("--name", metavar=N_("TEXT"), default="", help=N_("The name as people see it."))
ROLE = option("--role", metavar=N_("ROLE"), help=N_("The role."))
OF_BODY = option("--body", metavar=N_("BODY"), help=N_("The body, such as ks or KS."))
FIRST = option("first", "--from", metavar=N_("DATE"), type=day, help=N_("The role's first day."))
LAST = option("last", "--to", "--until", metavar=N_("DATE"), type=day, help=N_("The role's last day."))


def _language(default: str) -> Any:
    help = N_("The language of their mail.")
    return option("--language", metavar="sv|en", type=OneOf("sv", "en"), default=default, help=help)


def _id(definition: "Definition", body: str | None) -> str:
    """The id of a body that is written by its id, short name or name; "" for none."""
    return definition.wheel.body_named(body) if body else ""


@command("list", N_("List people and their roles."), ROLE, OF_BODY, *READ)
def list_people(context: Context, role: str | None, body: str | None) -> Answer:
    from wheel.console.printing.registers import say_people
    from wheel.reads import filters, registers

    role = role and filters.role_named(role)
    with context.reading() as uow:
        body = body and filters.body_named(uow, body, context.wheel_of_files())
        document = registers.people(uow.session, role, body)
    return Answer(document, lambda: say_people(document, context.texts))


@command(
    "add", N_("Add a person, or a board's function address."), PERSON, NAME,
    option("--email", metavar=N_("ADDRESS"), default="", help=N_("The mail address.")),
    _language("sv"), ROLE, OF_BODY, FIRST, LAST, *SIGNED,
)  # fmt: skip
def add_person(
    context: Context,
    id: str,
    name: str,
    email: str,
    language: str,
    role: str | None,
    body: str | None,
    first: date | None,
    last: date | None,
) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    grant = people.RoleGrant(role, _id(definition, body), first, last) if role else None
    return context.carry_out(
        id,
        "people",
        people.add,
        definition,
        id,
        name or id,
        email,
        language,
        grant,
    )


@command(
    "change", N_("Change a person's name, address or language."), PERSON, NAME,
    option(
        "--email", metavar=N_("ADDRESS"),
        help=N_('Mail address. Write "" to remove it; others are then told.'),
    ),
    _language(""), *SIGNED,
)  # fmt: skip
def change_person(context: Context, id: str, name: str, email: str | None, language: str) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    changes = {"name": name or None, "email": email, "language": language or None}
    given = {field: value for field, value in changes.items() if value is not None}
    return context.carry_out(id, "people", people.change, definition, id, given)


@command(
    "role", N_("Give a person a role."), PERSON,
    argument("role", N_("ROLE"), N_("The role, such as officer or secretary.")), OF_BODY, FIRST, LAST,
    option(
        "--instead-of", metavar=N_("PERSON"), help=N_("As substitute for that person, who gets no mail meanwhile.")
    ),
    *SIGNED,
)  # fmt: skip
def give_role(
    context: Context,
    id: str,
    role: str,
    body: str | None,
    first: date | None,
    last: date | None,
    instead_of: str | None,
) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    grant = people.RoleGrant(role, _id(definition, body), first, last, instead_of)
    return context.carry_out(id, "people", people.give, definition, id, grant)


@command("end", N_("End a role, or all roles of a person."), PERSON, ROLE, OF_BODY, LAST, *SIGNED)
def end_role(context: Context, id: str, role: str | None, body: str | None, last: date | None) -> Answer:
    from wheel.actions import people

    context.may_write()
    definition = context.app.newest()
    day = last or definition.wheel.calendar.local_date(context.app.clock())
    of = _id(definition, body) if body is not None else None
    return context.carry_out(id, "people", people.end, definition, id, role, of, day)


@command(
    "invite", N_("Make a link by which a person chooses a password for the web pages."), PERSON, *SIGNED,
)  # fmt: skip
def invite(context: Context, id: str) -> Answer:
    from wheel.accounts.invitations import invite
    from wheel.accounts.tokens import new_token
    from wheel.documents.writes import InvitationDocument

    context.may_write()
    token = new_token()
    answer = context.carry_out(id, "people", invite, id, token)
    link = None if context.dry_run else f"{context.app.web_address}/valkommen/{token}"
    document = InvitationDocument(**dict(answer.document), link=link)

    def say() -> list[str]:
        lines = answer.say()
        if link:
            lines += [
                context.texts("Give this link to the person. It works once, within three days:"),
                link,
            ]
        return lines

    return Answer(document, say)


people = Group("people", N_("People and roles."), list_people, add_person, change_person, give_role, end_role, invite)
