"""A rehearsed year as programs are shown it: the document of --json."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from config.text.texts import Texts
from wheel.format import utc
from wheel.reads.plans import reason_json
from wheel.rehearsal.recorder import Entry
from wheel.rehearsal.result import Rehearsed

Document = dict[str, Any]
HAPPENS = ("cycle_opened", "opens", "moved", "done", "decided")  # what is done; the rest is owed, late or refused
NEVER = "never"  # a meeting missed, and none ahead

Differing = dict[tuple[Any, ...], Any]


def year_json(year: Rehearsed, texts: Texts) -> Document:
    """Everything about one rehearsed year, or several."""
    return {
        "municipality": year.definition.wheel.name.to(texts.language),
        "policy": year.policy.name,
        "everybody": year.policy.everybody,
        "from": year.first.isoformat(),
        "to": year.last.isoformat(),
        "fresh": year.fresh,
        "calendar": [_entry(entry, year, texts) for entry in year.calendar],
        "mails": [
            {"person": m.person, "name": m.name, "count": len(m.days), "days": [_day(day) for day in m.days]}
            for m in year.mails
        ],
        "lateness": [
            {
                "address": late.address, "state": late.state, "step": late.step, "body": late.body,
                "last": _day(late.last), "done": _day(late.done), "days": late.days, "because": list(late.because),
            }
            for late in year.lateness
        ],
        "missed": [
            {
                "address": m.address, "step": m.step, "body": m.body, "meeting": _day(m.meeting),
                "next": _day(m.next), "because": list(m.because),
            }
            for m in year.missed
        ],
        "unfinished": [
            {
                "address": u.address, "state": u.state, "last": _day(u.last), "body": u.body,
                "reasons": [reason_json(reason, texts, year.definition) for reason in u.reasons],
            }
            for u in year.unfinished
        ],
        "undecided": [
            {"address": u.address, "state": u.state, "bound": u.bound, "body": u.body, "source": u.source}
            for u in year.undecided
        ],
        "not_woken": [{"address": plan.address, "trouble": plan.trouble} for plan in year.not_woken],
        "summary": summary(year),
    }  # fmt: skip


def summary(year: Rehearsed) -> dict[str, int]:
    """The year in numbers."""
    decided = [entry for entry in year.calendar if entry.what == "decided"]
    return {
        "openings": sum(entry.what == "opens" for entry in year.calendar),
        "decisions": len(decided),
        "without_meeting": sum(entry.meeting is False for entry in decided),
        "mails": year.mail_count,
        "people": len(year.mails),
        "late": len(year.lateness),
        "most_days_late": max((late.days for late in year.lateness), default=0),
        "missed": len(year.missed),
        "unfinished": len(year.unfinished),
        "undecided": len(year.undecided),
        "not_woken": len(year.not_woken),
    }


def _entry(entry: Entry, year: Rehearsed, texts: Texts) -> Document:
    return {
        "date": _day(entry.day),
        "what": entry.what,
        "address": entry.address,
        "cycle": entry.cycle,
        "phase": entry.phase,
        "board": entry.board,
        "state": entry.state or None,
        "step": entry.step,
        "body": entry.body,
        "last": _day(entry.last),
        "known_meeting": entry.meeting,
        "at": utc(entry.at),
        "reasons": [reason_json(reason, texts, year.definition) for reason in entry.reasons],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


# ---- two years -------------------------------------------------------------------------------------------------


def pair_json(first: Rehearsed, second: Rehearsed, texts: Texts) -> Document:
    """Both years whole, and their differences: null where something is in one of them alone."""
    return {
        "first": year_json(first, texts),
        "second": year_json(second, texts),
        "differences": {
            "calendar": _differ(("address", "what", "state", "step"), _happened(first), _happened(second)),
            "mails": _differ(("person",), _counts(first), _counts(second)),
            "lateness": _differ(("address", "state"), _days_late(first), _days_late(second)),
            "missed": _differ(("address", "step", "body", "meeting"), _meetings(first), _meetings(second)),
        },
    }


def _happened(year: Rehearsed) -> Differing:
    return {(e.address, e.what, e.state, e.step): e.day.isoformat() for e in year.calendar if e.what in HAPPENS}


def _counts(year: Rehearsed) -> Differing:
    return {(m.person,): len(m.days) for m in year.mails}


def _days_late(year: Rehearsed) -> Differing:
    return {(late.address, late.state): late.days for late in year.lateness}


def _meetings(year: Rehearsed) -> Differing:
    return {(m.address, m.step, m.body, m.meeting.isoformat()): _iso(m.next) or NEVER for m in year.missed}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _differ(names: Iterable[str], first: Differing, second: Differing) -> list[Document]:
    keys = [key for key in dict.fromkeys([*first, *second]) if first.get(key) != second.get(key)]
    return [{**dict(zip(names, key, strict=True)), "first": first.get(key), "second": second.get(key)} for key in keys]
