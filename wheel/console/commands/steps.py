"""The commands that take a plan along its way and mend what was typed in."""

from typing import Annotated

import typer

from wheel.console.context import Answer, Context, command
from wheel.console.options import (
    Body,
    Details,
    Diary,
    Entry,
    Link,
    Meeting,
    NewDate,
    Outcome,
    Paragraph,
    PlanAddress,
    Point,
    Text,
    decision,
)
from workflows.messages import N_

Verb = Annotated[
    str, typer.Argument(metavar=N_("STEP"), help=N_("The step's verb, such as decide; `arshjul show` lists them."))
]


def add_to(app: typer.Typer) -> None:
    command(app, "advance", N_("Take a step of a plan, or record the decision that takes it."), "write")(advance)
    command(app, "send-back", N_("Send a plan back to be completed (återremiss); needs --reason."), "write")(send_back)
    command(app, "postpone", N_("A body puts the matter off to a later meeting (bordläggning)."), "write")(postpone)
    command(app, "undo", N_("Take back a wrong click, while nothing followed and nothing was sent."), "write")(undo)
    command(app, "correct", N_("Correct how a decision was registered; the old registration stays."), "write")(correct)


def advance(
    context: Context,
    address: PlanAddress,
    step: Verb,
    body: Body = "",
    date: Meeting = None,
    paragraph: Paragraph = "",
    point: Point = "",
    diary: Diary = "",
    outcome: Outcome = "",
    link: Link = "",
    text: Text = "",
    detail: Details = None,
    new_date: NewDate = None,
) -> Answer:
    from wheel.actions import steps

    form = decision(body, date, paragraph, point, diary, outcome, link, text, detail)
    return context.carry_out(
        address, step, lambda uow, request: steps.advance(uow, request, address, step, form, new_date)
    )


def send_back(
    context: Context,
    address: PlanAddress,
    body: Body = "",
    date: Meeting = None,
    paragraph: Paragraph = "",
    point: Point = "",
    diary: Diary = "",
    link: Link = "",
    text: Text = "",
    detail: Details = None,
    new_date: NewDate = None,
) -> Answer:
    from wheel.actions import steps

    form = decision(body, date, paragraph, point, diary, "", link, text, detail)
    return context.carry_out(
        address, "send-back", lambda uow, request: steps.send_back(uow, request, address, form, new_date)
    )


def postpone(
    context: Context,
    address: PlanAddress,
    body: Body = "",
    date: Meeting = None,
    paragraph: Paragraph = "",
    point: Point = "",
    diary: Diary = "",
    link: Link = "",
    text: Text = "",
    detail: Details = None,
    new_date: NewDate = None,
) -> Answer:
    from wheel.actions import steps

    form = decision(body, date, paragraph, point, diary, "", link, text, detail)
    return context.carry_out(
        address, "postpone", lambda uow, request: steps.postpone(uow, request, address, form, new_date)
    )


def undo(context: Context, entry: Entry) -> Answer:
    from wheel.actions import mending

    return context.carry_out(f"log/{entry}", "undo", lambda uow, request: mending.undo(uow, request, entry))


def correct(
    context: Context,
    entry: Entry,
    date: Meeting = None,
    paragraph: Paragraph = "",
    point: Point = "",
    diary: Diary = "",
    link: Link = "",
    text: Text = "",
    detail: Details = None,
) -> Answer:
    from wheel.actions import mending

    form = decision("", date, paragraph, point, diary, "", link, text, detail)
    return context.carry_out(f"log/{entry}", "correct", lambda uow, request: mending.correct(uow, request, entry, form))
