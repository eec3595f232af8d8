"""The commands about the log: show, verify, export."""

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wheel.console.command import Group, command
from wheel.console.context import Answer, Context
from wheel.console.options import FOR, FORCE, OUT, READ, REASON, SIGNED, argument, export_format, flag, option
from wheel.console.values import OneOf, number
from wheel.errors import Usage
from wheel.exit_codes import ENDINGS
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.engine.unit_of_work import UnitOfWork

USUAL = 100  # entries


@command(
    "show", N_("Show the newest entries."),
    argument(
        "subject", N_("SUBJECT"), required=False,
        help=N_("Only entries about that plan, person, body or cycle; of a person or a body also what it did."),
    ),
    option("--person", metavar=N_("NAME"), help=N_("Only what that person did.")),
    option("--body", metavar=N_("BODY"), help=N_("Only what that body decided or did.")),
    option("since", "--from", metavar=N_("ENTRY"), type=number, help=N_("From that entry onwards.")),
    option("--limit", metavar="N", type=number, help=N_("At most N entries. Default: 100.")),
    flag("--notices", help=N_("Show every entry, also those that are otherwise only counted.")),
    *READ,
)  # fmt: skip
def show(
    context: Context,
    subject: str | None,
    person: str | None,
    body: str | None,
    since: int | None,
    limit: int | None,
    notices: bool,
) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.log import say_log
    from wheel.reads.log_entries import log_entries
    from wheel.reads.log_sentences import tell
    from wheel.reads.registers import zone_of

    with context.reading() as uow:
        most = USUAL if limit is None else limit
        document = log_entries(uow, subject, since, most, person=person, body=body)
        told, local = tell(uow, document.entries, context.texts), local_time(zone_of(uow))
    return Answer(document, lambda: say_log(told, context.texts, local, whole=notices))


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
    if proof is not None and proof.wrong:
        differing = differences_document(proof, verdict, context.texts)
        return Answer(differing, lambda: say_differences(differing, context.texts), ENDINGS["not_well"].exit_code)
    if verdict.ok:
        text = context.texts("The log is intact. Entries: {size}.", size=verdict.size)
        agree = [] if proof is None else [context.texts("The tables agree with the log.")]
        return Answer(WholeLog(size=verdict.size, head=verdict.head), lambda: [text, verdict.head, *agree])
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
    from wheel.reads.log_sheet import write_log_sheet

    chosen = export_format(format, program)

    def written(uow: "UnitOfWork", file: TextIO) -> str:
        if chosen == "jsonl":
            return write(uow.session, file)
        return write_log_sheet(uow, context.texts, file, "excel" if program else "csv")

    head = context.export(out, force, written)
    if head is None:
        return Answer({}, list)
    return Answer(FileDocument(file=str(out), head=head), lambda: [str(out), head])


log = Group("log", N_("The log: everything that has happened. It is tamper-evident."), show, verify, take_over, export)
