"""The commands about mail: what was made, and what an administrator does to it."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from wheel.console.context import REASON, Answer, Context, command
from wheel.console.help import Group
from wheel.console.options import written
from wheel.console.values import number, one_of
from wheel.errors import NotFound, RefusedError, Usage
from workflows.messages import N_

Status = Annotated[
    str | None,
    typer.Option(
        "--status", metavar=N_("STATUS"), parser=one_of("pending", "sending", "sent", "withheld", "failed"),
        help=N_("pending, sending, sent, withheld or failed."),
    ),
]  # fmt: skip
Person = Annotated[str | None, typer.Option("--person", metavar=N_("PERSON"), help=N_("Only mail to that person."))]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", parser=number, help=N_("Only the newest N."))]
Mail = Annotated[str, typer.Argument(metavar=N_("MAIL"), help=N_("Its number or its Message-ID."))]
Mails = Annotated[list[str], typer.Argument(metavar=N_("MAIL …"), help=N_("Their numbers or Message-IDs."))]
Held = Annotated[
    list[str] | None, typer.Argument(metavar=N_("MAIL …"), help=N_("Their numbers or Message-IDs; otherwise all mail."))
]
Format = Annotated[
    str,
    typer.Option(
        "--format", metavar="jsonl|csv", parser=one_of("jsonl", "csv"), help=N_("jsonl for programs, csv to be read.")
    ),
]
Out = Annotated[Path | None, typer.Option("--out", metavar=N_("FILE"), help=N_("Into that file, not to the terminal."))]
Bytes = Annotated[
    Path | None,
    typer.Option("--out", metavar=N_("FILE"), help=N_("Its bytes into that file: their SHA-256 is the export's.")),
]
Reason = Annotated[str, typer.Option("--reason", metavar=N_("TEXT"), help=N_("What the answer said that came back."))]


def add_to(app: typer.Typer) -> None:
    outbox = typer.Typer(cls=Group)
    command(outbox, "list", N_("List the mails, the newest first."))(list_mails)
    command(outbox, "show", N_("Show one mail as it was written."))(show_mail)
    command(outbox, "retry", N_("Send failed and withheld mails after all, as they were written."), "sign")(retry)
    command(outbox, "hold", N_("Keep mails back, or all mail until it is released."), "sign", REASON)(hold)
    command(outbox, "release", N_("Let all mail go that is held back."), "sign", REASON)(release)
    command(outbox, "export", N_("Write who was told what, when, where and in which bytes."))(export)
    bounced = N_("Say that sent mails came back: they have failed, and others are told instead.")
    command(outbox, "mark-bounced", bounced, "sign")(mark_bounced)
    app.add_typer(outbox, name="outbox", help=N_("The mails: made, sent, held back, failed."))


def list_mails(context: Context, status: Status = None, person: Person = None, limit: Limit = None) -> Answer:
    from notifications.history.mail_log import list_messages

    with context.reading() as uow:
        found = list_messages(uow.session, status=status, person=person, limit=limit)
        local = _local(uow)
    return Answer({"messages": found}, lambda: _say_mails(found, context, local))


def _local(uow: Any) -> Any:
    from wheel.console.commands.show import zone_of
    from wheel.console.printing.plans import local_time

    return local_time(zone_of(uow))


def _say_mails(found: list[dict[str, Any]], context: Context, local: Any) -> list[str]:
    from notifications.history.mail_log import because_in_words
    from wheel.console.printing.plans import OUTCOMES, wrapped

    lines = []
    for mail in found:
        head = f"{mail['id']}  {local(mail['created_at'])}  {context.texts(OUTCOMES[mail['status']])}  {mail['to']}"
        lines += wrapped(head, "", "    ")
        lines += wrapped(mail["subject"], "    ")
        lines += wrapped(because_in_words(mail["error"], context.texts), "    ") if mail.get("error") else []
    return lines or [context.texts("No mail.")]


def show_mail(context: Context, mail: Mail, out: Bytes = None) -> Answer:
    from email import message_from_bytes, policy

    from notifications.history.mail_log import list_messages

    with context.reading() as uow:
        message = _found(uow, mail)
        listed = list_messages(uow.session, message_ids=[message.message_id])[0]
    parsed = message_from_bytes(message.body, policy=policy.default)
    text = parsed.get_body(("plain",))
    headers = {name: str(parsed[name]) for name in ("From", "To", "Subject", "Date", "Message-ID") if parsed[name]}
    document = {**listed, "headers": headers, "text": text.get_content() if text else ""}
    if out is not None:
        with written(out) as file:
            file.buffer.write(message.body)
        return Answer({**document, "file": str(out)}, lambda: [str(out), f"SHA-256: {listed['sha256']}"])

    def say() -> list[str]:
        return [*(f"{name}: {value}" for name, value in headers.items()), "", *document["text"].splitlines()]

    return Answer(document, say)


def _found(uow: Any, reference: str) -> Any:
    from notifications.history.mail_log import find_message

    message = find_message(uow.session, reference)
    if message is None:
        raise NotFound(N_("There is no mail {mail}. `arshjul outbox list` lists them."), mail=reference)
    return message


def retry(context: Context, mails: Mails) -> Answer:
    return _change(context, mails, "retry")


def hold(context: Context, mails: Held = None) -> Answer:
    from wheel.mail.hold import hold_all

    if mails:
        return _change(context, mails, "hold")
    answer = context.carry_out("outbox", "outbox", hold_all)
    said = N_("All mail is held back until `arshjul outbox release`.")
    return Answer(answer.document, lambda: [context.texts(said)])


def release(context: Context) -> Answer:
    from wheel.mail.hold import release_all

    answer = context.carry_out("outbox", "outbox", release_all)
    return Answer(answer.document, lambda: [context.texts("What waits goes with the next tick, if it still holds.")])


def export(context: Context, format: Format = "jsonl", out: Out = None) -> Answer:
    from notifications.history.mail_export import export as write

    if out is None and context.output.json:
        raise Usage(N_("With --json an export needs --out FILE: there is one document on the terminal alone."))
    with context.reading() as uow:
        if out is None:
            write(uow.session, sys.stdout, format, context.texts)  # type: ignore[arg-type]
            return Answer({}, list)
        with written(out) as file:
            count = write(uow.session, file, format, context.texts)  # type: ignore[arg-type]
    said = context.texts.plural("{n} notice", "{n} notices", count)
    return Answer({"ok": True, "file": str(out), "notices": count}, lambda: [str(out), said])


def mark_bounced(context: Context, mails: Mails, reason: Reason = "") -> Answer:
    return _change(context, mails, "mark-bounced", reason)


def _change(
    context: Context, mails: list[str], verb: Literal["retry", "hold", "mark-bounced"], reason: str = ""
) -> Answer:
    from notifications.history import mail_log
    from wheel.engine.desk import Result
    from wheel.mail.delivery_failures import tell_of_message
    from workflows.rules.rules import Reason as Refusal

    changed = 0

    def do(uow: Any, request: Any) -> Result:
        nonlocal changed
        if objection := uow.directory.objection(request.actor, "outbox", (), request.now.date()):
            raise RefusedError([objection])
        messages = [_found(uow, mail) for mail in mails]
        found = {message.id: message.person_id for message in messages}
        if verb == "retry":
            changed = mail_log.retry(uow.session, uow.journal, list(found), request.now)
        elif verb == "hold":
            changed = mail_log.withhold(uow.session, uow.journal, list(found))
        else:
            if unsent := [str(message.id) for message in messages if message.status not in ("sent", "failed")]:
                text = N_("These mails have not been sent, and cannot have come back: {mails}.")
                raise RefusedError([Refusal("unsent", text, {"mails": unsent})])
            bounced = mail_log.mark_bounced(uow.session, uow.journal, list(found), request.now, reason)
            for id in bounced:
                tell_of_message(uow, id, found[id])
            changed = len(bounced)
        return Result("outbox")

    answer = context.carry_out("outbox", "outbox", do)
    answer.document["changed"] = changed
    return Answer(answer.document, lambda: [context.texts.plural("{n} mail changed", "{n} mails changed", changed)])
