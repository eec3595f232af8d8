"""The query for entries of the log: about something, or done by a person or a body."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from sqlalchemy import bindparam, select

from config.municipality.roles import DAEMON
from wheel.audit.journal import LogRecord, as_shown
from wheel.database.tables import LogEntry
from wheel.documents.registers import LogDocument
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound
from wheel.plan_address import Address
from wheel.reads.filters import body_named, person_named, responsible_named
from wheel.reads.registers import definitions_of
from workflows.definition.definition import Definition
from workflows.messages import N_

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_FROM = select(_ENTRY.c.payload).where(_ENTRY.c.seq >= bindparam("seq")).order_by(_ENTRY.c.seq)
_ABOUT = select(_ENTRY.c.seq).where(_ENTRY.c.subject == bindparam("of")).limit(1)
_NEWEST = select(_ENTRY.c.payload).order_by(_ENTRY.c.seq.desc())


def log_entries(
    uow: UnitOfWork,
    subject: str | None = None,
    since: int | None = None,
    limit: int | None = None,
    *,
    person: str | None = None,
    body: str | None = None,
) -> LogDocument:
    """The newest entries that match, or those from `since` on; oldest first.

    `subject`: what they are about; of a person or a body also what it did. `person`, `body`: only what it did. A body
    did what it decided, the steps that are its own, and what was done to its meetings.
    Raises NotFound for a person or a body that does not exist, and for a subject that no entry is about.
    """
    person = person_named(uow, person) if person else None
    body = body_named(uow, body) if body else None
    doer = _doer(uow, subject) if subject else None
    acts = _Acts(uow)

    def wanted(entry: LogRecord) -> bool:
        return (
            (doer is None or doer in (entry["subject"], entry["actor"]) or acts.are_of(doer, entry))
            and person in (None, entry["actor"])
            and (body is None or acts.are_of(body, entry))
        )

    query = _NEWEST if since is None else _FROM
    if subject and doer is None:
        if uow.connection.execute(_ABOUT, {"of": subject}).first() is None:
            raise NotFound(N_("The log contains nothing about {subject}."), subject=subject)
        query = query.where(_ENTRY.c.subject == subject)
    payloads = uow.connection.execute(query, {} if since is None else {"seq": since}).scalars().yield_per(500)
    found = list(islice(filter(wanted, map(as_shown, payloads)), limit))
    return LogDocument(entries=tuple(found if since is not None else reversed(found)))


def _doer(uow: UnitOfWork, subject: str) -> str | None:
    """The id of the person or the body that the subject is; None for any other subject."""
    with suppress(NotFound):
        return responsible_named(uow, subject)
    return None


class _Acts:
    """Whose acts entries are. The definitions are read once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._definitions: dict[str, Definition | None] = {}

    def are_of(self, body: str, entry: LogRecord) -> bool:
        decision = entry["data"].get("decision")
        if decision:
            return bool(decision["body"] == body)
        return entry["actor"] != DAEMON and (entry["subject"] == body or body in self._takers(entry))

    def _takers(self, entry: LogRecord) -> Iterator[str]:
        """The bodies whose step the entry tells of."""
        at = Address.parse(entry["subject"])
        definition = self._definition(at.cycle) if at.phase and entry["action"] == "plan.advanced" else None
        if definition is None or at.phase not in definition.wheel.phases:
            return
        steps = definition.workflow(at.phase, at.board).steps_named(entry["data"]["step"])
        binding = definition.binding(at.phase, at.board)
        yield from (binding.body(step.by, at.board) for step in steps if step.by)

    def _definition(self, cycle: str) -> Definition | None:
        if cycle not in self._definitions:
            self._definitions[cycle] = definitions_of(self._uow, [cycle]).get(cycle)
        return self._definitions[cycle]
