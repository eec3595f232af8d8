"""The query for the list of decisions, and its sheet."""

from collections.abc import Iterable
from datetime import date
from typing import TextIO

from config.text.texts import Texts
from notifications.spreadsheet import Format, Sheet
from wheel.documents.decisions import DecisionRow, DecisionsDocument
from wheel.engine.decisions import Registration, registrations
from wheel.engine.plan import Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.filters import body_named, plans_of

COLUMNS = ("date", "body", "paragraph", "point", "diary", "outcome", "address", "title", "step", "reason", "registered")


def decisions(
    uow: UnitOfWork,
    texts: Texts,
    *,
    cycle: str | None = None,
    phase: str | None = None,
    board: str | None = None,
    body: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> DecisionsDocument:
    """The decisions that match all filters, by the day of their meeting. `since`, `until`: first and last such day.

    Raises NotFound for a cycle, phase, board or body that does not exist.
    """
    decided_by = body_named(uow, body) if body else None
    found = [
        each
        for each in registrations(uow, plans_of(uow, cycle, phase, board))
        if not each.undone and decided_by in (None, each.form.body)
        and (since or date.min) <= _day(each) <= (until or date.max)
    ]  # fmt: skip
    rows = sorted((_row(each, texts.language) for each in found), key=_in_order)
    return DecisionsDocument(decisions=tuple(rows))


def decisions_of(uow: UnitOfWork, plans: Iterable[Plan], texts: Texts) -> list[DecisionRow]:
    """Those of the plans that nobody has undone, by the day of their meeting."""
    return sorted((_row(each, texts.language) for each in registrations(uow, plans) if not each.undone), key=_in_order)


def _in_order(row: DecisionRow) -> tuple[date, str, int, str]:
    """§ 9 comes before § 88."""
    return row.date, row.body, int(row.paragraph) if row.paragraph.isdecimal() else 0, row.paragraph


def write_sheet(document: DecisionsDocument, file: TextIO, format: Format) -> int:
    """Write the decisions as a sheet with a heading. Returns how many they are."""
    sheet = Sheet(file, format)
    sheet.row(COLUMNS)
    for row in document.decisions:
        sheet.row(getattr(row, name) for name in COLUMNS)
    return len(document.decisions)


def _row(found: Registration, language: str) -> DecisionRow:
    form = found.form
    return DecisionRow(
        address=found.plan.address,
        title=title_of(found.plan, language),
        step=found.step,
        body=form.body,
        date=_day(found),
        paragraph=form.paragraph,
        point=form.point,
        diary=form.diary,
        outcome=form.outcome,
        text=form.text,
        link=form.link,
        details=form.details,
        reason=found.reason,
        registered=found.day,
        corrected=len(found.ids) > 1,
        replaces=found.plan.is_timetable and found.adopts and found.change is None,
    )


def _day(found: Registration) -> date:
    assert found.form.meeting is not None  # a column that is never empty
    return found.form.meeting
