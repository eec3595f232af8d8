"""Loggen: whether it is whole, what has happened in sentences, and each entry as it is stored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from wheel.errors import NotFound, Usage
from wheel.past.proof import LastCheck, last_check
from wheel.reads.log_entries import EXAMINED, LogPage, Sought, log_page, log_size, stored_entry
from wheel.reads.log_sentences import ACTIONS, Told, counted, tell
from wheel.reads.registers import body_names, person_names
from wheel.tick.log_check import check_log
from wheel.web.forms import Form
from wheel.web.visit import Site, Visit, parse_day, visiting

router = APIRouter()

AGAIN = timedelta(minutes=1)  # before that nobody has the whole log read again
NOTHING = LogPage((), None, None, unfinished=False)
FILTERS = ("objekt", "person", "organ", "handelse", "fran", "till")


@dataclass(frozen=True)
class Row:
    """One entry, or those that are counted. `first`: the number of the oldest."""

    at: datetime | None
    first: int
    last: int
    told: Told | None
    counted: str


@router.get("/logg")
def log(request: Request, fore: int | None = None, efter: int | None = None, alla: bool = False) -> Response:
    with visiting(request, "log") as visit:
        form = Form({name: request.query_params.get(name, "") for name in FILTERS})
        sought = _sought(visit, form)
        page = NOTHING
        try:
            if form.ok:
                page = log_page(visit.uow, sought, before=fore, after=efter, whole=alla)
        except NotFound as error:
            form.faults["objekt"] = visit.texts(error.message, **error.facts)
        rows = list(_rows(visit, page))
        last = last_check(visit.uow.home.log_fault)
        return visit.page(
            "log.html.j2",
            200 if form.ok else 422,
            form=form,
            asked={name: form.get(name) for name in FILTERS if form.get(name)},
            whole=alla,
            page=page,
            days=[(day, list(group)) for day, group in groupby(rows, lambda row: row.at and row.at.date())],
            last=last,
            most=EXAMINED,
            checked=_checked(visit, last),
            persons=sorted(person_names(visit.uow.session).items(), key=lambda each: each[1]),
            bodies=body_names(visit.uow, visit.texts.language),
            actions=sorted(((id, visit.texts(label)) for id, label in ACTIONS.items()), key=lambda each: each[1]),
        )


@router.post("/logg")
def check(request: Request) -> Response:
    """The daily check, now. Whoever asks again at once gets the answer that is there."""
    site: Site = request.app.state.site
    with site.log_check:
        with visiting(request, "log") as visit:
            last = last_check(visit.uow.home.log_fault)
        now = site.app.clock()
        if last.at is None or abs(now - last.at) >= AGAIN:
            check_log(site.app.store, site.app.mail, now)
    return RedirectResponse(site.url("/logg"), 303)


@router.get("/logg/{seq:int}")
def log_entry(request: Request, seq: int) -> Response:
    with visiting(request, "log") as visit:
        stored = stored_entry(visit.uow, seq)
        told = tell(visit.uow, [stored.record], visit.texts)[0] if stored.record else None
        data = json.dumps(json.loads(stored.payload), ensure_ascii=False, indent=2) if stored.record else stored.payload
        at = visit.local(datetime.fromisoformat(stored.record["at"])) if stored.record else None
        return visit.page("log_entry.html.j2", stored=stored, told=told, at=at, data=data)


def _sought(visit: Visit, form: Form) -> Sought:
    def day(name: str) -> date | None:
        try:
            return parse_day(form.get(name))
        except Usage as error:
            form.faults[name] = visit.texts(error.message, **error.facts)
            return None

    return Sought(
        subject=form.get("objekt") or None,
        person=form.get("person") or None,
        body=form.get("organ") or None,
        action=form.get("handelse") or None,
        since=day("fran"),
        until=day("till"),
    )


def _checked(visit: Visit, last: LastCheck) -> str:
    """How many entries were checked when, and how many there are more by now."""
    t, size = visit.texts, log_size(visit.uow)
    if last.at is None:
        return t.plural("{count} entry.", "{count} entries.", size, count=t.number(size))
    said = t.plural(
        "{count} entry, checked {when}.",
        "{count} entries, checked {when}.",
        last.entries,
        count=t.number(last.entries),
        when=visit.when(last.at),
    )
    if new := size - last.entries:
        more = t.plural(
            "{count} entry has been added since.", "{count} entries have been added since.", new, count=t.number(new)
        )
        said = f"{said} {more}"
    return said


def _rows(visit: Visit, page: LogPage) -> Iterator[Row]:
    told = iter(tell(visit.uow, [row[0] for row in page.rows if len(row) == 1], visit.texts))
    for row in page.rows:
        newest, oldest = row[0], row[-1]
        at = visit.local(datetime.fromisoformat(newest["at"])) if newest["at"] else None
        alone = len(row) == 1
        said = "" if alone else counted(row[::-1], visit.texts)
        yield Row(at, oldest["seq"], newest["seq"], next(told) if alone else None, said)
