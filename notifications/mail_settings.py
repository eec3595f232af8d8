"""The settings that `notifications` needs to make and send mail. `wheel/app.py` fills it from a home's settings."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

from config.settings.loopback import is_loopback
from notifications.mail_addresses import mailable

Tls = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class MailSettings:
    """Sender, transport and house rules of one home's mail.

    `on`: off means that messages are made and withheld. `redirect_to`: all mail goes there instead, loudly.
    `send_hour`: the municipality's wall clock. `office`: what the people behind `reply_to` are called in a sentence;
    empty: the finance office, in the reader's language. `domain`: right-hand side of every Message-ID, and our name in
    EHLO. `host` empty: there is no server, the folder takes the mail. Raises AddressError for an address that cannot be
    mailed, ValueError for settings that would send passwords or mail in the clear.
    """

    sender: str = "arshjul@localhost.localdomain"
    sender_name: str = "Årshjul"
    reply_to: str = ""
    office: str = ""
    domain: str = "localhost.localdomain"
    practice: bool = False
    on: bool = True
    redirect_to: str = ""
    send_hour: time = time(7, 30)
    at_once_wait: timedelta = timedelta(minutes=10)  # a wrong click is undone within minutes
    host: str = ""
    port: int | None = None
    tls: Tls = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    allow_plaintext: bool = False
    ca_file: str | None = None  # authorities to trust instead of the system's
    base_url: str = ""
    overview: bool = True  # on the week's first working day, of what is due within two weeks
    envelope: str = ""  # the envelope's sender, to which bounces go; {id}: which message it was
    per_minute: int = 0  # mails that may leave; 0: as many as go
    connections: int = 4  # to the server, at once

    def __post_init__(self) -> None:
        for name in ("sender", "reply_to", "redirect_to"):
            if address := getattr(self, name):
                object.__setattr__(self, name, mailable(address))
        if self.envelope:
            mailable(self.envelope_of("0" * 32))
        object.__setattr__(self, "domain", self.domain.encode("idna").decode("ascii"))
        if self.host and self.tls == "none":
            if not self.allow_plaintext:
                raise ValueError("mail without TLS must be allowed by name (allow_plaintext)")
            if not is_loopback(self.host):
                raise ValueError(f"mail without TLS is possible on loopback alone, not to {self.host}")

    @property
    def own_office(self) -> str:
        """The office, if it has a name of its own. Homes made earlier have the default's Swedish name in their file."""
        return "" if self.office == "ekonomikontoret" else self.office

    def envelope_of(self, id: str) -> str:
        """The envelope's sender of that message, by the left side of its Message-ID."""
        return mailable(self.envelope.replace("{id}", id)) if self.envelope else self.sender
