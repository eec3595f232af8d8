"""The body that is put together by hand is read by the standard library as what was put in."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, strict

from hypothesis import example, given
from hypothesis import strategies as st

from notifications.content.mime import mime, picture_id

ID = "0f0f@sjovik.example"
# All that a text can hold once control characters are gone (wording.one_line), its lines ended by \n.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters="\n")).map(
    lambda text: text + "\n"
)
BOUNDARY = re.search(rb'boundary="(.*?)"', mime("", "", b"", "sv", ID))[1].decode()  # type: ignore[index]


def read(body: bytes) -> EmailMessage:
    return message_from_bytes(body, policy=SMTP + strict)


@given(TEXT, TEXT, st.binary(max_size=300))
@example(".\n..\nFrom here\nends in a space \nand a tab\t\n", "<p>=3D å</p>\n", b"")
@example(f"--{BOUNDARY}\n--{BOUNDARY}--\n", f"--{BOUNDARY}m\n--{BOUNDARY}m--\n", f"--{BOUNDARY}m--\r\n".encode())
@example("ö" * 1_000 + "🙂" * 100 + "\n", "=" * 77 + "\n" + " " * 80 + "\n", b"\x00\xff" * 40)
def test_whatever_a_mail_says_is_read_as_it_was_written(plain: str, html: str, calendar: bytes) -> None:
    body = mime(plain, html, calendar, "sv", ID)
    assert body.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|[ \t]\r\n", body) is None
    assert max(map(len, body.split(b"\r\n"))) <= 78
    message = read(body)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    assert [leaf.get_payload(decode=True) for leaf in leaves] == [
        plain.replace("\n", "\r\n").encode(), html.replace("\n", "\r\n").encode(), *([calendar] if calendar else []),
    ]  # fmt: skip
    assert all(part.defects == [] for part in message.walk())
    assert message["Content-Language"] == "sv"


@given(TEXT, st.binary(min_size=1, max_size=300), st.binary(max_size=20))
def test_a_picture_belongs_to_the_html_that_shows_it(html: str, picture: bytes, calendar: bytes) -> None:
    body = mime("text\n", html, calendar, "sv", ID, picture=picture)
    assert max(map(len, body.split(b"\r\n"))) <= 78
    message = read(body)
    alternative = next(message.iter_parts()) if calendar else message
    plain, related = alternative.iter_parts()
    assert (plain.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    shown, image = related.iter_parts()
    assert shown.get_payload(decode=True) == html.replace("\n", "\r\n").encode()
    assert image.get_payload(decode=True) == picture
    assert image["Content-ID"] == f"<{picture_id(ID)}>"
    assert all(part.defects == [] for part in message.walk())


def test_without_a_calendar_there_are_two_ways_to_read_it_and_nothing_attached() -> None:
    message = read(mime("text\n", "<p>html</p>\n", b"", "en", ID))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert list(message.iter_attachments()) == []
