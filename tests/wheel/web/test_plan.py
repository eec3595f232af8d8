"""A plan's page and the forms of its acts: shown, checked, confirmed, refused, and never done twice."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.installed import Arshjul, Document, at
from tests.support.site import SetClock, Site, site
from wheel.web.acts.table import ACTS
from workflows.checks.reserved_names import RESERVED

ADMIN = ("--actor", "admin")
DECIDED = {
    "body": "ks", "date": "2027-02-24", "paragraph": "31", "diary": "KS 2026/300", "outcome": "adopted",
}  # fmt: skip


@pytest.fixture
def home(home: Arshjul) -> Arshjul:
    """Budget year 2028 with its timetable decided, and the frames being drafted."""
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    cited = ("--decision", "KS 2026-11-25 § 201, dnr KS 2026/300", "--outcome", "adopted")
    home.done("advance", "2028/tidsplan", "decide", *ADMIN, *cited, now=at("2026-11-26"))
    home.done("tick", now=at("2027-02-08", "08:00"))
    return home


@pytest.fixture
def admin(pages: Site, clock: SetClock) -> Iterator[httpx.Client]:
    clock.now = clock.now.replace(month=2, day=25)
    with pages.signed_in("admin") as browser:
        yield browser


def version(page: httpx.Response) -> str:
    found = re.search(r'<main[^>]* data-version="(\d+)"', page.text)
    assert found, page.text
    return found[1]


def plan(home: Arshjul, address: str) -> Document:
    return home.done("show", address, now=at("2027-02-25", "10:30"))


def test_a_decision_is_recorded_with_a_look_at_its_effect_before(home: Arshjul, admin: httpx.Client) -> None:
    page = admin.get("/plan/2028/ramar")
    assert 'href="/plan/2028/ramar/beslut"' in page.text
    form = admin.get("/plan/2028/ramar/beslut")
    assert 'value="ks" checked' in form.text
    typed = {**DECIDED, "version": version(page)}
    check = admin.post("/plan/2028/ramar/beslut", data={**typed, "kontrollera": "ja"})
    assert check.status_code == 200
    assert plan(home, "2028/ramar")["state"] == "draft"
    assert "Efteråt är planen i “Fastställda”." in check.text
    assert re.search(r"får mejl\.", check.text), check.text
    done = admin.post("/plan/2028/ramar/beslut", data={**typed, "bekrafta": "ja"})
    assert done.status_code == 303
    assert plan(home, "2028/ramar")["state"] == "decided"
    shown = admin.get(done.headers["location"])
    assert 'class="did"' in shown.text
    assert "KS 2027-02-24 § 31" in shown.text


def test_the_whole_reference_can_be_pasted(home: Arshjul, admin: httpx.Client) -> None:
    typed = {"version": version(admin.get("/plan/2028/ramar")), "outcome": "adopted", "bekrafta": "ja"}
    pasted = {**typed, "reference": "Kommunstyrelsen 2027-02-24 § 31, dnr KS 2026/300"}
    assert admin.post("/plan/2028/ramar/beslut", data=pasted).status_code == 303
    decision = home.done("decisions", "--cycle", "2028", "--phase", "ramar", now=at("2027-02-25"))["decisions"][0]
    assert (decision["body"], decision["date"], decision["paragraph"]) == ("ks", "2027-02-24", "31")


def test_every_fault_of_a_form_is_told_at_once_and_nothing_typed_is_lost(admin: httpx.Client) -> None:
    typed = {
        "version": version(admin.get("/plan/2028/ramar")),
        "date": "2027-02-31",
        "text": "Ramen är 100",
        "kontrollera": "ja",
    }
    answer = admin.post("/plan/2028/ramar/beslut", data=typed)
    assert answer.status_code == 422
    assert "<title>Fel:" in answer.text
    assert set(re.findall(r'<li><a href="#(\w+)">', answer.text)) == {"body", "date", "paragraph", "diary", "outcome"}
    assert "Ramen är 100" in answer.text
    assert 'value="2027-02-31"' in answer.text


def test_whoever_is_slower_keeps_what_was_typed_and_reads_what_happened(home: Arshjul, admin: httpx.Client) -> None:
    old = version(admin.get("/plan/2028/ramar"))
    home.done("hold", "2028/ramar", "--reason", "Vi väntar", *ADMIN, now=at("2027-02-25", "08:30"))
    answer = admin.post("/plan/2028/ramar/beslut", data={**DECIDED, "version": old, "bekrafta": "ja"})
    assert answer.status_code == 409
    assert "Vi väntar" in answer.text
    assert 'value="KS 2026/300"' in answer.text
    assert plan(home, "2028/ramar")["state"] == "draft"
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again
    assert again[1] != old


def test_two_clicks_make_one_act(home: Arshjul, admin: httpx.Client) -> None:
    typed = {**DECIDED, "version": version(admin.get("/plan/2028/ramar")), "bekrafta": "ja"}
    answers = [admin.post("/plan/2028/ramar/beslut", data=typed).status_code for _ in range(2)]
    assert answers == [303, 409]
    decided = [each["subject"] for each in home.log("plan.advanced") if each["data"]["to"] == "decided"]
    assert decided.count("2028/ramar") == 1


def test_what_a_rule_refuses_can_be_recorded_all_the_same_with_a_reason(
    home: Arshjul, pages: Site, clock: SetClock
) -> None:
    home.done("tick", now=at("2027-06-14", "08:00"))
    home.done("advance", "2028/mrp", "submit", *ADMIN, now=at("2027-06-14"))
    proposed = ("--decision", "KS 2027-06-02 § 70, dnr KS 2026/300", "--outcome", "adopted")
    home.done("advance", "2028/mrp", "propose", *ADMIN, *proposed, now=at("2027-06-14"))
    clock.now = clock.now.replace(month=6, day=17)
    with pages.signed_in("admin") as admin:
        record_all_the_same(admin)


def record_all_the_same(admin: httpx.Client) -> None:
    page = admin.get("/plan/2028/mrp")
    assert "Det här återstår före nästa steg" in page.text
    decision = {"body": "kf", "date": "2027-06-16", "paragraph": "88", "diary": "KS 2026/300", "outcome": "adopted"}
    typed = {**decision, "version": version(page)}
    refused = admin.post("/plan/2028/mrp/beslut", data={**typed, "kontrollera": "ja"})
    assert refused.status_code == 409
    assert "Uppdragsdialogen har inte hållits med alla nämnder" in refused.text
    assert 'name="anyway"' in refused.text
    without = admin.post("/plan/2028/mrp/beslut", data={**typed, "anyway": "ja", "bekrafta": "ja"})
    assert without.status_code == 422
    assert 'href="#reason"' in without.text
    reason = {"anyway": "ja", "reason": "KF beslutade ändå"}
    assert admin.post("/plan/2028/mrp/beslut", data={**typed, **reason, "bekrafta": "ja"}).status_code == 303
    assert "Avvikelse:" in admin.get("/plan/2028/mrp").text


def test_who_may_not_is_told_who_may_and_sees_no_button(home: Arshjul, pages: Site, admin: httpx.Client) -> None:
    with pages.signed_in("socialnamnden-officer") as officer:
        page = officer.get("/plan/2028/ramar")
        assert "/plan/2028/ramar/beslut" not in page.text
        assert "/plan/2028/ramar/hall" not in page.text
        for method in ("GET", "POST"):
            answer = officer.request(method, "/plan/2028/ramar/hall", data={"version": version(page), "bekrafta": "ja"})
            assert answer.status_code == 403
            assert "administratör" in answer.text
    assert plan(home, "2028/ramar")["held"] is False


def test_every_act_has_a_form_or_says_why_not(admin: httpx.Client) -> None:
    pages = {path: admin.get(f"/plan/2028/ramar/{path}") for path in ACTS}
    assert {page.status_code for page in pages.values()} == {200}
    for path, page in pages.items():
        assert f'action="/plan/2028/ramar/{path}"' in page.text or "Det går inte som planen står nu" in page.text


def test_each_of_the_contracts_forms_is_there_and_no_board_may_be_called_like_one() -> None:
    contract = "beslut aterremiss bordlagg flytta klar hall slapp oppna-igen dra-tillbaka ratta paminn"
    assert set(contract.split()) <= set(ACTS)
    assert set(ACTS) == set(RESERVED)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("flytta", {"state": "draft", "new": "2027-03-24", "reason": "Mötet flyttas"}),
        ("hall", {"reason": "Vi väntar"}),
        ("vila", {"until": "2027-03-01", "reason": "Sportlov"}),
        ("paminn", {}),
        ("dra-tillbaka", {"reason": "Behövs inte i år"}),
    ],
)
def test_the_acts_beside_the_way_are_carried_out(
    home: Arshjul, admin: httpx.Client, path: str, typed: dict[str, str]
) -> None:
    before = plan(home, "2028/ramar")["version"]
    data = {**typed, "version": str(before)}
    assert admin.post(f"/plan/2028/ramar/{path}", data={**data, "kontrollera": "ja"}).status_code == 200
    assert plan(home, "2028/ramar")["version"] == before
    answer = admin.post(f"/plan/2028/ramar/{path}", data={**data, "bekrafta": "ja"})
    assert answer.status_code == 303, answer.text
    assert home.log()[-1]["actor"] == "admin"


def test_a_board_marks_its_part_as_done_and_no_other(home: Arshjul, pages: Site, clock: SetClock) -> None:
    home.done("tick", now=at("2027-03-08", "08:00"))
    clock.now = clock.now.replace(month=3, day=9)
    own, other = "2028/namndforslag/socialnamnden", "2028/namndforslag/byggnadsnamnden"
    with pages.signed_in("socialnamnden-officer") as officer:
        data = {"version": version(officer.get(f"/plan/{own}")), "step": "draft", "bekrafta": "ja"}
        assert officer.post(f"/plan/{own}/klar", data=data).status_code == 303
        assert officer.post(f"/plan/{other}/klar", data=data).status_code == 403
    assert home.done("show", own, now=at("2027-03-09", "11:00"))["state"] == "draft"


def test_a_past_day_has_no_buttons_and_says_so(home: Arshjul, admin: httpx.Client) -> None:
    then = admin.get("/plan/2028/ramar?den=2027-01-20")
    assert then.status_code == 200
    assert "Så här var det vid slutet av 20 januari 2027." in then.text
    assert "/plan/2028/ramar/" not in then.text
    assert 'aria-current="step"' in then.text
    assert admin.get("/plan/2028/ramar?den=2030-01-01").status_code == 422
    assert admin.get("/plan/2028/ramar?den=i-gar").status_code == 422


def test_a_stranger_sees_nothing_unless_the_pages_are_public(home: Arshjul, pages: Site, clock: SetClock) -> None:
    with pages.browser() as stranger:
        known, unknown = stranger.get("/plan/2028/ramar"), stranger.get("/plan/2028/finns-inte")
        assert (known.status_code, unknown.status_code) == (303, 303)
    cited = (
        "--decision",
        "KS 2027-02-24 § 30, dnr KS 2026/300",
        "--new-date",
        "2027-03-10",
        "--reason",
        "Hemligt skäl",
    )
    home.done("postpone", "2028/ramar", *cited, *ADMIN, now=at("2027-02-25"))
    home.settings(public=True)
    clock.now = clock.now.replace(month=2, day=26)
    with site(home.home, clock) as public, public.browser() as stranger:
        page = stranger.get("/plan/2028/ramar")
        assert page.status_code == 200
        assert "§ 30" in page.text
        assert "Hemligt skäl" not in page.text
        assert "Teststrand" not in page.text
        assert stranger.get("/plan/2028/finns-inte").status_code == 404
        assert stranger.get("/plan/2028/ramar/beslut").status_code == 303
        assert stranger.post("/plan/2028/ramar/hall", data={"version": "1"}).status_code == 303


def test_what_people_have_written_is_shown_and_never_run(home: Arshjul, admin: httpx.Client) -> None:
    evil = "<script>alert(1)</script>"
    home.done("move-deadline", "2028/ramar", "2027-03-24", "--reason", evil, *ADMIN, now=at("2027-02-25"))
    page = admin.get("/plan/2028/ramar")
    assert evil not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_the_history_counts_notices_and_tells_the_rest(home: Arshjul, admin: httpx.Client) -> None:
    page = admin.get("/plan/2028/ramar").text
    history = page[page.index('id="historik"') :]
    assert "Arbetet med anvisningar och ramar börjar" in re.sub("<details>.*?</details>", "", history, flags=re.DOTALL)
    assert all("Avisering planerad" in part for part in re.findall("<details>(.*?)</details>", history, re.DOTALL))


def test_a_board_that_clicks_twice_is_told_what_happened_and_not_that_it_may_not(
    home: Arshjul, pages: Site, clock: SetClock
) -> None:
    home.done("tick", now=at("2027-03-08", "08:00"))
    clock.now = clock.now.replace(month=3, day=9)
    own = "/plan/2028/namndforslag/socialnamnden"
    with pages.signed_in("socialnamnden-officer") as officer:
        for _ in range(9):
            form = officer.get(f"{own}/klar")
            assert form.status_code == 200
            if not (step := re.search(r'name="step" value="([\w-]+)"', form.text)):
                break
            data = {"version": version(officer.get(own)), "step": step[1], "anyway": "ja", "reason": "Klart"}
            assert officer.post(f"{own}/klar", data={**data, "bekrafta": "ja"}).status_code == 303
            assert officer.post(f"{own}/klar", data={**data, "bekrafta": "ja"}).status_code == 409
        assert "Det går inte som planen står nu" in form.text


def test_a_new_deadline_with_a_decision_that_sets_none_is_a_fault_and_not_lost(admin: httpx.Client) -> None:
    typed = {**DECIDED, "version": version(admin.get("/plan/2028/ramar")), "new_date": "2027-03-24"}
    answer = admin.post("/plan/2028/ramar/beslut", data={**typed, "kontrollera": "ja"})
    assert answer.status_code == 422
    assert 'href="#new_date"' in answer.text
    back = {**typed, "outcome": "sent_back", "reason": "Komplettera", "kontrollera": "ja"}
    assert admin.post("/plan/2028/ramar/beslut", data=back).status_code == 200


def test_no_field_of_a_decision_has_a_word_of_the_other_language(admin: httpx.Client) -> None:
    form = admin.get("/plan/2028/ramar/beslut").text
    assert "Ja, om en minoritet återremitterade ärendet" in form
