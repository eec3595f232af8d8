"""The commands about mail: list it, show it, retry it, withhold it, hold all of it."""

from pathlib import Path
from typing import Any

from wheel.console.command import Group, command
from wheel.console.context import Answer, Context
from wheel.console.options import FOR, FORCE, OUT, PATH, READ, REASON, SIGNED, argument, export_format, option
from wheel.console.out_file import written
from wheel.console.values import OneOf, number
from workflows.messages import N_

MAILS = argument("mails", N_("MAIL …"), N_("The mails' numbers or Message-IDs."), nargs=-1, required=True)


@command(
    "list", N_("List the mails, the newest first."),
    option(
        "--status", metavar=N_("STATUS"), type=OneOf("pending", "sending", "sent", "withheld", "failed"),
        help=N_("One of: pending, sending, sent, withheld or failed."),
    ),
    option("--person", metavar=N_("PERSON"), help=N_("Only mail to that person.")),
    option("--limit", metavar="N", type=number, help=N_("Only the newest N.")),
    *READ,
)  # fmt: skip
def list_mails(context: Context, status: str | None, person: str | None, limit: int | None) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.notices import say_mails
    from wheel.reads import filters, registers
    from wheel.reads.registers import zone_of

    with context.reading() as uow:
        person = person and filters.person_named(uow, person)
        document = registers.mails(uow.session, status=status, person=person, limit=limit)
        local = local_time(zone_of(uow))
    return Answer(document, lambda: say_mails(document, context.texts, local))


@command(
    "show", N_("Show one mail as written."),
    argument("mail", N_("MAIL"), N_("The mail's number or Message-ID.")),
    option(
        "--out", metavar=N_("FILE"), type=PATH, help=N_(
            "Write the mail to the file, byte for byte. The SHA-256 is the same as in the export."
        )
    ),
    FORCE, *READ,
)  # fmt: skip
def show_mail(context: Context, mail: str, out: Path | None, force: bool) -> Answer:
    from wheel.actions.mail import find_mail
    from wheel.console.printing.notices import say_mail
    from wheel.reads import registers

    with context.reading() as uow:
        message = find_mail(uow, mail)
        document = registers.whole_mail(uow.session, message)
    if out is None:
        return Answer(document, lambda: say_mail(document))
    with written(context, out, force) as file:
        file.buffer.write(message.body)
    named = document.model_copy(update={"file": str(out)})
    return Answer(named, lambda: [str(out), f"SHA-256: {document.sha256}"])


@command("retry", N_("Send failed and withheld mails after all, as far as they still hold."), MAILS, *SIGNED)
def retry(context: Context, mails: tuple[str, ...]) -> Answer:
    from wheel.actions import mail

    return _changed(context, mail.retry_mail, mails)


@command(
    "hold", N_("Withhold mails, or all mail until you release it."),
    argument("mails", N_("MAIL …"), N_("The mails' numbers or Message-IDs. Default: all mail."), nargs=-1),
    REASON, *SIGNED,
)  # fmt: skip
def hold(context: Context, mails: tuple[str, ...]) -> Answer:
    from wheel.actions import mail
    from wheel.mail.hold_all_mail import hold_all

    if mails:
        return _changed(context, mail.withhold_mail, mails)
    answer = context.carry_out("outbox", "outbox", hold_all)
    return _said(context, answer, context.texts("All mail is on hold until you run `arshjul outbox release`."))


@command("release", N_("Release all mail that is on hold."), REASON, *SIGNED)
def release(context: Context) -> Answer:
    from wheel.mail.hold_all_mail import release_all

    answer = context.carry_out("outbox", "outbox", release_all)
    return _said(context, answer, context.texts("Waiting mail goes at the service's next run, if still valid."))


@command(
    "export", N_("Export who was sent which mail, when, to which address and in which bytes."),
    option(
        "--format", metavar="jsonl|csv", type=OneOf("jsonl", "csv"), default="",
        help=N_("`jsonl` for programs, `csv` for reading."),
    ),
    FOR, OUT, FORCE, *READ,
)  # fmt: skip
def export(context: Context, format: str, program: str, out: Path | None, force: bool) -> Answer:
    from notifications.history.mail_export import export as write
    from wheel.documents.home import FileDocument
    from wheel.reads.explain import reasons

    chosen = export_format(format, program)
    count = context.export(
        out,
        force,
        lambda uow, file: write(uow.session, file, chosen, reasons(uow, context.texts)),  # type: ignore[arg-type]
    )
    if count is None:
        return Answer({}, list)
    said = context.texts.plural("{n} notice", "{n} notices", count)
    return Answer(FileDocument(file=str(out), notices=count), lambda: [str(out), said])


@command(
    "mark-bounced", N_("Register that mail bounced. Others are then told."), MAILS,
    option("said", "--reason", metavar=N_("TEXT"), default="", help=N_("The text of the bounce.")),
    *SIGNED,
)  # fmt: skip
def mark_bounced(context: Context, mails: tuple[str, ...], said: str) -> Answer:
    from wheel.actions import mail

    return _changed(context, mail.mark_bounced, mails, said)


def _changed(context: Context, action: Any, *arguments: Any) -> Answer:
    from wheel.documents.writes import WriteDocument

    answer = context.carry_out("outbox", "outbox", action, *arguments)
    document = answer.document
    changed = document.changed if isinstance(document, WriteDocument) and document.changed else 0
    return _said(context, answer, context.texts.plural("{n} mail changed", "{n} mails changed", changed))


def _said(context: Context, answer: Answer, line: str) -> Answer:
    """The answer of a write in one line, with its warnings."""
    from wheel.console.printing.writes import say_warnings
    from wheel.documents.writes import WriteDocument

    document = answer.document
    assert isinstance(document, WriteDocument)
    return Answer(document, lambda: [line, *say_warnings(document, context.texts)])


outbox = Group(
    "outbox", N_("The mail: waiting, sent, withheld or failed."),
    list_mails, show_mail, retry, hold, release, export, mark_bounced,
)  # fmt: skip
