"""Requests that no form of ours sends: each gets an answer in words, and is never a fault of the program."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.installed import Arshjul
from tests.support.site import PASSWORD, Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PLAN = "/plan/2027/delarsrapport-april"


@pytest.fixture
def admin(begun_pages: Site) -> Iterator[httpx.Client]:
    with begun_pages.signed_in("admin") as browser:
        yield browser


@pytest.mark.parametrize(
    "path",
    [
        "/2027?dag=x",
        "/2027?den=0001-01-01",
        "/2027?den=9999-12-31",
        "/2027/hjul.svg?size=vast",
        f"{PLAN}?gjort=x",
        f"/2027?dag={'9' * 5000}",
    ],
)
def test_a_value_of_the_address_that_does_not_fit_is_told_on_a_page(admin: httpx.Client, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/" + "9" * 5000, 400),
        ("/logg/" + "9" * 5000, 400),
        ("/logg/9223372036854775808", 404),
        ("/plan/%00/mrp", 400),
        ("/kalender?namnd=%00", 400),
    ],
)
def test_an_address_that_no_page_can_have_is_refused(admin: httpx.Client, path: str, code: int) -> None:
    answer = admin.get(path)
    assert answer.status_code == code
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("act", "field"), [("flytta", "new"), ("vila", "until"), ("beslut", "date"), ("beslut", "new_date"), ("klar", "on")]
)
def test_a_day_outside_the_known_years_is_a_fault_of_its_field(admin: httpx.Client, act: str, field: str) -> None:
    board = "/socialnamnden" if act == "klar" else ""
    for day in ("0001-01-01", "9999-12-31", "2091-01-01", "31 mars 2027", "2027-02-30"):
        answer = admin.post(f"{PLAN}{board}/{act}", data={field: day, "reason": "Så blev det"})
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert f'value="{day}"' in answer.text


def test_a_number_that_none_is_is_a_fault_of_its_field(admin: httpx.Client) -> None:
    for number in ("9" * 5000, "9" * 20, "-1", "\N{ARABIC-INDIC DIGIT THREE}", "1e3", ""):
        assert admin.post(f"{PLAN}/hall", data={"version": number, "reason": "Vi väntar"}).status_code == 422
        answer = admin.post(f"{PLAN}/angra", data={"post": number, "reason": "Fel knapp"})
        assert answer.status_code == 422
        assert 'href="#post"' in answer.text


def test_a_step_is_undone_from_its_own_plan_alone(begun: Arshjul, admin: httpx.Client) -> None:
    steps = [each for each in begun.log("plan.advanced") if each["subject"] != "2027/delarsrapport-april"]
    answer = admin.post(f"{PLAN}/angra", data={"post": str(steps[0]["seq"]), "reason": "Fel knapp", "version": "1"})
    assert answer.status_code in (409, 422)
    assert begun.log("step.undone") == []


def test_nul_and_half_characters_are_kept_as_signs_that_every_database_takes(
    begun: Arshjul, admin: httpx.Client
) -> None:
    page = admin.get(f"{PLAN}/hall").text
    version = page.split('name="version" value="')[1].split('"')[0]
    typed = f"version={version}&with_boards=nej&reason=Vi%00v%C3%A4ntar%ED%A0%80&bekrafta=ja"
    assert admin.post(f"{PLAN}/hall", content=typed, headers=FORM).status_code == 303
    (held,) = begun.log("plan.held")
    assert held["data"]["reason"].startswith("Vi\N{REPLACEMENT CHARACTER}väntar")


@pytest.mark.parametrize("charset", ["unicode_escape", "punycode", "undefined", "bogus", "utf-16"])
def test_an_odd_encoding_is_no_fault_of_the_program(pages: Site, charset: str) -> None:
    parts = (("name", "adm\\ud800in"), ("password", "\\ud800 hemlighet"))
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in parts)
    with pages.browser() as browser:
        kind = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
        assert browser.post("/logga-in", content=f"{body}--x--\r\n".encode(), headers=kind).status_code in (400, 422)


def test_a_body_that_does_not_tell_its_length_ends_as_early(pages: Site) -> None:
    def fields() -> Iterator[bytes]:
        for number in range(100):
            yield f"a{number}={'x' * 100_000}&".encode()

    with pages.browser() as browser:
        assert browser.post("/logga-in", content=fields(), headers=FORM).status_code == 413


def test_head_is_answered_as_get_without_the_page_and_changes_nothing(pages: Site) -> None:
    link = pages.invitation("admin")
    with pages.browser() as browser:
        for path in ("/logga-in", link, "/healthz"):
            answer = browser.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
        assert browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303


def test_a_foreign_host_reaches_no_page_by_the_name_of_a_probe(pages: Site) -> None:
    with pages.browser() as browser:
        assert browser.get("/valkommen/healthz", headers={"Host": "evil.example"}).status_code == 421


def test_the_page_of_an_unexpected_fault_has_the_headers_and_the_log_no_token(
    begun: Arshjul, begun_pages: Site, caplog: pytest.LogCaptureFixture
) -> None:
    link = begun_pages.invitation("admin")
    with begun_pages.app.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE invitation RENAME TO gone")
    with begun_pages.browser() as browser:
        answer = browser.get(link)
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "/valkommen/{token}" in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("wheel") and link in record.getMessage()]
