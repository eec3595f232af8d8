"""Prints the results of actions and ticks, refusals and faults."""

from collections.abc import Iterable, Iterator

from config.text.texts import Texts
from wheel.console.printing.lines import Local, dated, section, wrapped
from wheel.console.printing.plans import reason_line, status_word
from wheel.documents.errors import FaultyDocument, RefusedDocument
from wheel.documents.mail import TickDocument
from wheel.documents.meetings import MeetingDocument
from wheel.documents.plans import StepDocument
from wheel.documents.writes import MappedPlan, MovedDates, RowDocument, WriteDocument
from wheel.format import BOUNDS
from wheel.plan_address import Address
from wheel.reads.names import Names
from workflows.messages import N_

WAYS = {
    "stays": N_("stays in {to}"),
    "goes": N_("{from_} → {to}"),
    "new": N_("new, in {to}"),
    "new_left_out": N_("new, not concerned"),
    "withdrawn": N_("withdrawn"),
    "left_out": N_("no longer concerned"),
    "taken_in": N_("now concerned, in {to}"),
    "held": N_("paused"),
    "released": N_("released"),
}


def say_done(document: WriteDocument, t: Texts, names: Names, local: Local) -> list[str]:
    head = t("Would be done: {address}", address=document.address)
    lines = [head if document.dry_run else t("Done: {address}", address=document.address)]
    if document.state:
        word = status_word(document.status, t, held=document.held, returned=document.returned)
        facts = {"state": names.state(document.address, document.state), "status": word, "version": document.version}
        lines += wrapped(t("State: {state}. Status: {status}. Version: {version}", **facts), "  ")
    if document.next and document.status != "done":  # what leads aside from there is no next step
        lines += wrapped(t("Next: {steps}.", steps=_steps(document.address, document.next, names)), "  ", "      ")
    if document.notices:
        planned = t.plural("{n} notice planned", "{n} notices planned", document.notices)
        leaves = t("mail leaves at {at} at the earliest", at=local(document.send_after))
        lines += wrapped(f"{planned}; {leaves}" if document.send_after else planned, "  ")
    if document.log:
        lines += wrapped(t("In the log: {entries}", entries=_ranges(document.log)), "  ")
    lines += section(t("The rows"), [_row(row, t, names) for row in document.rows or ()])
    lines += section(t("Mails"), [f"{mail.to}: {mail.subject}" for mail in document.mails or ()])
    lines += section(t("New meetings"), _meetings(document.added))
    lines += section(t("Removed meetings"), _meetings(document.removed))
    lines += section(t("Meetings that already existed"), _meetings(document.there))
    lines += section(t("The plans"), _mapped(document.plans or (), t, names))
    moved = [line for each in document.moved or () for line in moved_lines(each, t, names)]
    lines += section(t("Dates that change"), moved)
    return lines + say_warnings(document, t)


def _row(row: RowDocument, t: Texts, names: Names) -> str:
    """`3  2028/mrp: Adopts (decide) → Adopted (adopted), done. Next: …`"""
    word = status_word(row.status, t, held=row.held, returned=row.returned)
    state = names.state(row.address, row.state or "")
    said = f"{row.row}  {row.address}: {names.step(row.address, row.step)} → {state}, {word}."
    return f"{said} " + t("Next: {steps}.", steps=_steps(row.address, row.next, names)) if row.next else said


def _steps(address: str, steps: Iterable[StepDocument], names: Names) -> str:
    """Each step with the bodies that take it, where its own name does not tell them."""
    found = []
    for step in steps:
        said = names.step(address, step.step)
        bodies = (body for body in names.bodies(address, step.by) if body.casefold() not in said.casefold())
        found.append(", ".join([said, *bodies]))
    return "; ".join(found)


def say_warnings(document: WriteDocument, t: Texts) -> list[str]:
    said = dict.fromkeys(reason_line(reason, t) for reason in document.warnings)  # several steps may have the same
    return section(t("Noted"), list(said))


