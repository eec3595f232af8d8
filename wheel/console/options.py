"""The arguments and options that several commands take."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wheel.console.values import OneOf, day, instant, number
from wheel.errors import Usage
from workflows.definition.outcomes import OUTCOMES
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.engine.decisions import DecisionForm

PATH = click.Path(path_type=Path)


def option(*names: str, help: str, metavar: str | None = None, **how: Any) -> click.Option:
    """`names`: its flags; where the first flag does not name its value, the value's name before them."""
    return click.Option(names, help=help, metavar=metavar, **how)


def flag(*names: str, help: str) -> click.Option:
    return click.Option(names, help=help, is_flag=True)


def argument(name: str, metavar: str, help: str, **how: Any) -> click.Argument:
    return click.Argument([name], metavar=metavar, help=help, **how)


# ---- of all commands -------------------------------------------------------------------------------------------

READ = (
    option(
        "--home", metavar=N_("DIR"), envvar="ARSHJUL_HOME", default=Path("var"),
        type=click.Path(path_type=Path, readable=False),  # who may not read it is told why
        help=N_("The home: settings, database, mailbox, backups. Default: ARSHJUL_HOME, or ./var."),
    ),
    option(
        "--database", metavar="URL", envvar="ARSHJUL_DATABASE",
        help=N_("A database other than the home's. Default: ARSHJUL_DATABASE, or the settings."),
    ),
    flag("--json", help=N_("Answer with one JSON document.")),
    option("--lang", metavar="sv|en", type=OneOf("sv", "en"), help=N_("The language of the answer.")),
    option(
        "--now", metavar=N_("INSTANT"), type=instant,
        help=N_(
            "A time other than now, such as 2027-02-24T09:00+01:00. Commands that change something accept it only in "
            "a practice home."
        ),
    ),
)  # fmt: skip
SIGNED = (  # a write that concerns no single plan
    option(
        "--actor",
        metavar=N_("NAME"),
        envvar="ARSHJUL_ACTOR",
        help=N_("The id of the person who makes the change. Default: ARSHJUL_ACTOR, or ~/.config/arshjul/actor."),
    ),
    flag("--dry-run", help=N_("Only show what would happen.")),
    *READ,
)
IF_VERSION = option(
    "--if-version", metavar="N", type=number,
    help=N_("Only if the plan still has this version. Default: its version when the command is run."),
)  # fmt: skip
IF_CYCLE_VERSION = option(
    "--if-version", metavar="N", type=number,
    help=N_("Only if the cycle still has this version. `arshjul timetable` shows the version."),
)  # fmt: skip
REASON = option("--reason", metavar=N_("TEXT"), default="", help=N_("The reason. It is kept in the log."))
ANYWAY = flag("--anyway", help=N_("Go on although a rule refuses, where that is allowed. Requires --reason."))
WRITE = (*SIGNED[:2], IF_VERSION, REASON, ANYWAY, *READ)
SHARED = [param.name for param in WRITE]  # what Context takes

# ---- of some ---------------------------------------------------------------------------------------------------

PLAN = argument("address", N_("PLAN"), N_("A plan's address, such as 2028/mrp."))
CYCLE = argument("cycle", N_("CYCLE"), N_("The cycle's name, such as 2028 or mandat-2026."))
ENTRY = argument("entry", N_("ENTRY"), N_("The number of a log entry. `arshjul show` lists the entries."), type=number)
NEW_DATE = option("--new-date", metavar=N_("DATE"), type=day, help=N_("The new deadline, such as 2027-03-24."))
WITH_BOARDS = click.Option(
    ["--with-boards/--without-boards"], default=None, help=N_(
        "The plans of the phase's boards follow; with --without-boards they do not."
    ),
)  # fmt: skip
AT = option("--at", metavar=N_("DATE"), type=day, help=N_("As it stood at the end of that day."))
OUT = option("--out", metavar=N_("FILE"), type=PATH, help=N_("Write to the file, not to the terminal."))
FOR = option(
    "program", "--for", metavar="excel", type=OneOf("excel"), default="",
    help=N_("CSV as Excel in Swedish opens it: semicolons, and å, ä and ö whole."),
)  # fmt: skip
FORCE = flag("--force", help=N_("Replace the file if it exists."))

BODY = option(
    "--body", metavar=N_("BODY"), default="",
    help=N_("The body that decided, such as ks or KS. Default: the one that decides the step."),
)  # fmt: skip
OUTCOME = option(
    "--outcome", metavar=N_("OUTCOME"), default="", type=OneOf(*OUTCOMES),
    help=N_("One of: adopted, adopted_with_changes, rejected, sent_back, postponed, noted or dropped."),
)  # fmt: skip
DECISION = (
    option(
        "reference", "--decision", metavar=N_("TEXT"), default="",
        help=N_('Body, date, § and diary number in one, such as "KF 2027-06-16 § 88 p. 2, dnr KS 2026/300".'),
    ),
    BODY,
    option("meeting", "--date", metavar=N_("DATE"), type=day, help=N_("The day of the meeting, such as 2027-02-24.")),
    option("--paragraph", metavar="N", default="", help=N_("The paragraph (§) of the minutes.")),
    option("--point", metavar="N", default="", help=N_("The point of the paragraph, where it has several.")),
    option(
        "--diary", metavar=N_("NUMBER"), default="",
        help=N_('The diary number, such as "KS 2026/300". Default: that of the plan\'s latest decision.'),
    ),
    OUTCOME,
    option("--link", metavar="URL", default="", help=N_("Link to the minutes.")),
    option("--text", metavar=N_("TEXT"), default="", help=N_("The decision, word for word.")),
    option(
        "details", "--detail", metavar=N_("NAME=VALUE"), multiple=True,
        help=N_(
            "Other facts in the minutes, such as minority=yes. Can be given several times. An unknown name lists them "
            "all."
        ),
    ),
)  # fmt: skip
KNOWN_OUTCOME = tuple(option for option in DECISION if option is not OUTCOME)  # the command itself says it


def export_format(format: str, program: str) -> str:
    """The format of an export by its options. Raises Usage if they contradict each other."""
    if program and format == "jsonl":
        raise Usage(N_("--for excel writes CSV. Leave out --format jsonl."))
    return program or format or "jsonl"


def decision(reference: str, details: Iterable[str], **minutes: Any) -> "DecisionForm":
    """The decision form made of the options of DECISION, or of some of them."""
    from wheel.decision_reference import parse_reference
    from wheel.engine.decisions import DecisionForm

    pasted = parse_reference(reference) if reference else {}
    if twice := [name for name in pasted if minutes.get(name) and minutes[name] != pasted[name]]:
        text = N_("--decision has {pasted}, another option has {single}. Give it once.")
        raise Usage(text, pasted=pasted[twice[0]], single=minutes[twice[0]])
    minutes |= pasted
    return DecisionForm(details=dict(_pair(each) for each in details), **minutes)


def _pair(detail: str) -> tuple[str, str]:
    name, equals, value = detail.partition("=")
    if not equals:
        raise Usage(N_("{detail} cannot be understood. Write the detail like this: name=value."), detail=name)
    return name, value
