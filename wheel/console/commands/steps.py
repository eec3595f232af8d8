"""The commands that take a plan along its way and mend what was typed in."""

from typing import Annotated

import typer

from wheel.console.context import Answer, Door, command
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
    Plan,
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
    door: Door,
    address: Plan,
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
    return door.carry_out(address, step, lambda work, act: steps.advance(work, act, address, step, form, new_date))


def send_back(
    door: Door,
    address: Plan,
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
    return door.carry_out(address, "send-back", lambda work, act: steps.send_back(work, act, address, form, new_date))


def postpone(
    door: Door,
    address: Plan,
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
    return door.carry_out(address, "postpone", lambda work, act: steps.postpone(work, act, address, form, new_date))


def undo(door: Door, entry: Entry) -> Answer:
    from wheel.actions import mending

    return door.carry_out(f"log/{entry}", "undo", lambda work, act: mending.undo(work, act, entry))


def correct(
    door: Door,
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
    return door.carry_out(f"log/{entry}", "correct", lambda work, act: mending.correct(work, act, entry, form))
