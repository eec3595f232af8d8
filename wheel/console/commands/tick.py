"""The command `tick`: do once what the service does every minute, mail included."""

from typing import TYPE_CHECKING

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import SIGNED, flag
from wheel.errors import NotFound, Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.documents.mail import TickDocument
    from wheel.tick.tick import TickResult


@command(
    "tick", N_("Do everything that is due now, once, as the service does every minute."),
    flag("--confirm", help=N_("Release mail that is on hold after a long stop or a restore. Requires --actor.")),
    *SIGNED,
)  # fmt: skip
def tick(context: Context, confirm: bool) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.writes import say_tick
    from wheel.reads.names import names_at
    from wheel.reads.registers import zone_of

    _check(context, confirm)
    app = context.app
    now = app.clock()
    by = context.actor if confirm else None
    if context.dry_run:
        ticked, delivered = app.ticker.preview(now, confirmed_by=by), 0
    else:
        ticked = app.ticker.tick(now, confirmed_by=by)
        delivered = app.deliver().sent
    document = _document(ticked, delivered, dry_run=context.dry_run)
    with context.reading() as uow:
        zone = zone_of(uow)
        names = names_at(uow, [moved.address for moved in document.moved], context.texts.language)
    return Answer(document, lambda: say_tick(document, context.texts, local_time(zone), names))


def _check(context: Context, confirm: bool) -> None:
    context.app.store.check_schema()
    if context.now and not context.dry_run and not context.app.practice:
        raise Usage(
            N_(
                "Here --now works only with commands that show something. Commands that change something accept --now "
                "only in a practice home."
            )
        )
    if confirm or context.actor:
        context.may_write()
    if context.actor:
        with context.reading() as uow:
            if context.actor not in uow.directory.people:
                raise NotFound.person(context.actor)


def _document(ticked: "TickResult", delivered: int, *, dry_run: bool) -> "TickDocument":
    from wheel.documents.mail import PreviewedMail, TickDocument, TickMove

    return TickDocument(
        now=ticked.now,
        moved=tuple(TickMove(**moved) for moved in ticked.moved),
        notices=ticked.notices,
        messages=ticked.messages,
        superseded=ticked.superseded,
        put_aside=tuple(ticked.put_aside),
        held_back=ticked.held_back,
        hold=ticked.hold or None,
        hold_reason=ticked.hold_reason or None,
        mails=tuple(PreviewedMail(**mail) for mail in ticked.mails) if dry_run else None,
        delivered=delivered,
        dry_run=dry_run,
    )
