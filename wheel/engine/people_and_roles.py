"""Persons and roles on a given day: who may do what, and who is told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from config.municipality.roles import may, roles
from wheel.database.tables import Person, Role
from workflows.definition.definition import Recipient
from workflows.messages import N_
from workflows.rules.named_rules import Reason

RESPONSIBLE = ("function", "officer", "secretary")
PERSONS = ("officer", "secretary", "auditor")  # who read their body's function address
ADMINISTRATORS = ("administrator",)

_PERSON = Person.__table__  # type: ignore[attr-defined]
_ROLE = Role.__table__  # type: ignore[attr-defined]
_EVERYBODY = (
    select(
        _PERSON.c.email, _PERSON.c.id, _ROLE.c.role, _ROLE.c.body, _ROLE.c.valid_from, _ROLE.c.valid_to,
        _ROLE.c.instead_of,
    )
    .select_from(_PERSON.outerjoin(_ROLE, _ROLE.c.person_id == _PERSON.c.id))
    .order_by(_ROLE.c.id)
)  # fmt: skip


class Holding(NamedTuple):
    person: str
    role: str
    body: str
    valid_from: date | None
    valid_to: date | None
    instead_of: str | None

    def on(self, day: date) -> bool:
        return self.between(day, day)

    def between(self, first: date, last: date) -> bool:
        """Whether it is held on any of these days."""
        return (self.valid_from or date.min) <= last and first <= (self.valid_to or date.max)


class Directory:
    """Persons and roles as one transaction sees them, read once. `ends`: the last days of the bodies that end: nobody
    of a body is told anything after it."""

    def __init__(self, session: Session, ends: Mapping[str, date] | None = None) -> None:
        self._ends = ends or {}
        self._holdings: dict[tuple[str, str], list[Holding]] = {}
        self._held_by: dict[str, list[Holding]] = {}
        self._substitutes: dict[str, list[Holding]] = {}
        self._mailbox: dict[str, dict[str, None]] = {}  # of a person with an address, all who read it
        mailboxes: dict[str, dict[str, None]] = {}
        for email, *values in session.connection().execute(_EVERYBODY).all():
            holding = Holding(*values)
            held = self._held_by.setdefault(holding.person, [])
            if email:
                self._mailbox[holding.person] = readers = mailboxes.setdefault(email.casefold(), {})
                readers[holding.person] = None
            if holding.role is not None:
                held.append(holding)
                self._holdings.setdefault((holding.role, holding.body), []).append(holding)
                if holding.instead_of is not None:
                    self._substitutes.setdefault(holding.body, []).append(holding)
        self.people = self._held_by.keys()

    def holding(self, names: Iterable[str], body: str, day: date) -> list[str]:
        """The persons who hold one of the roles in `body` on that day, each once, in the roles' order.

        A person with a substitute is left out: the substitute is told instead. Of several persons with one address,
        such as a board and its officer, always the same one is returned, because they read one mailbox.
        """
        if day > self._ends.get(body, date.max):
            return []
        replaced = {h.instead_of for h in self._substitutes.get(body, ()) if h.on(day)}
        found = [self._reads(who, day) for who in self._holders(names, body, day) if who not in replaced]
        return list(dict.fromkeys(found))

    def _reads(self, person: str, day: date) -> str:
        """The person who is written to at that address: the first one with the address who holds any role that day."""
        sharing = self._mailbox.get(person, {})
        if len(sharing) < 2:
            return person
        return next(each for each in sharing if any(h.on(day) for h in self._held_by[each]))

    def _holders(self, names: Iterable[str], body: str, day: date) -> list[str]:
        found = [h.person for name in names for h in self._holdings.get((name, body), ()) if h.on(day)]
        return list(dict.fromkeys(found))

    def held_by(self, person: str, body: str, first: date, last: date) -> list[Holding]:
        """The roles that the person holds in `body` on any of these days, as a substitute too."""
        return [h for h in self._held_by.get(person, ()) if h.body == body and h.between(first, last)]

    def roles_of(self, person: str) -> list[Holding]:
        """All roles that the person holds or has held."""
        return self._held_by.get(person, [])

    def has_a_role(self, person: str, day: date) -> bool:
        return any(h.on(day) for h in self._held_by.get(person, ()))

    def reads(self, person: str, day: date) -> frozenset[str]:
        """What the person may read on the pages that day (roles.toml)."""
        held = (h.role for h in self._held_by.get(person, ()) if h.on(day))
        return frozenset().union(*(roles()[role].reads for role in held if role in roles()))

    def may_administer(self, day: date) -> list[str]:
        """The administrators, including those who have a substitute and are not told anything meanwhile."""
        return self._holders(ADMINISTRATORS, "", day)

    def without_administrator_after(self, person: str, last: date) -> date | None:
        """The first day that would have none if this person were an administrator until `last` at most."""
        held = self._holdings.get((ADMINISTRATORS[0], ""), ())
        ends = [h._replace(valid_to=min(h.valid_to or date.max, last)) if h.person == person else h for h in held]
        days = {last} | {h.valid_to for h in ends if h.valid_to and h.valid_to > last}
        next_days = (day + timedelta(days=1) for day in sorted(days) if day < date.max)
        return next((day for day in next_days if not any(h.on(day) for h in ends)), None)

    def first_day_without_administrator(self, today: date) -> date | None:
        held = self._holdings.get((ADMINISTRATORS[0], ""), ())
        ends = sorted({h.valid_to for h in held if h.valid_to and h.valid_to >= today})
        days = (today, *(day + timedelta(days=1) for day in ends))
        return next((day for day in days if not any(h.on(day) for h in held)), None)

    def stands_in_for(self, person: str, other: str, body: str, first: date, last: date) -> bool:
        """Whether the person is a substitute of the other one on any of these days, or of a substitute of theirs."""
        for held in self.held_by(person, body, first, last):
            if held.instead_of is None:
                continue
            since, until = max(first, held.valid_from or first), min(last, held.valid_to or last)
            if held.instead_of == other or self.stands_in_for(held.instead_of, other, body, since, until):
                return True
        return False

    def administrators(self, day: date) -> list[str]:
        """Those who are told: one without an address is left out while another one has an address."""
        found = self.holding(ADMINISTRATORS, "", day)
        return [who for who in found if who in self._mailbox] or found

    def without_address(self, day: date) -> list[str]:
        """The administrators whom no mail reaches."""
        return [who for who in self.may_administer(day) if who not in self._mailbox]

    def bodies_with_contact(self, day: date) -> frozenset[str]:
        """The bodies in which somebody with an address is responsible on that day or a later one."""
        found = [h for (role, _), held in self._holdings.items() if role in RESPONSIBLE for h in held]
        return frozenset(h.body for h in found if h.person in self._mailbox and h.between(day, date.max))

    def responsible(self, bodies: Sequence[str], day: date) -> list[str]:
        """The function address, officers and secretaries of the bodies; the administrators where one has none."""
        found = [who for body in bodies for who in self.holding(RESPONSIBLE, body, day) or self.administrators(day)]
        return list(dict.fromkeys(found))

    def told(self, bodies: Sequence[str], day: date) -> list[str]:
        """Those responsible who are mailed: a body's function address only where none of its people has an address,
        because they read it, and would get everything twice."""
        found = [who for body in bodies for who in self.told_in(body, day) or self.administrators(day)]
        return list(dict.fromkeys(found))

    def told_in(self, body: str, day: date) -> list[str]:
        """The people of the body; its function address where none of them has an address."""
        people = self.holding(PERSONS, body, day)
        if any(who in self._mailbox for who in people):
            return people
        return self.holding(("function",), body, day) or people

    def recipients(self, kinds: Iterable[Recipient], bodies: Sequence[str], day: date) -> list[str]:
        """The recipients of one rung. Chair and head are those of the first of `bodies`, which owes the step."""
        found: list[str] = []
        for kind in kinds:
            if kind == "responsible":
                found += self.told(bodies, day)
            elif kind == "administrators":
                found += self.administrators(day)
            elif bodies:
                found += self.holding((kind,), bodies[0], day)
        return list(dict.fromkeys(found))

    def objection(self, actor: str, verb: str, bodies: Iterable[str], day: date) -> Reason | None:
        """The reason why the person may not do that in a matter of these bodies. None: the person may."""
        own = set(bodies)
        if any(h.on(day) and may(h.role, verb, h.body in own) for h in self._held_by.get(actor, ())):
            return None
        able = tuple(name for name, rule in roles().items() if verb in rule.anywhere | rule.own and name != "daemon")
        text = N_("No role of {actor} allows this. It requires one of: {roles}.")
        return Reason("role", text, {"actor": actor, "verb": verb, "roles": able}, tuple(sorted(own)))
