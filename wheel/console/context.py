"""The context of a command: the shared options, the way to the engine, and the answer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TextIO, TypeVar

from config.text.texts import Texts
from wheel.console.hints import HINTS
from wheel.errors import Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.app import App
    from wheel.documents.base import Document
    from wheel.engine.request_and_result import Request, Result
    from wheel.engine.unit_of_work import UnitOfWork
    from workflows.definition.definition import Definition

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """The answer of a command: the document for --json, and the lines for people."""

    document: "Document | dict[str, Any]"
    say: Callable[[], list[str]]
    code: int = 0

    @property
    def ok(self) -> bool | None:
        """Whether it was done, as the document has it; None for one that only shows something."""
        found = self.document
        return found.get("ok") if isinstance(found, dict) else getattr(found, "ok", None)


@dataclass
class Output:
    """The output of one run of the program: its language, and whether it is JSON."""

    texts: Texts
    json: bool
    opened: ExitStack = field(default_factory=ExitStack)  # closed at the end of the run
    stop: Event = field(default_factory=Event)  # set where the service is to end


@dataclass
class Context:
    """The options that commands share, and the way to the engine."""

    output: Output
    home: Path
    database: str | None
    lang: str | None
    now: datetime | None
    actor: str | None = None
    dry_run: bool = False
    if_version: int | None = None
    reason: str = ""
    anyway: bool = False
    runs_on: bool = field(default=False)  # --now is where the clock starts, not where it stands

    @cached_property
    def app(self) -> "App":
        # Not at the top: the engine's libraries are most of a cold start.
        from wheel.app import build, fixed_clock, running_clock, wall_clock
        from wheel.home.folder import HomeFolder

        start = running_clock if self.runs_on else fixed_clock
        app = build(HomeFolder(self.home), self.database, self.lang, start(self.now) if self.now else wall_clock)
        app.texts = Texts(app.texts.language, HINTS)
        self.output.opened.callback(app.close)
        self.output.texts = app.texts
        return app

    def clock(self) -> datetime:
        """The present instant (UTC), or --now if it is given."""
        from wheel.clocks import wall_clock

        return self.now or wall_clock()

    def year(self) -> int:
        """The present year in Sweden, for commands that have not read a wheel yet."""
        from zoneinfo import ZoneInfo

        from wheel.reads.registers import SWEDEN

        return self.clock().astimezone(ZoneInfo(SWEDEN)).year

    @property
    def texts(self) -> Texts:
        return self.output.texts

    @contextmanager
    def reading(self) -> "Iterator[UnitOfWork]":
        """A unit of work that reads the home in one transaction and locks nothing."""
        from wheel.engine.unit_of_work import UnitOfWork

        self.app.store.check_schema()
        with self.app.store.reading() as session:
            yield UnitOfWork(session, self.app.clock(), self.actor or "", self.app.mail, lock=False)

    def wheel_of_files(self) -> "Definition | None":
        """The definition in the municipality's files; None while they have faults, which a read need not know of."""
        from config.municipality.faults import FaultyFilesError

        with suppress(FaultyFilesError):
            return self.app.newest()
        return None

    @contextmanager
    def reading_as_of(self, at: date | None, about: str = "") -> "Iterator[UnitOfWork]":
        """A unit of work that reads how everything stood at the end of that day, or today by now, as the log says;
        without a day as it stands.

        `about`: the subject whose log entries are read. Raises Usage for a day that has not come, and NotFound for one
        before the log tells how things stood.
        """
        from wheel.reads.past_day import end_of

        with self.reading() as uow:
            if at is None:
                yield uow
                return
            end = end_of(at, uow)
        from wheel.engine.unit_of_work import UnitOfWork
        from wheel.past.as_of import as_of

        with as_of(self.app.store, end, about) as past, past.reading() as session:
            yield UnitOfWork(session, end, self.actor or "", self.app.mail, lock=False)

    def export(self, out: Path | None, force: bool, write: "Callable[[UnitOfWork, TextIO], T]") -> "T | None":
        """Have `write` write to that file and return what it returns; None after it has written to the terminal.

        Raises Usage for a file that cannot be written, and with --json where no file is given.
        """
        from wheel.console.out_file import utf8_stdout, written

        if out is None and self.output.json:
            raise Usage(N_("With --json an export needs --out FILE, because the terminal gets only one document."))
        with self.reading() as uow:
            if out is None:
                write(uow, utf8_stdout())
                return None
            with written(self, out, force) as file:
                return write(uow, file)

    def may_write(self) -> None:
        """Find out who acts. Raises Usage if nobody signs the write, and if --now is given outside practice mode."""
        if self.now and not self.dry_run:
            self.may_choose_the_time(self.app.practice)
        self.sign()

    def may_choose_the_time(self, practice: bool) -> None:
        """Raises Usage if --now is given and this is no practice."""
        if self.now and not practice:
            text = N_(
                "Here --now works only with commands that show something. Commands that change something accept --now "
                "only in a practice home."
            )
            raise Usage(text)

    def sign(self) -> None:
        """Find out who acts: --actor, otherwise ARSHJUL_ACTOR, otherwise the file of the person's account.

        Raises Usage if nobody signs the write.
        """
        from config.municipality.roles import DAEMON
        from wheel.console.actor_file import actor_file, actor_of_account

        self.actor = self.actor or actor_of_account(self.home)
        if not self.actor:
            text = N_(
                "State who you are with --actor NAME, in ARSHJUL_ACTOR, or in the file {file}. `arshjul people list` "
                "lists all people."
            )
            raise Usage(text, file=actor_file())
        if self.actor == DAEMON:
            raise Usage.machine(DAEMON)

    @property
    def request(self) -> "Request":
        from wheel.engine.request_and_result import Request

        self.may_write()
        return Request(self.actor or "", self.app.clock(), self.reason, self.anyway, self.dry_run, self.if_version)

    def carry_out(
        self,
        subject: str,
        verb: str,
        action: "Callable[Concatenate[UnitOfWork, Request, P], Result]",
        *args: P.args,
        **more: P.kwargs,
    ) -> Answer:
        """Have the engine carry out the action; the answer is the contract's `write` object."""
        from wheel.console.printing.lines import local_time
        from wheel.console.printing.writes import say_done
        from wheel.reads.names import names_at
        from wheel.reads.registers import zone_of
        from wheel.reads.result_documents import write_document

        result = self.app.desk.carry_out(self.request, subject, verb, action, *args, **more)
        document = write_document(result, self.texts)

        def say() -> list[str]:
            addresses = [document.address, *(each.address for each in document.moved or ())]
            addresses += [each.address for each in document.plans or ()]
            addresses += [row.address for row in document.rows or ()]
            with self.reading() as uow:
                names, local = names_at(uow, addresses, self.texts.language), local_time(zone_of(uow))
            return say_done(document, self.texts, names, local)

        return Answer(document, say)
