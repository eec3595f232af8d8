"""Makes the documents of a rehearsed year, and of two beside each other."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from config.text.texts import Texts
from wheel.documents.rehearsal import (
    DayDifference,
    DifferencesDocument,
    EntryDocument,
    LatenessDifference,
    LatenessDocument,
    MailDifference,
    MailedDocument,
    MissedDifference,
    MissedDocument,
    NotWokenDocument,
    PairDocument,
    SummaryDocument,
    UndecidedDocument,
    UnfinishedDocument,
    YearDocument,
)
from wheel.reads.result_documents import reason_document
from wheel.rehearsal.recorder import Entry
from wheel.rehearsal.result import RehearsalResult

HAPPENS = ("cycle_opened", "opens", "moved", "done", "decided")  # what is done; the rest is owed, late or refused

Key = tuple[Any, ...]
D = TypeVar("D")


def year_document(year: RehearsalResult, texts: Texts) -> YearDocument:
    """Everything about one rehearsed year, or several."""
    return YearDocument(
        municipality=year.definition.wheel.name.to(texts.language),
        policy=year.policy.name,
        everybody=year.policy.everybody,
        from_=year.first,
        to=year.last,
        fresh=year.fresh,
        calendar=tuple(_entry(entry, year, texts) for entry in year.calendar),
        mails=tuple(MailedDocument(person=m.person, name=m.name, count=len(m.days), days=m.days) for m in year.mails),
        lateness=tuple(LatenessDocument(**vars(late)) for late in year.lateness),
        missed=tuple(MissedDocument(**vars(missed)) for missed in year.missed),
        unfinished=tuple(
            UnfinishedDocument(
                address=u.address,
                state=u.state,
                last=u.last,
                body=u.body,
                reasons=tuple(reason_document(reason, texts, year.definition) for reason in u.reasons),
            )
            for u in year.unfinished
        ),
        undecided=tuple(UndecidedDocument(**vars(each)) for each in year.undecided),
        not_woken=tuple(NotWokenDocument(**vars(each)) for each in year.not_woken),
        summary=summary(year),
    )


def summary(year: RehearsalResult) -> SummaryDocument:
    """The year in numbers."""
    decided = [entry for entry in year.calendar if entry.what == "decided"]
    return SummaryDocument(
        openings=sum(entry.what == "opens" for entry in year.calendar),
        decisions=len(decided),
        without_meeting=sum(entry.meeting is False for entry in decided),
        mails=year.mail_count,
        people=len(year.mails),
        late=len(year.lateness),
        most_days_late=max((late.days for late in year.lateness), default=0),
        missed=len(year.missed),
        unfinished=len(year.unfinished),
        undecided=len(year.undecided),
        not_woken=len(year.not_woken),
    )


def _entry(entry: Entry, year: RehearsalResult, texts: Texts) -> EntryDocument:
    return EntryDocument(
        date=entry.day,
        what=entry.what,
        address=entry.address,
        cycle=entry.cycle,
        phase=entry.phase,
        board=entry.board,
        state=entry.state or None,
        step=entry.step,
        body=entry.body,
        last=entry.last,
        known_meeting=entry.meeting,
        at=entry.at,
        clock=entry.clock,
        reasons=tuple(reason_document(reason, texts, year.definition) for reason in entry.reasons),
    )


# ---- two years -------------------------------------------------------------------------------------------------


def pair_document(first: RehearsalResult, second: RehearsalResult, texts: Texts) -> PairDocument:
    """Both years in full, and their differences."""
    return PairDocument(
        first=year_document(first, texts),
        second=year_document(second, texts),
        differences=DifferencesDocument(
            calendar=_differ(DayDifference, ("address", "what", "state", "step"), _days, first, second),
            mails=_differ(MailDifference, ("person",), _mail_counts, first, second),
            lateness=_differ(LatenessDifference, ("address", "state"), _days_late, first, second),
            missed=_differ(MissedDifference, ("address", "step", "body", "meeting"), _meetings, first, second),
        ),
    )


def _days(year: RehearsalResult) -> dict[Key, date]:
    return {(e.address, e.what, e.state, e.step): e.day for e in year.calendar if e.what in HAPPENS}


def _mail_counts(year: RehearsalResult) -> dict[Key, int]:
    return {(m.person,): len(m.days) for m in year.mails}


def _days_late(year: RehearsalResult) -> dict[Key, int]:
    return {(late.address, late.state): late.days for late in year.lateness}


def _meetings(year: RehearsalResult) -> dict[Key, "date | str"]:
    return {(m.address, m.step, m.body, m.meeting): m.next or "never" for m in year.missed}


def _differ(
    document: Callable[..., D],
    names: tuple[str, ...],
    of: Callable[[RehearsalResult], dict[Key, Any]],
    one: RehearsalResult,
    other: RehearsalResult,
) -> tuple[D, ...]:
    """A document for each key whose values differ; `names` are the names of the parts of a key."""
    first, second = of(one), of(other)
    keys = [key for key in dict.fromkeys([*first, *second]) if first.get(key) != second.get(key)]
    return tuple(
        document(**dict(zip(names, key, strict=True)), first=first.get(key), second=second.get(key)) for key in keys
    )
