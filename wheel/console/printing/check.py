"""The output of `arshjul check`: errors, and numbered warnings with their cures."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.text.texts import Texts
from wheel.console.context import Context
from workflows.messages import N_

if TYPE_CHECKING:
    from config.municipality.check_folder import FolderWarning
    from workflows.checks.problems import CycleYear

AHEAD = 10  # years from now whose dates are tried for errors, whatever years are asked for
MANDATE = 4  # years before a budget year in which its mandate period can have begun


def findings(context: Context, folder: Path | None, year: int | None, years: int) -> dict[str, Any]:
    """Raises Faulty with every fault of the wheel's files and of the settings."""
    from config.municipality.check_folder import folder_warnings
    from config.municipality.faults import Fault, Faulty
    from config.municipality.municipality import VANERSBORG, load
    from config.settings.settings import load as load_settings
    from wheel.home.folder import HomeFolder
    from workflows.rules.rules import rules_not_enforced

    home = HomeFolder(context.home)
    in_home = home.settings.is_file()
    folder = folder or (home.municipality if in_home else VANERSBORG)
    now = context.year()
    year = year or now + 1
    faults: list[Fault] = []
    found = None
    said = [_said(context.texts, *each) for each in _environment()]
    try:
        asked = _cycles(year, years)
        found = load(folder, [*_cycles(now, AHEAD), *asked])
    except Faulty as faulty:
        faults += faulty.faults
    try:
        settings = load_settings(context.home) if in_home else None
        if settings is not None and settings.mail.mode != "smtp":
            said.append(_said(context.texts, "W002", "no_mail", *_MAIL[settings.mail.mode]))
    except Faulty as faulty:
        faults += faulty.faults
    if faults or found is None:
        raise Faulty(faults)
    if in_home and folder == home.municipality:
        found = replace(found, meetings=_registered(context) or found.meetings)
    said[:0] = warnings_json(folder_warnings(folder, found, asked), context.texts)
    last = year + years - 1
    return {
        "ok": True, "folder": str(folder), "years": [year, last],
        "errors": [], "findings": said, "not_held": rules_not_enforced(),
    }  # fmt: skip


def _registered(context: Context) -> "dict[str, tuple[date, ...]]":
    """The meetings as the home's people have entered them; none where its database can't be read."""
    from sqlalchemy.exc import SQLAlchemyError

    from wheel.engine.meeting_days import meeting_days
    from wheel.errors import ArshjulError

    try:
        with context.reading() as uow:
            return {body: tuple(days) for body, days in meeting_days(uow.session).items()}
    except (ArshjulError, SQLAlchemyError):
        return {}


def warnings_json(warnings: "Iterable[FolderWarning]", t: Texts) -> list[dict[str, Any]]:
    from config.municipality.codes import number

    return [
        {
            "code": number(fault.code), "name": fault.code, "severity": "warning",
            "message": t(fault.message, **fault.facts), "cure": t(fault.cure, **fault.facts),
            "file": fault.file, "line": fault.line or None, "place": fault.place,
            "cycle": warning.cycles[0] if warning.cycles else None, "cycles": list(warning.cycles),
        }
        for warning in warnings
        for fault in [warning.fault]
    ]  # fmt: skip


def _cycles(year: int, years: int) -> "list[CycleYear]":
    """The budget years, and the mandate periods in which they lie; no cycle of a kind that the wheel has not."""
    budget: list[CycleYear] = [("budget", each) for each in range(year, year + years)]
    mandate: list[CycleYear] = [("mandate", each) for each in range(year - MANDATE, year + years - 1)]
    return budget + mandate


_MAIL = {
    "folder": (
        N_("Mail goes into the folder mailbox/ and reaches nobody."),
        N_("Set mode and [smtp] in arshjul.toml."),
    ),
    "off": (N_("Mail is off. Nobody gets reminders."), N_("Set mode and [smtp] in arshjul.toml.")),
}


def _environment() -> list[tuple[str, str, str, str]]:
    try:
        metadata.distribution("wheel")
    except metadata.PackageNotFoundError:
        return []
    what = N_("PyPA's package wheel is in this environment. It has the same name as one of ours.")
    return [("W001", "pypa_wheel", what, N_("Run `pip uninstall wheel`, then install arshjul again."))]


def _said(t: Texts, code: str, name: str, what: str, cure: str) -> dict[str, Any]:
    return {
        "code": code, "name": name, "severity": "warning", "message": t(what), "cure": t(cure),
        "file": None, "line": None, "place": "", "cycle": None, "cycles": [],
    }  # fmt: skip


def say_checked(document: dict[str, Any], t: Texts) -> list[str]:
    """The warnings in order; a cure that several with one number share is printed once, after the last of them."""
    from wheel.console.printing.plans import wrapped

    findings = sorted(document["findings"], key=lambda finding: finding["code"])
    first, last = document["years"]
    span = str(first) if first == last else f"{first}–{last}"
    lines = [t("No faults in {folder}.", folder=document["folder"])]
    if findings:
        lines += [
            "",
            t.plural("{n} warning, budget year {span}:", "{n} warnings, budget year {span}:", len(findings), span=span),
        ]
    for finding, following in zip(findings, [*findings[1:], None], strict=True):
        where = f"{finding['file']}:{finding['line']} ({finding['place']}): " if finding["file"] else ""
        more = f" [{', '.join(finding['cycles'])}]" if len(finding["cycles"]) > 1 else ""
        lines += wrapped(f"{finding['code']} {where}{finding['message']}{more}", "  ", "       ")
        if following is None or any(finding[key] != following[key] for key in ("code", "cure")):
            lines += wrapped(finding["cure"], "       → ", "         ")
    rules = ", ".join(document["not_held"])
    return [*lines, "", *wrapped(t("Rules of the document that the program does not check yet: {rules}.", rules=rules))]