def _ranges(numbers: Iterable[int]) -> str:
    """`58–133, 140`: consecutive numbers are written as one range."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] == number - 1:
            found[-1] = [found[-1][0], number]
        else:
            found.append([number])
    return ", ".join("–".join(map(str, part)) for part in found)


def _meetings(found: Iterable[MeetingDocument] | None) -> list[str]:
    days: dict[str, list[str]] = {}
    for meeting in found or ():
        days.setdefault(meeting.body, []).append(f"{meeting.date}")
    return [f"{body}: {', '.join(of)}" for body, of in days.items()]


def _mapped(plans: Iterable[MappedPlan], t: Texts, names: Names) -> Iterator[str]:
    """A line for each plan; boards' plans of one phase that go the same way share a line with their number."""
    groups: dict[tuple[str, bool, str], list[MappedPlan]] = {}
    for plan in plans:
        address = Address.parse(plan.address)
        states = {name: names.state(plan.address, id) for name, id in (("from_", plan.from_), ("to", plan.to)) if id}
        way = t(WAYS[plan.what], **states)
        groups.setdefault((str(address.of_the_phase), bool(address.board), way), []).append(plan)
    for (phase, boards, way), group in groups.items():
        if boards and len(group) > 1:
            yield f"{phase}/* ({t.plural('{n} board', '{n} boards', len(group))}): {way}"
        else:
            yield f"{group[0].address}: {way}"


def moved_lines(moved: MovedDates, t: Texts, names: Names) -> list[str]:
    """One line for each date of a state, and one for the reminders of it that people have had."""
    lines = []
    of = f"{moved.address} {names.state(moved.address, moved.state)}"
    for bound, (old, new) in moved.dates.items():
        said = dated(new, t, provisional=bound in moved.provisional, undecided=bound in moved.undecided)
        lines.append(f"{of}: {t(BOUNDS[bound])} {old or '–'} → {said}")
    if not moved.dates:
        said = t("provisional") if moved.provisional else t("known now")
        lines.append(f"{of}: {said}")
    if moved.reminded:
        days = sorted({f"{reminder.sent_at:%Y-%m-%d}" for reminder in moved.reminded})
        lines.append(
            t.plural(
                "(one reminder of the old date was sent: {days})",
                "({n} reminders of the old date were sent: {days})",
                len(moved.reminded),
                days=days,
            )
        )
    return lines


def say_refused(document: RefusedDocument, t: Texts) -> list[str]:
    lines = [t("Refused:")]
    for reason in document.refusals:
        lines += wrapped(reason_line(reason, t), "  ", "      ")
    if all(reason.overridable for reason in document.refusals):  # beside another reason it would help nobody
        lines += wrapped(t('You can do it anyway: --anyway --reason "…".'), "  ")
    return lines


def say_faults(document: FaultyDocument) -> list[str]:
    lines = [document.message]
    for fault in document.faults:
        where = fault.file + (f":{fault.line}" if fault.line else "")
        place = f" ({fault.place})" if fault.place else ""
        lines += wrapped(f"{fault.number} {where}{place}: {fault.message} {fault.cure}", "  ", "      ")
    return lines


def say_tick(document: TickDocument, t: Texts, local: Local, names: Names) -> list[str]:
    now = local(document.now)
    lines = [t("By {now} this would happen:", now=now) if document.dry_run else t("Done by {now}:", now=now)]
    for moved in document.moved:
        way = f"{names.state(moved.address, moved.from_)} → {names.state(moved.address, moved.to)}"
        lines += wrapped(f"{moved.address}: {way}", "  ", "      ")
    counted = [
        t.plural("{n} plan moved", "{n} plans moved", len(document.moved)),
        t.plural("{n} notice planned", "{n} notices planned", document.notices),
        t.plural("{n} mail made", "{n} mails made", document.messages),
        t.plural("{n} mail sent", "{n} mails sent", document.delivered),
    ]
    lines += wrapped(", ".join(counted), "  ")
    for mail in document.mails or ():
        lines += wrapped(f"{mail.to}: {mail.subject}", "  ", "      ")
    if document.put_aside:
        lines += wrapped(
            t("Plans that the service could not run have been put aside: {plans}", plans=document.put_aside), "  "
        )
    if document.held_back:
        text = N_("Mail on hold: {n}. Release it with `arshjul tick --confirm --actor NAME`.")
        if document.hold == "by_hand":
            text = N_("Mail on hold by hand: {n} ({reason}). Release it with `arshjul outbox release --actor NAME`.")
        lines += wrapped(t(text, n=document.held_back, reason=document.hold_reason or ""), "  ")
    return lines
