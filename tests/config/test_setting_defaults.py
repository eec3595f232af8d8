"""Every default of the settings page, seen from outside: by what leaves, what a server is told, what is in the home.

A home whose arshjul.toml says nothing, or to a mail server only what it must say, behaves as the page says.
"""

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import httpx
import pytest
import trustme

from config.settings.settings import Settings, load
from tests.support.faulty_smtp import FaultySmtp, running
from tests.support.installed import Arshjul, at
from tests.support.waiting import SENDER, Waiting, waiting_home
from wheel.app import build
from wheel.home.folder import HomeFolder
from wheel.web.server import serving

SEEN: dict[str, Callable[..., None]] = {}  # the settings whose default a test here has seen, with the test


def seen(*settings: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test shows the defaults of these settings."""

    def note(test: Callable[..., None]) -> Callable[..., None]:
        SEEN.update(dict.fromkeys(settings, test))
        return test

    return note


def test_the_default_of_every_setting_is_seen_by_some_test() -> None:
    sections = {name: getattr(Settings(), name) for name in ("mail", "smtp", "health", "web")}
    names = {f"{section}.{name}" for section, values in sections.items() for name in type(values).model_fields}
    assert set(SEEN) == names | (set(Settings.model_fields) - set(sections))


# ---- a home whose settings say nothing --------------------------------------------------------------------------


def begun(folder: Path) -> Arshjul:
    home = Arshjul(folder / "home")
    home.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02"))
    (home.home / "arshjul.toml").write_text("", encoding="utf-8")
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    return home


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Arshjul:
    """A practice home that has lived through the Monday of an overview."""
    home = begun(tmp_path_factory.mktemp("silent"))
    home.done("tick", now=at("2026-11-13"))
    home.done("tick", now=at("2026-11-16"))  # a Monday
    home.done("tick", now=at("2026-11-19", "07:29"))
    return home


@seen("lang")
def test_the_terminal_speaks_swedish(silent: Arshjul) -> None:
    code, said, _ = silent._run(["status"], at("2026-11-19", "07:29"))
    assert (code, said.splitlines()[0]) == (0, "Allt är som det ska.")


@seen("database", "health.file", "mail.mode")
def test_everything_lies_in_the_home_and_nothing_else_does(silent: Arshjul) -> None:
    with silent.daemon(now=at("2026-11-19", "07:00")) as daemon:
        daemon.until(lambda: silent("status", now=at("2026-11-19", "07:01")).document["daemon"]["alive"], "a tick")
        assert daemon.terminate()[0] == 0
    found = {path.name for path in silent.home.iterdir()} - {"arshjul.db-wal", "arshjul.db-shm"}
    assert found == {
        "arshjul.db",
        "arshjul.db.lock",
        "arshjul.toml",
        "backups",
        "daemon.lock",
        "mailbox",
        "municipality",
    }
    assert silent.mails()


@seen("mail.sender", "mail.sender_name", "mail.reply_to", "mail.office", "mail.domain", "mail.redirect_to")
@seen("mail.base_url")
def test_a_mail_names_its_sender_and_has_neither_link_nor_redirection(silent: Arshjul) -> None:
    addresses = {address for (address,) in silent.rows("SELECT email FROM person")}
    for mail in silent.mails():
        assert str(mail["From"]) == "Årshjul <arshjul@localhost.localdomain>"
        assert str(mail["Reply-To"]) == "Einar Teststrand <einar.teststrand@example.se>"  # the first administrator
        assert str(mail["Message-ID"]).endswith("@localhost.localdomain>")
        assert mail["To"].addresses[0].addr_spec in addresses
        text = mail.get_body(("plain",))
        assert text is not None
        assert not re.search(r"https?://|omdirigera", text.get_content())


@seen("web.listen", "web.address", "web.path_prefix", "web.public", "web.insecure", "web.trusted_proxies")
def test_the_pages_are_for_this_machine_and_for_people_who_sign_in(
    silent: Arshjul, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = load(silent.home).web
    assert (web.host, web.port, web.address, web.path_prefix) == ("127.0.0.1", 8080, "", "")
    monkeypatch.setenv("ARSHJUL_WEB__LISTEN", "127.0.0.1:0")  # the port may be taken
    with closing(build(HomeFolder(silent.home))) as app, serving(app, Event()) as address:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
        seen = {"X-Forwarded-For": "10.0.0.7", "X-Forwarded-Proto": "https"}
        answer = httpx.get(f"{address}/konto", headers=seen, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2Fkonto")
    assert "strict-transport-security" not in answer.headers


@seen("mail.monday_overview")
def test_on_monday_there_is_an_overview(silent: Arshjul) -> None:
    notices = silent.done("explain", "2028/tidsplan", now=at("2026-11-19", "07:29"))["notices"]
    sent = {(notice["rule"], notice["due"][:10]) for notice in notices if notice["outcome"] == "sent"}
    assert ("overview", "2026-11-15") in sent  # its Monday begins at 23:00 UTC


@seen("mail.send_hour")
def test_reminders_leave_from_half_past_seven_on(tmp_path: Path) -> None:
    home = begun(tmp_path)
    # The executive board's last meeting before the timetable's deadline is on 4 November.
    assert home.done("tick", now=at("2026-11-03", "07:29"))["messages"] == 0
    assert home.done("tick", now=at("2026-11-03", "07:30"))["messages"] > 0


# ---- to a mail server -------------------------------------------------------------------------------------------

MUST = f'[mail]\nmode = "smtp"\nsender = "{SENDER}"\n'  # what the page says is required, beside the host


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    with running(FaultySmtp()) as faulty:
        yield faulty


@pytest.fixture
def mailing(request: pytest.FixtureRequest, tmp_path: Path, server: FaultySmtp) -> Iterator[Waiting[FaultySmtp]]:
    """Twelve mails wait."""
    with waiting_home("sqlite", request, tmp_path, server) as home:
        home.let_go(12)
        yield home


def say(home: Arshjul, smtp: str) -> None:
    (home.home / "arshjul.toml").write_text(f"{MUST}[smtp]\n{smtp}\n", encoding="utf-8")


@seen("smtp.host", "smtp.allow_plaintext")
def test_a_server_must_be_named_and_plain_text_allowed(mailing: Waiting[FaultySmtp]) -> None:
    for smtp, missing in (("", "smtp.host"), ('host = "127.0.0.1"\ntls = "plain"', "smtp.tls")):
        say(mailing, smtp)
        answer = mailing("check")
        assert (answer.code, [fault["place"] for fault in answer.document["faults"]]) == (6, [missing])


@seen("smtp.port")
@pytest.mark.parametrize(
    ("tls", "port"), [("", 587), ('tls = "tls"', 465), ('tls = "plain"\nallow_plaintext = true', 25)]
)
def test_without_a_port_the_one_of_the_encryption_is_called(mailing: Waiting[FaultySmtp], tls: str, port: int) -> None:
    say(mailing, f'host = "127.0.0.87"\n{tls}')  # nobody listens there
    mailing.done("tick")
    errors = [mail["error"] for mail in mailing.done("outbox", "list", "--status", "pending")["messages"]]
    assert [error for error in errors if f"'127.0.0.87', {port}" in error]


@seen("smtp.tls")
def test_no_mail_leaves_for_a_server_without_starttls(mailing: Waiting[FaultySmtp], server: FaultySmtp) -> None:
    say(mailing, f'host = "127.0.0.1"\nport = {server.port}')
    mailing.done("tick")
    assert "mail_stopped" in mailing.problems()
    assert (server.taken, b"MAIL" in server.bare) == ([], False)


@seen("smtp.ca_file")
def test_a_certificate_must_be_of_an_authority_that_the_system_trusts(
    request: pytest.FixtureRequest, tmp_path: Path, certificate_authority: trustme.CA
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate_authority.issue_cert("127.0.0.1").configure_cert(context)
    with running(FaultySmtp(context)) as server, waiting_home("sqlite", request, tmp_path, server) as home:
        home.let_go(2)
        say(home, f'host = "127.0.0.1"\nport = {server.port}')
        home.done("tick")
        assert ("mail_stopped" in home.problems(), server.taken) == (True, [])


@seen("smtp.username", "smtp.password_file", "smtp.connections", "mail.per_minute", "mail.envelope_sender")
def test_mail_leaves_over_three_connections_without_login_or_pause_and_bounces_go_to_the_sender(
    mailing: Waiting[FaultySmtp], server: FaultySmtp
) -> None:
    say(mailing, f'host = "127.0.0.1"\nport = {server.port}\ntls = "plain"\nallow_plaintext = true')
    server.latency = 0.1  # so that there is work for all of them
    assert mailing.done("tick")["delivered"] == len(server.taken) > 4  # some of them are over
    assert (server.sessions, server.logins, {taken.sender for taken in server.taken}) == (3, [], {SENDER})
    assert max(taken.at for taken in server.taken) - min(taken.at for taken in server.taken) < 30
