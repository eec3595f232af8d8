"""Whatever a door shows is read; nothing is written for it."""

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from config.text.texts import Texts
from notifications.history.mail_log import find_message
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel import reads
from wheel.actions.mail import find_mail
from wheel.database.store import Store
from wheel.documents.base import Document
from wheel.engine.unit_of_work import UnitOfWork
from wheel.home.folder import HomeFolder
from wheel.reads import (
    check,
    cycle_overview,
    decisions,
    explain,
    log_entries,
    log_sentences,
    log_sheet,
    past_day,
    plan_page,
    plans,
    registers,
    status,
    timetable,
)
from wheel.reads.overviews import board_page, outbox, search, tasks, where_we_are, workflow_pages, year_calendar

NOW = "2027-05-20T08:00"
PLAN = "2028/uppdragsdialog"
TEXTS = Texts("en")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> HomeFolder:
    return HomeFolder(tmp_path_factory.mktemp("no-home"))


def whole_mail(uow: UnitOfWork) -> Document:
    message = find_message(uow.session, "1")
    assert message is not None
    return registers.whole_mail(uow.session, message)


READS: dict[str, Callable[[UnitOfWork], object]] = {
    "plans": plans.plans,
    "plans.show": lambda uow: plans.show(uow, PLAN, TEXTS),
    "cycle_overview": lambda uow: cycle_overview.cycle_overview(uow, "2028", "en"),
    "decisions": lambda uow: decisions.decisions(uow, TEXTS),
    "explain": lambda uow: explain.explain(uow, PLAN, TEXTS),
    "timetable": lambda uow: timetable.compare(uow, "2028", None, whole=True),
    "past_day": lambda uow: past_day.end_of(date(2027, 5, 1), uow),
    "plan_page": lambda uow: plan_page.plan_page(uow, PLAN, TEXTS),
    "status": lambda uow: status.status(uow.session, uow.mail, uow.now, TEXTS),
    "registers.people": lambda uow: registers.people(uow.session),
    "registers.meetings": lambda uow: registers.meetings(uow.session),
    "registers.mails": lambda uow: registers.mails(uow.session),
    "registers.whole_mail": whole_mail,
    "log_entries": lambda uow: log_entries.log_entries(uow, person="admin", body="ks"),
    "log_entries.log_page": lambda uow: log_entries.log_page(uow, log_entries.Sought(body="ks")),
    "log_entries.stored_entry": lambda uow: log_entries.stored_entry(uow, 5),
    "log_sentences": lambda uow: log_sentences.tell(uow, log_entries.log_entries(uow).entries, TEXTS),
    "board_page": lambda uow: board_page.board_page(uow, "ks", 2027, "en", drafts=True, with_people=True),
    "tasks": lambda uow: tasks.tasks(uow, "admin", date(2027, 5, 20), "en"),
    "workflow_pages.list": lambda uow: workflow_pages.workflow_list(uow, TEXTS, drafts=True),
    "workflow_pages": lambda uow: workflow_pages.workflow_page(uow, "mrp", TEXTS, drafts=True),
    "where_we_are": lambda uow: where_we_are.where_we_are(uow, 2027, "en", drafts=True),
    "year_calendar": lambda uow: year_calendar.year_calendar(uow, 2027, "en", drafts=True),
    "outbox": lambda uow: outbox.mail_rows(uow, TEXTS, None, None, None),
    "outbox.planned_notices": lambda uow: outbox.planned_notices(uow, TEXTS),
    "outbox.shown_mail": lambda uow: outbox.shown_mail(uow, find_mail(uow, "1"), TEXTS),
    "search": lambda uow: search.search(uow, "uppdragsdialog", TEXTS, drafts=True, whole=True, log=True),
    "log_sheet": lambda uow: log_sheet.write_log_sheet(uow, TEXTS, StringIO(), "csv"),
}
ON_THE_WAY = {"past_day", "plans_of_years"}  # what several reads share
WITHOUT_A_DATABASE = {"check", "differences", "file_problems", "filters", "names", "plan_state", "result_documents"}


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-20T07:30", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def forbid_writing(session: Session) -> None:
    """PostgreSQL's reading transactions forbid it themselves."""
    if session.connection().dialect.name == "sqlite":
        session.execute(text("PRAGMA query_only = ON"))


def test_no_read_writes(house: Wheelhouse) -> None:
    for name, read in READS.items():
        with house.store.reading() as session:
            forbid_writing(session)
            try:
                document: object = read(UnitOfWork(session, instant(NOW), "", house.mail, lock=False))
            finally:
                session.rollback()
                if session.connection().dialect.name == "sqlite":
                    session.execute(text("PRAGMA query_only = OFF"))
        assert document, name


def test_a_check_writes_nothing(empty: HomeFolder) -> None:
    found = check.check(empty, check.CheckRequest(None, 2028, 1, 2027, lambda: None), TEXTS)
    assert found.errors == ()
    assert list(empty.root.iterdir()) == []


def test_every_module_of_reads_is_tried() -> None:
    modules = {file.stem for file in Path(reads.__path__[0]).rglob("*.py")} - {"__init__"}
    assert modules == {name.partition(".")[0] for name in READS} | WITHOUT_A_DATABASE | ON_THE_WAY
