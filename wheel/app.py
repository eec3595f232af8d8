"""The composition root: builds everything that console and daemon need from a home's settings. Nothing is global."""

import os
import socket
import threading
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.settings.settings import FILE, Settings, load
from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from wheel.clocks import Clock, fixed_clock, running_clock, wall_clock
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.home.folder import HomeFolder
from wheel.home.own_files import OwnFiles
from workflows.messages import N_

_PRACTICE = select(Home.__table__.c.practice)  # type: ignore[attr-defined]

__all__ = ["App", "build", "fixed_clock", "running_clock", "wall_clock"]

# Modules that only some commands need are imported where they are used, so that `arshjul status` starts fast.
if TYPE_CHECKING:
    from notifications.delivery.rate_limit import RateLimit
    from notifications.delivery.transport import Transport
    from wheel.engine.desk import Desk
    from wheel.mail.deliver import DeliveryResult
    from wheel.tick.tick import Ticker
    from workflows.definition.definition import Definition


class App:
    """One home, ready to work. Tests pass a transport and a clock of their own."""

    def __init__(
        self,
        home: HomeFolder,
        settings: Settings,
        store: Store,
        texts: Texts,
        clock: Clock,
        transport: "Transport | None" = None,
    ) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.texts = texts
        self.clock = clock
        self._transport = transport
        self.node = f"{socket.gethostname()}:{os.getpid()}"  # whose claims are whose; a daemon gets a name of its own

    @cached_property
    def practice(self) -> bool:
        """Whether this is a practice home, whose mail can only go to the folder. Checks the schema first."""
        self.store.check_schema()
        with self.store.reading() as session:
            practice: bool = session.connection().execute(_PRACTICE).scalar_one()
            return practice

    @property
    def own_files(self) -> OwnFiles:
        return OwnFiles(self.home, self.settings, self.store.file)

    @property
    def mode(self) -> str:
        return "folder" if self.practice and self.settings.mail.mode == "smtp" else self.settings.mail.mode

    @cached_property
    def mail(self) -> MailSettings:
        return _mail_settings(self.home, self.settings, self.mode, practice=self.practice)

    @property
    def web_address(self) -> str:
        """The beginning of links to the pages, unless the system chooses the port."""
        web = self.settings.web
        return (web.address or f"http://{web.listen}") + web.path_prefix

    @cached_property
    def _pace(self) -> "RateLimit":
        from notifications.delivery.rate_limit import RateLimit

        return RateLimit(self.mail.per_minute)

    @cached_property
    def desk(self) -> "Desk":
        from wheel.cycles.follow_steps import follow_steps
        from wheel.engine.desk import Desk

        return Desk(self.store, self.mail, follow_steps)

    @cached_property
    def ticker(self) -> "Ticker":
        from wheel.tick.tick import Ticker

        return Ticker(self.store, self.mail, self.newest)

    def newest(self) -> "Definition":
        """The definition in the municipality's files as they are now. Raises FaultyFilesError."""
        from config.municipality.municipality import load_wheel

        return load_wheel(self.home.municipality)

    def _connect(self, stop: threading.Event) -> "Transport":
        if self._transport is not None:
            return self._transport
        if self.mode == "smtp":
            from notifications.delivery.smtp import SmtpTransport

            return SmtpTransport(self.mail, stop)
        from notifications.delivery.folder import FolderTransport

        return FolderTransport(self.home.mailbox)

    def deliver(self, stop: threading.Event | None = None) -> "DeliveryResult":
        """Send the mail that is due. A server that does not answer raises no error; the result reports it."""
        from wheel.mail.deliver import Delivery, deliver

        stop = stop or threading.Event()
        connections = self.mail.connections if self.mode == "smtp" else 1
        delivery = Delivery(
            store=self.store,
            mail=self.mail,
            clock=self.clock,
            connect=partial(self._connect, stop),
            node=self.node,
            connections=connections,
            pace=self._pace,
        )
        return deliver(delivery, stop)

    def close(self) -> None:
        self.store.close()


def build(
    home: HomeFolder,
    database: str | None = None,
    lang: str | None = None,
    clock: Clock = wall_clock,
    transport: "Transport | None" = None,
) -> App:
    """Build the app of a home.

    Raises NotFound if there is no home, SettingsFault, and SchemaError for an invalid database URL.
    """
    home.must_exist()
    settings = load(home.root)
    store = Store(database or settings.database or home.database_url)
    return App(home, settings, store, Texts(lang or settings.lang), clock, transport)


def _mail_settings(home: HomeFolder, settings: Settings, mode: str, *, practice: bool) -> MailSettings:
    mail, smtp = settings.mail, settings.smtp
    try:
        return MailSettings(
            sender=mail.sender,
            sender_name=mail.sender_name,
            reply_to=mail.reply_to,
            office=mail.office,
            domain=mail.domain or mail.sender.partition("@")[2],
            practice=practice,
            on=mode != "off",
            redirect_to=mail.redirect_to,
            send_hour=mail.send_hour,
            overview=mail.monday_overview,
            host=smtp.host if mode == "smtp" else "",
            port=smtp.port,
            tls="none" if smtp.tls == "plain" else smtp.tls,
            username=smtp.username,
            password=settings.password,
            allow_plaintext=smtp.allow_plaintext,
            ca_file=str(home.root / smtp.ca_file) if smtp.ca_file else None,
            base_url=mail.base_url,
            envelope=mail.envelope_sender,
            per_minute=mail.per_minute,
            connections=smtp.connections,
        )
    except ValueError as error:
        from config.municipality.faults import Fault
        from config.settings.setting_faults import SettingsFault

        cure = N_("Correct the addresses under [mail].")
        raise SettingsFault([Fault("mail", str(home.root / FILE), 0, "mail", str(error), cure)]) from None
