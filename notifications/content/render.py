"""Renders a message: the whole RFC 5322 text as bytes, ready to be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from config.text.texts import Texts
from notifications.content.content import Addressee, NoticeContent
from notifications.content.headers import address_line, line, subject_line
from notifications.content.ics import calendar_of
from notifications.content.mime import mime, picture_id
from notifications.content.wording import LONGEST_NAME, cut, facts, heading, in_order, one_line, paragraphs, subject
from notifications.mail_addresses import mailable, readable
from notifications.mail_settings import MailSettings

if TYPE_CHECKING:
    from jinja2 import Environment

URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Rendered:
    to: str  # the address it really goes to
    subject: str
    body: bytes


def render(
    reader: Addressee,
    items: Sequence[NoticeContent],
    settings: MailSettings,
    *,
    message_id: str,
    local_now: datetime,
    earlier: Collection[str] = (),
) -> Rendered:
    """One message about one or more notices. The same arguments give the same bytes.

    `message_id` without its brackets; `local_now` in the municipality's zone, for Date and the week. Raises
    AddressError if the reader cannot be mailed, also where the mail is redirected: the real one would fail. `earlier`:
    the subjects of the reader's last mails. A mail with the same subject names its weekday too.
    """
    t = Texts(reader.language)
    theirs = mailable(reader.email)
    to = settings.redirect_to or theirs
    told = in_order(items)
    today, before = local_now.date(), _before(t, reader, settings)
    said = subject(t, told, today, before)
    if said in earlier:
        said = subject(t, told, today, before, weekday=True)
    values = {**_values(t, reader, theirs, told, settings, local_now), "picture_id": picture_id(message_id)}
    redirected = [line("X-Arshjul-Redirected-From", theirs)] if to != theirs else []
    root = thread_root(told[0].address, settings)
    thread = [line("In-Reply-To", root), line("References", root)] if _about_one(told) else []
    head = [
        address_line("From", settings.sender_name, settings.sender),
        address_line("To", reader.name if to == theirs else "", to),
        *([address_line("Reply-To", _office(t, settings), settings.reply_to)] if settings.reply_to else []),
        subject_line(said),
        line("Date", format_datetime(local_now)),
        line("Message-ID", f"<{message_id}>"),
        *thread,
        line("Auto-Submitted", "auto-generated"),
        line("X-Auto-Response-Suppress", "OOF, AutoReply"),
        *redirected,
    ]
    calendar = calendar_of(t, told, settings.reply_to or settings.sender, settings.domain, local_now)
    plain = _templates().get_template("mail.txt.j2").render(values)
    html = _templates().get_template("mail.html.j2").render(values)
    picture = next((item.picture for item in told if item.picture), b"")
    body = mime(plain, html, calendar, t.language, message_id, picture=picture)
    return Rendered(to, said, b"".join(head) + body)


def thread_root(address: str, settings: MailSettings) -> str:
    """The Message-ID of a message that does not exist. All mail about a plan refers to it, so that mail programs show
    that mail as one thread."""
    return f"<plan-{sha256(one_line(address).encode()).hexdigest()[:24]}@{settings.domain}>"


def _about_one(told: Sequence[NoticeContent]) -> bool:
    return len({item.address for item in told}) == 1


def _before(t: Texts, reader: Addressee, settings: MailSettings) -> str:
    before = [t("Practice")] if settings.practice else []
    if settings.redirect_to:
        before.append(t("For {name}", name=cut(one_line(reader.name), 24)))
    return "".join(f"{said}: " for said in before)


def _values(
    t: Texts, reader: Addressee, theirs: str, told: list[NoticeContent], settings: MailSettings, now: datetime
) -> dict[str, Any]:
    warnings = []
    if settings.practice:
        warnings.append(t("This is practice. Nothing in this mail is real."))
    if settings.redirect_to:
        name = cut(one_line(reader.name), LONGEST_NAME)
        whom = {"name": name, "address": readable(theirs)}
        warnings.append(t("All mail is redirected. This mail was for {name} ({address}).", **whom))
    ask = settings.reply_to
    of = dict.fromkeys(one_line(item.municipality) for item in told if item.municipality)
    return {
        "t": t,
        "office": "" if theirs == ask else _office(t, settings),  # nobody is told to ask themselves
        "sender": " · ".join([*of, one_line(settings.sender_name)]),
        "warnings": warnings,
        "heading": heading(t, told[0]) if len(told) == 1 else subject(t, told, now.date()),
        "items": [_item(t, item) for item in told],
        "reasons": _without_beginnings(list(dict.fromkeys(paragraphs(item.why_you) for item in told))),
        "addresses": list(dict.fromkeys(one_line(item.address) for item in told)),
        "reply_to": readable(ask) if theirs != ask else "",
        # As the standard for such links wants it (RFC 6068): `?`, `&` and `%` would begin fields or other characters.
        "mailto": f"mailto:{quote(ask, safe='@')}" if ask else "",
    }


def _without_beginnings(lines: list[str]) -> list[str]:
    """The lines without those with which another one begins: it says the same and more."""
    return [line for line in lines if not any(other != line and other.startswith(line) for other in lines)]


def _office(t: Texts, settings: MailSettings) -> str:
    """The name of those who answer."""
    return one_line(settings.own_office) or t("the finance office")


def _item(t: Texts, item: NoticeContent) -> dict[str, Any]:
    return {
        "heading": heading(t, item),
        "facts": facts(t, item),
        "url": _link(item.url),
        "confirm": item.confirm,
        "alt": one_line(item.alt) if item.picture else "",
    }


def _link(url: str | None) -> str | None:
    """The address, encoded for a mail; None if it is not a web page's."""
    whole = quote(one_line(url or ""), safe=URL_CHARACTERS)
    return whole if whole.startswith(("https://", "http://")) else None


@cache
def _templates() -> "Environment":
    from jinja2 import (
        Environment,
        FileSystemLoader,
        StrictUndefined,
    )  # takes 60 ms, so only processes that make mail pay for it

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        auto_reload=False,  # otherwise the files are checked for each mail
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
