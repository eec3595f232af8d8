"""Checks a municipality's wheel and a home's settings: faults, which are errors, and warnings, each with its cure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

from config.municipality.check_folder import NO_CONTACT, FolderWarning, folder_warnings, owing
from config.municipality.codes import number
from config.municipality.faults import Fault, FaultyFilesError
from config.municipality.municipality import VANERSBORG, Municipality, load, load_wheel
from config.settings.database_url import parse, sqlite_file
from config.settings.settings import Settings
from config.settings.settings import load as load_settings
from config.text.texts import Texts
from wheel.database.meeting_days import meeting_days
from wheel.documents.check import CheckDocument, WarningDocument
from wheel.engine.unit_of_work import UnitOfWork
from wheel.home.folder import HomeFolder
from wheel.home.own_files import OwnFiles
from wheel.mail.calendar_of_mail import municipal_day
from wheel.reads.status import (
    FROM_THEN_ON,
    UNREACHED,
    administrators_without_address,
    day_without_administrator,
)
from workflows.checks.all_problems import CycleYear
from workflows.messages import N_

AHEAD = 10  # years from now whose dates are tried for errors, whatever years are asked for
MANDATE = 4  # years before a budget year in which its mandate period can have begun


@dataclass(frozen=True)
class Registered:
    """What people have entered in the home: meetings, and roles of administrators, which may end on some day."""

    meetings: Mapping[str, tuple[date, ...]]
    today: date
    contacts: frozenset[str]  # the bodies with somebody who can be mailed about their steps, today or later
    without_administrator: date | None = None  # from that day on; None: no such day is known
    without_address: tuple[str, ...] = ()  # administrators


def registered(uow: UnitOfWork) -> Registered:
    meetings = {body: tuple(days) for body, days in meeting_days(uow.session).items()}
    without_address = tuple(administrators_without_address(uow))
    today = municipal_day(uow)
    contacts = uow.directory.bodies_with_contact(today)
    return Registered(meetings, today, contacts, day_without_administrator(uow), without_address)


@dataclass(frozen=True)
class CheckRequest:
    """The folder (None: the home's, or else the sample) and the budget years to check (None: the next year).

    `this_year`: the year that it is now. `registered` reads the home's database; None if it cannot be read.
    """

    folder: Path | None
    year: int | None
    years: int
    this_year: int
    registered: Callable[[], Registered | None]


def check(home: HomeFolder, asked: CheckRequest, texts: Texts) -> CheckDocument:
    """Raises FaultyFilesError with every fault of the wheel's files and of the settings."""
    in_home = home.settings.is_file()
    folder = asked.folder or (home.municipality if in_home else VANERSBORG)
    year = asked.year or asked.this_year + 1
    cycles = _cycles(year, asked.years)
    faults: list[Fault] = []
    found = settings = None
    said = [_warning(texts, *each) for each in _environment()]
    try:
        settings = load_settings(home.root) if in_home else None
        if settings is not None:
            faults += (files := _own_files(home, settings)).health_faults()
            said += _home_warnings(settings, files, texts)
    except FaultyFilesError as faulty:
        faults += faulty.faults
    # The settings name the database, and reading it makes files of its own, which are not the ones to be looked at.
    entered = asked.registered() if settings and folder == home.municipality else None
    try:
        found = _loaded(folder, [*_cycles(asked.this_year, AHEAD), *cycles], entered)
    except FaultyFilesError as faulty:
        faults += faulty.faults
    if faults or found is None:
        raise FaultyFilesError(faults)
    if entered is not None:
        bodies = found.definition.wheel.bodies
        for body in owing(found.definition):
            if body not in entered.contacts and bodies[body].exists_between(entered.today, date.max):
                said.append(_warning(texts, "W305", "body_without_contact", *NO_CONTACT, name=body))
        if day := entered.without_administrator:
            said.append(_warning(texts, "W004", "no_administrator", FROM_THEN_ON, _APPOINT, day=day))
        if people := entered.without_address:
            said.append(_warning(texts, "W006", "administrator_unreached", UNREACHED, _GIVE_ADDRESS, people=people))
    return CheckDocument(
        folder=str(folder),
        years=(year, year + asked.years - 1),
        findings=(*warning_documents(folder_warnings(folder, found, cycles), texts), *said),
        not_held=found.definition.wheel.not_enforced,
    )


def _loaded(folder: Path, cycles: list[CycleYear], entered: Registered | None) -> Municipality:
    """The folder; in a home people and meetings are those of its database, and their files are not read again."""
    if entered is None:
        return load(folder, cycles)
    return Municipality(load_wheel(folder, cycles), {}, entered.meetings)


def _own_files(home: HomeFolder, settings: Settings) -> OwnFiles:
    url = parse(settings.database or home.database_url)
    return OwnFiles(home, settings, sqlite_file(url))


def _home_warnings(settings: Settings, files: OwnFiles, texts: Texts) -> Iterator[WarningDocument]:
    if settings.mail.mode != "smtp":
        yield _warning(texts, "W002", "no_mail", _MAIL[settings.mail.mode], _SET_MAIL)
    if settings.mail.mode == "smtp" and not settings.mail.reply_to:
        what = N_("Nobody is named to answer questions about mail. They go to the first administrator.")
        yield _warning(texts, "W005", "no_reply_to", what, N_("Set reply_to under [mail] in arshjul.toml."))
    for file in files.open_to_others():
        what = texts(N_("Others than the owner can read or change {file}."), file=file)
        cure = texts(N_("Run `chmod go= {file}`."), file=file)
        yield WarningDocument(code="W003", name="open_to_others", message=what, cure=cure)


def warning_documents(warnings: Iterable[FolderWarning], texts: Texts) -> tuple[WarningDocument, ...]:
    return tuple(
        WarningDocument(
            code=number(warning.fault.code),
            name=warning.fault.code,
            message=texts(warning.fault.message, **warning.fault.facts),
            cure=texts(warning.fault.cure, **warning.fault.facts),
            file=warning.fault.file or None,
            line=warning.fault.line or None,
            place=warning.fault.place,
            cycle=warning.cycles[0] if warning.cycles else None,
            cycles=warning.cycles,
        )
        for warning in warnings
    )


def _cycles(year: int, years: int) -> list[CycleYear]:
    """The budget years, and the mandate periods in which they lie; a wheel may have no cycle of one kind."""
    budget: list[CycleYear] = [("budget", each) for each in range(year, year + years)]
    mandate: list[CycleYear] = [("mandate", each) for each in range(year - MANDATE, year + years - 1)]
    return budget + mandate


_MAIL = {
    "folder": N_("Mail goes into the folder mailbox/ and reaches nobody."),
    "off": N_("Mail is off. Nobody gets reminders."),
}
_APPOINT = N_("Give somebody the role of an administrator before that day.")
_GIVE_ADDRESS = N_("Give them an address.")
_SET_MAIL = N_("Set mode and [smtp] in arshjul.toml.")


def _environment() -> list[tuple[str, str, str, str]]:
    try:
        metadata.distribution("wheel")
    except metadata.PackageNotFoundError:
        return []
    what = N_("PyPA's package wheel is in this environment. It has the same name as one of ours.")
    return [("W001", "pypa_wheel", what, N_("Run `pip uninstall wheel`, then install arshjul again."))]


def _warning(texts: Texts, code: str, name: str, what: str, cure: str, /, **facts: object) -> WarningDocument:
    return WarningDocument(code=code, name=name, message=texts(what, **facts), cure=texts(cure))
