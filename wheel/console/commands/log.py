"""The commands about the log: show, verify, export."""

from pathlib import Path

from wheel.console.command import Group, command
from wheel.console.context import Answer, Context
from wheel.console.options import FOR, FORCE, OUT, READ, REASON, SIGNED, argument, export_format, option
from wheel.console.values import OneOf, number
from wheel.errors import Usage
from wheel.exit_codes import ENDINGS
from workflows.messages import N_

USUAL = 100  # entries


@command(
    "show", N_("Show the newest entries."),
    argument("subject", N_("SUBJECT"), N_("Only entries about that plan, person, body or cycle."), required=False),
    option("since", "--from", metavar=N_("ENTRY"), type=number, help=N_("From that entry onwards.")),
    option("--limit", metavar="N", type=number, help=N_("At most N entries. Default: 100.")),
    *READ,
)  # fmt: skip
def show(context: Context, subject: str | None, since: int | None, limit: int | None) -> Answer:
    from wheel.console.commands.show import zone_of
    from wheel.console.printing.lines import local_time, wrapped
    from wheel.console.printing.plans import entry_line
    from wheel.reads import registers
    from wheel.reads.names import names_at

    with context.reading() as uow:
        document = registers.log_entries(uow.session, subject, since, USUAL if limit is None else limit)
        local = local_time(zone_of(uow))
        names = names_at(uow, [entry["subject"] for entry in document.entries], context.texts.language)

    def say() -> list[str]:
        lines = []
        for entry in document.entries:
            lines += wrapped(f"{entry_line(entry, context.texts, local, names)}  {entry['subject']}", "", "    ")
        return lines or [context.texts("No entries.")]

    return Answer(document, say)


@command(
    "verify", N_("Check that no entry was changed, removed or inserted."),
    option(
        "against", "--head", "--against", metavar=N_("CHECKSUM"), help=N_(
            "The log's checksum (size:hash) that was kept elsewhere."
        )
    ),
    *READ,
)  # fmt: skip
def verify(context: Context, against: str | None) -> Answer:
    from wheel.audit.chain import parse_head
    from wheel.audit.chain import verify as check
    from wheel.console.printing.differences import say_differences
    from wheel.documents.errors import BrokenLog
    from wheel.documents.home import WholeLog

    if against:
        try:
            parse_head(against)
        except ValueError:
            raise Usage(
                N_("{value} is not a checksum. Write a number, a colon and 64 digits (0-9, a-f)."), value=repr(against)
            ) from None
    from wheel.past.known import first_known_entry
    from wheel.past.proof import prove
    from wheel.reads.differences import differences_document

    with context.reading() as uow:
        verdict = check(uow.session, against)
        proof = prove(uow.session) if verdict.ok and first_known_entry(uow.session) else None
    if proof is not None and proof.differences:
        differing = differences_document(proof, verdict, context.texts)
        return Answer(differing, lambda: say_differences(differing, context.texts), ENDINGS["not_well"].exit_code)
    if verdict.ok:
        text = context.texts("The log is intact. Entries: {size}.", size=verdict.size)
        return Answer(WholeLog(size=verdict.size, head=verdict.head), lambda: [text, verdict.head])
    said = context.texts(verdict.fault, seq=verdict.broken)
    document = BrokenLog(message=said, broken=verdict.broken, size=verdict.size, head=verdict.head)
    return Answer(document, lambda: [context.texts("The log is broken."), said], ENDINGS["not_well"].exit_code)


@command(
    "take-over", N_("Record that the tables are right where the log differs. Requires --reason."),
    *SIGNED, REASON,
)  # fmt: skip
def take_over(context: Context) -> Answer:
    from wheel.actions import whole_database as action

    return context.carry_out("home", "take-over", action.take_over)


@command(
    "export", N_("Write the whole log to a file."),
    option(
        "--format", metavar="jsonl|csv", type=OneOf("jsonl", "csv"), default="",
        help=N_("`jsonl` for verification offline, `csv` for reading."),
    ),
    FOR, OUT, FORCE, *READ,
)  # fmt: skip
def export(context: Context, format: str, program: str, out: Path | None, force: bool) -> Answer:
    from wheel.audit.journal import export as write
    from wheel.documents.home import FileDocument

    chosen = export_format(format, program)
    head = context.export(out, force, lambda uow, file: write(uow.session, file, chosen))  # type: ignore[arg-type]
    if head is None:
        return Answer({}, list)
    return Answer(FileDocument(file=str(out), head=head), lambda: [str(out), head])


log = Group("log", N_("The log: everything that has happened. It is tamper-evident."), show, verify, take_over, export)
