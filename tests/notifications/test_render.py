"""What a mail says and that every mail program can read it, whatever people are called."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.content.content import Addressee, CalendarEntry, NoticeContent
from notifications.content.ics import event_on, new_calendar, written
from notifications.content.render import Rendered, render
from notifications.content.wording import NEWS, cut, one_line
from notifications.mail_addresses import AddressError, mailable, readable
from notifications.mail_settings import MailSettings
from tests.support import ics
from tests.support.postroom import BRIEFING, SETTINGS, at

NOW = at(2, 7, 30)
ANNA = Addressee("anna", "Åsa Öberg", "asa@sjovik.example")
ENGLISH = replace(BRIEFING, title="Social board's operational plan 2028", then="The board decides by 31 December")
OTHER = replace(BRIEFING, address="2028/mrp", title="Mål- och resursplan 2028")
ENTRY = CalendarEntry("2028/verksamhetsplan/socialnamnden:draft", date(2026, 11, 5), 1)
GONE = CalendarEntry("2028/verksamhetsplan/socialnamnden:open", date(2026, 10, 5), 2, "cancelled")
RULES = ["ladder", "late", "manual", *sorted(NEWS)]


def make(
    *items: NoticeContent, reader: Addressee = ANNA, mail: MailSettings = SETTINGS, earlier: Collection[str] = ()
) -> Rendered:
    return render(reader, items, mail, message_id="0" * 32 + "@sjovik.example", local_now=NOW, earlier=earlier)


def parsed(rendered: Rendered) -> EmailMessage:
    return message_from_bytes(rendered.body, policy=policy.default)


def part(rendered: Rendered, kind: str) -> str:
    body = parsed(rendered).get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


class Reading(HTMLParser):
    """The words of a page, its tags, whom one can write to, and everything that it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.write_to: list[str] = []
        self.fetched: list[str] = []
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href":
                (self.write_to if (value or "").startswith("mailto:") else self.links).append(value or "")
            if name in ("src", "background", "srcset", "data") or "url(" in (value or ""):
                self.fetched.append(value or "")
            if tag == "html" and name == "lang":
                self.lang = value or ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def well_formed_calendar(attached: EmailMessage) -> None:
    """As RFC 5545, 5546 and 6047 would have it, read by the program's own reader too."""
    assert attached["Content-Type"].params == {"method": "PUBLISH", "charset": "utf-8"}
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "arshjul.ics")
    raw = attached.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert raw.endswith(b"\r\n")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    for line in raw.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    lines = ics.lines(raw.decode())
    assert lines[:1] + lines[-1:] == ["BEGIN:VCALENDAR", "END:VCALENDAR"]
    assert lines.count("METHOD:PUBLISH") == 1
    for found in ics.events(raw.decode()):
        assert {"UID", "DTSTAMP", "SEQUENCE", "STATUS", "ORGANIZER", "DTSTART", "DTEND", "SUMMARY"} <= found.keys()
        assert "ATTENDEE" not in found
        dated = "DTSTART" if found["DTSTART"].endswith("Z") else "DTSTART;VALUE=DATE"
        assert f"{dated}:{found['DTSTART']}" in lines
        assert re.fullmatch(r"\d{8}T\d{6}Z", found["DTSTAMP"])
        assert found["STATUS"] in ("CONFIRMED", "TENTATIVE", "CANCELLED")


def calendar(rendered: Rendered) -> list[dict[str, str]]:
    """The events of a mail's calendar."""
    [attached] = parsed(rendered).iter_attachments()
    raw = attached.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return ics.events(raw.decode())


def well_formed(rendered: Rendered) -> None:
    body = rendered.body
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", body) is None
    assert body.isascii()
    assert max(len(line) for line in body.split(b"\r\n")) <= 78
    message = parsed(rendered)
    assert message.defects == []
    once = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language")
    for name in (*once, "MIME-Version", "Content-Type", "X-Auto-Response-Suppress"):
        assert len(message.get_all(name, [])) == 1, name
        assert message[name].defects == (), name
    leaves = [p for p in message.walk() if not p.is_multipart()]
    encoded = {"text/plain": "quoted-printable", "text/html": "quoted-printable", "text/calendar": "base64"}
    assert [leaf.get_content_type() for leaf in leaves] == list(encoded)[: len(leaves)]
    assert message.get_content_type() == ("multipart/mixed" if len(leaves) == 3 else "multipart/alternative")
    for leaf in leaves:
        assert leaf["Content-Transfer-Encoding"] == encoded[leaf.get_content_type()]
        assert leaf.get_content_charset() == "utf-8"
        assert leaf.defects == []
        assert leaf["MIME-Version"] is None
    assert body.count(b"MIME-Version") == 1
    assert Reading(part(rendered, "html")).fetched == []
    if len(leaves) == 3:
        well_formed_calendar(leaves[2])
    assert len(rendered.subject) <= 70
    assert message["Subject"] == rendered.subject
    for word in re.findall(rb"=\?.*?\?=", body.partition(b"\r\n\r\n")[0]):
        assert len(word) <= 75


# --- subjects


@pytest.mark.parametrize(
    ("change", "swedish", "english"),
    [
        ({"days": 7}, "Om 7 dagar (5 nov): ", "In 7 days (5 Nov): "),
        ({"days": 3}, "Om 3 dagar (5 nov): ", "In 3 days (5 Nov): "),
        ({"days": 1}, "I morgon (5 nov): ", "Tomorrow (5 Nov): "),
        ({"days": 0}, "I dag (5 nov): ", "Today (5 Nov): "),
        ({"days": -1}, "1 dag försenad: ", "1 day overdue: "),
        ({"days": -3}, "3 dagar försenad: ", "3 days overdue: "),
        ({"rule": "manual", "days": 3}, "Om 3 dagar (5 nov): ", "In 3 days (5 Nov): "),
        ({"rule": "your_turn"}, "Din tur (5 nov): ", "Your turn (5 Nov): "),
        ({"rule": "your_turn", "deadline": None, "days": None}, "Din tur: ", "Your turn: "),
        ({"rule": "your_turn", "days": -3}, "Din tur, 3 dagar försenad: ", "Your turn, 3 days overdue: "),
        ({"rule": "postponed", "deadline": date(2026, 11, 12)}, "Bordläggning till 12 nov: ", "Postponed to 12 Nov: "),
        ({"rule": "rejected"}, "Avslag: ", "Rejected: "),
        ({"rule": "moved", "deadline": date(2026, 11, 12)}, "Ny hålltid 12 nov: ", "New deadline 12 Nov: "),
        (
            {"rule": "moved", "deadline": date(2026, 11, 12), "old_deadline": date(2026, 11, 5)},
            "Ny hålltid 12 nov (tidigare 5 nov): ",
            "New deadline 12 Nov (was 5 Nov): ",
        ),
        ({"deadline": None, "days": None}, "", ""),
    ],
)
def test_subjects_are_those_of_the_table(change: dict[str, object], swedish: str, english: str) -> None:
    title, theirs = "Socialnämndens plan 2028", "Social board's plan 2028"
    assert make(replace(BRIEFING, title=title, **change)).subject == swedish + title  # type: ignore[arg-type]
    reader = replace(ANNA, language="en")
    said = make(replace(ENGLISH, title=theirs, **change), reader=reader).subject  # type: ignore[arg-type]
    assert said == english + theirs


@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        ("sent_back", "Återremiss: Plan 2028 (motivering i mejlet)"),
        ("returned", "Åter för komplettering: Plan 2028 (motivering i mejlet)"),
    ],
)
def test_what_comes_back_says_that_the_reason_is_inside(rule: str, subject: str) -> None:
    assert make(replace(BRIEFING, rule=rule, title="Plan 2028")).subject == subject


def test_a_long_title_is_cut_at_a_word_and_the_rest_stays() -> None:
    title = "Mål- och resursplan för hela kommunen med alla dess nämnder och bolag 2028–2030"
    assert make(replace(BRIEFING, rule="sent_back", title=title)).subject == (
        "Återremiss: Mål- och resursplan för hela kommunen med alla… 2028–2030"
    )
    assert make(replace(BRIEFING, title="x" * 1000)).subject == f"Om 3 dagar (5 nov): {'x' * 49}…"


def test_where_the_title_is_too_long_a_subject_says_what_it_is_before_whose() -> None:
    title = "Barn- och utbildningsnämndens delårsrapport efter augusti 2027"
    item = replace(BRIEFING, rule="moved", old_deadline=date(2026, 11, 4), title=title)
    said = "Ny hålltid 5 nov (tidigare 4 nov): "
    assert make(item).subject == f"{said}Barn- och utbildningsnämndens… 2027"
    item = replace(item, shorter="Delårsrapport efter augusti 2027, BUN")
    assert make(item).subject == f"{said}Delårsrapport efter… 2027, BUN"
    assert make(replace(item, rule="ladder")).subject == "Om 3 dagar (5 nov): Delårsrapport efter augusti 2027, BUN"
    assert make(replace(item, title="Kort")).subject == f"{said}Kort"
    assert title in part(make(item), "plain")


@pytest.mark.parametrize(
    ("days", "rules", "swedish", "english"),
    [
        ((3, 7, -2), (), "Vecka 45: 2 hålltider och 1 försenad uppgift", "Week 45: 2 deadlines, 1 overdue"),
        ((3, 7), (), "Vecka 45: 2 hålltider", "Week 45: 2 deadlines"),
        ((-3, -7), (), "Vecka 45: 2 försenade uppgifter", "Week 45: 2 overdue"),
        (
            (3, -7),
            ("moved",),
            "Vecka 45: 1 hålltid, 1 försenad uppgift och 1 händelse",
            "Week 45: 1 deadline, 1 overdue, 1 update",
        ),
        ((), ("moved", "sent_back"), "Vecka 45: 2 händelser", "Week 45: 2 updates"),
    ],
)
def test_a_digest_counts(days: tuple[int, ...], rules: tuple[str, ...], swedish: str, english: str) -> None:
    items = [replace(BRIEFING, days=n, address=f"2028/{n}") for n in days]
    items += [replace(BRIEFING, rule=rule, address=f"2028/{rule}") for rule in rules]
    assert make(*items).subject == swedish
    assert make(*items, reader=replace(ANNA, language="en")).subject == english


def test_a_plan_that_one_is_reminded_of_for_two_reasons_is_one_deadline() -> None:
    twice = [replace(BRIEFING, rule="manual", reason=reason) for reason in ("the first", "the second")]
    assert make(*twice).subject == "Om 3 dagar (5 nov): Socialnämndens verksamhetsplan 2028"


def test_the_only_matter_beside_the_weeks_report_is_named() -> None:
    week = replace(BRIEFING, address="log", rule="weekly", deadline=None, days=None, title="Året", report=(("a", "b"),))
    assert make(BRIEFING, week).subject == "Om 3 dagar (5 nov): Socialnämndens verksamhetsplan 2028"
    assert make(replace(BRIEFING, rule="moved"), BRIEFING, week).subject.startswith("Ny hålltid 5 nov: ")
    assert make(week).subject == "Året"
    other = replace(BRIEFING, address="2028/mrp")
    assert make(BRIEFING, other, week).subject == "Vecka 45: 2 hålltider"


def test_a_subject_has_the_time_of_day_of_its_deadline_and_not_of_a_meeting_before_it() -> None:
    timed = replace(BRIEFING, clock="12:00", title="Ramar 2028")
    assert make(timed).subject == "Om 3 dagar (5 nov kl. 12:00): Ramar 2028"
    assert make(replace(timed, rule="your_turn")).subject == "Din tur (5 nov kl. 12:00): Ramar 2028"
    meeting = date(2026, 11, 4)
    assert make(replace(timed, meeting=meeting, counted=meeting, days=2)).subject == "Om 2 dagar (4 nov): Ramar 2028"


def test_tasks_without_a_deadline_are_counted() -> None:
    items = [replace(BRIEFING, address=f"2028/{n}", deadline=None, days=None, rule="manual") for n in range(4)]
    assert make(*items).subject == "Vecka 45: 4 uppgifter"


def test_news_of_a_plan_with_its_deadline_needs_no_reminder_beside_it() -> None:
    back = replace(BRIEFING, rule="sent_back", reason="Tabell 4 saknas")
    mail = make(BRIEFING, back)
    assert mail.subject == "Återremiss: Socialnämndens verksamhetsplan 2028 (motivering i mejlet)"
    assert part(mail, "plain").count("Hålltid: ") == 1
    late = replace(BRIEFING, days=-2)
    assert part(make(late, back), "plain").count("Hålltid: ") == 2
    assert part(make(replace(BRIEFING, rule="flagged"), BRIEFING), "plain").count("Hålltid: ") == 2


def test_a_subject_of_an_earlier_mail_is_told_apart_by_its_weekday() -> None:
    other = replace(BRIEFING, address="2028/mrp")
    assert make(BRIEFING, earlier={make(BRIEFING).subject}).subject.startswith("Måndag: Om 3 dagar (5 nov): ")
    assert make(BRIEFING, other, earlier={"Vecka 45: 2 hålltider"}).subject == "Vecka 45, måndag: 2 hålltider"
    english = replace(ANNA, language="en")
    said = make(BRIEFING, other, reader=english, earlier={"Week 45: 2 deadlines"}).subject
    assert said == "Week 45, Monday: 2 deadlines"
    assert make(BRIEFING, earlier={"Vecka 45: 2 hålltider"}).subject.startswith("Om 3 dagar")


def test_those_who_answer_questions_are_not_told_to_ask_themselves() -> None:
    assert "Kontakta" in part(make(BRIEFING), "plain")
    mine = replace(SETTINGS, reply_to=ANNA.email)
    for kind in ("plain", "html"):
        assert "Kontakta" not in part(make(BRIEFING, mail=mine), kind)
        assert "Frågor" not in part(make(BRIEFING, mail=mine), kind)


# --- the body


def test_a_single_mail_says_what_when_what_next_and_why() -> None:
    item = replace(BRIEFING, url="https://arshjul.sjovik.example/plan/x", confirm=True, must="ska lämnas in")
    mail = make(item)
    html = Reading(part(mail, "html"))
    expected = [
        "Socialnämndens verksamhetsplan 2028 ska lämnas in om 3 dagar",
        "torsdag 5 november 2026",
        "(v. 45)",
        "Ska lämnas in",
        BRIEFING.task,
        "Sedan",
        BRIEFING.then,
        "Läget",
        BRIEFING.standing,
        "Öppna och markera som klar",
        "Inget ändras förrän du har bekräftat.",
        BRIEFING.why_you,
        "Stämmer det inte? Kontakta ekonomikontoret",
        "Frågor: ekonomikontoret@sjovik.example",
        BRIEFING.address,
    ]
    for said in expected:
        assert said in html.text
        assert said in part(mail, "plain")
    assert html.links == [item.url]
    assert html.write_to == ["mailto:ekonomikontoret@sjovik.example"]
    assert html.lang == "sv"
    assert parsed(mail)["Content-Language"] == "sv"
    assert html.fetched == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    ("settings", "shown", "link"),
    [
        pytest.param(
            {"reply_to": "a?bcc=x&b%+c'd@sjovik.example"}, "a?bcc=x&b%+c'd@sjovik.example",
            "mailto:a%3Fbcc%3Dx%26b%25%2Bc%27d@sjovik.example", id="an address that looks like more",
        ),
        pytest.param(
            {"reply_to": "ekonomi@sjövik.example", "office": '"><a href="//elsewhere.example">här</a>'},
            "ekonomi@sjövik.example", "mailto:ekonomi@xn--sjvik-kua.example", id="a name that is markup",
        ),
    ],
)  # fmt: skip
def test_whom_to_ask_is_a_link_to_write_to_them(language: str, settings: dict[str, str], shown: str, link: str) -> None:
    own = replace(SETTINGS, **settings)  # type: ignore[arg-type]
    mail = make(BRIEFING, reader=replace(ANNA, language=language), mail=own)
    html = Reading(part(mail, "html"))
    assert (html.write_to, html.links) == ([link], [])
    assert own.office in html.text
    assert shown in part(mail, "plain")
    well_formed(mail)


@pytest.mark.parametrize(("language", "office"), [("sv", "ekonomikontoret"), ("en", "the finance office")])
@pytest.mark.parametrize("setting", ["", "ekonomikontoret"])
def test_without_an_address_that_answers_there_is_none_and_the_office_has_its_name_in_the_readers_language(
    language: str, office: str, setting: str
) -> None:
    mail = make(BRIEFING, reader=replace(ANNA, language=language), mail=replace(SETTINGS, reply_to="", office=setting))
    plain = part(mail, "plain")
    assert office in plain
    assert "@" not in plain.partition("--------")[2]
    assert b"\nReply-To" not in mail.body
    assert Reading(part(mail, "html")).write_to == []


def test_the_words_of_the_step_stand_round_the_task() -> None:
    html = Reading(part(make(replace(BRIEFING, must="ska beslutas", task_label="Ska beslutas")), "html"))
    assert "Socialnämndens verksamhetsplan 2028 ska beslutas om 3 dagar" in html.text
    assert "Ska beslutas" in html.text


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "//elsewhere.example"])
def test_there_is_a_button_only_where_it_leads_somewhere(url: str | None) -> None:
    mail = make(replace(BRIEFING, url=url))
    assert Reading(part(mail, "html")).links == []
    assert "Öppna" not in part(mail, "plain")


def test_a_digest_tells_all_late_first() -> None:
    late = replace(
        BRIEFING, address="2026/d", title="Delårsrapport", days=-18, deadline=date(2026, 10, 15), waiting="KS väntar"
    )
    moved = replace(BRIEFING, address="2028/ramar", title="Ramar", rule="moved", old_deadline=date(2026, 11, 4))
    plain = part(make(BRIEFING, moved, late), "plain")
    assert plain.index("Delårsrapport") < plain.index("Ramar") < plain.index("Hålltid om 3 dagar: Socialnämndens")
    assert "Väntar på uppgiften: KS väntar" in plain
    assert "Tidigare hålltid: onsdag 4 november 2026" in plain
    assert plain.count(BRIEFING.why_you) == 1


def test_what_two_notices_say_in_the_same_words_is_said_once() -> None:
    """An administrator reminds by hand on a Monday: the week's overview is due too, and counts no second deadline."""
    mail = make(replace(BRIEFING, rule="overview"), replace(BRIEFING, rule="manual"))
    assert mail.subject == make(BRIEFING).subject
    assert part(mail, "plain") == part(make(BRIEFING), "plain")
    lost = replace(BRIEFING, rule="undelivered", reason="The mail to Bo could not be delivered.")
    other = replace(lost, reason="The mail to Eva could not be delivered.")
    assert part(make(lost, lost, other), "plain").count("The mail to Bo") == 1


def test_a_mail_that_did_not_arrive_has_no_motivation_but_tells_what_happened() -> None:
    plain = part(make(replace(BRIEFING, rule="undelivered", reason="Mejlet till Bo gick inte att leverera.")), "plain")
    assert plain.startswith("Ett mejl kom inte fram: Socialnämndens verksamhetsplan 2028\n")
    assert "Vad som hände: Mejlet till Bo gick inte att leverera." in plain


def test_a_word_wider_than_a_phone_breaks_wherever_it_stands() -> None:
    """Or it widens the table, and all text beside it is cut off."""
    html = part(make(replace(BRIEFING, title="W" * 200, why_you="W" * 200)), "html")
    [outer] = re.findall(r"<table [^>]*max-width:600px[^>]*>", html)
    assert "word-break:break-word" in outer


def test_the_buttons_of_a_digest_say_what_they_open_to_those_who_only_hear_them() -> None:
    there = [replace(item, url="https://arshjul.sjovik.example/plan") for item in (BRIEFING, OTHER)]
    html = part(make(*there), "html")
    assert 'aria-label="Öppna: Hålltid om 3 dagar: Mål- och resursplan 2028"' in html


def test_a_reason_is_given_word_for_word() -> None:
    reason = 'Komplettera med:\n  1. mått & "värden"\n2. <b>risker</b>'
    mail = make(replace(BRIEFING, rule="sent_back", reason=reason))
    assert reason in part(mail, "plain")
    html = Reading(part(mail, "html"))
    assert 'Komplettera med: 1. mått & "värden" 2. <b>risker</b>' in html.text
    assert "b" not in html.tags
    without = Reading(part(make(replace(BRIEFING, rule="sent_back")), "html"))
    assert html.tags.count("br") == without.tags.count("br") + 2


@pytest.mark.parametrize(("language", "word"), [("sv", "övning"), ("en", "practice")])
def test_practice_is_said_in_subject_and_body(language: str, word: str) -> None:
    mail = make(BRIEFING, reader=replace(ANNA, language=language), mail=replace(SETTINGS, practice=True))
    assert word in mail.subject.lower()
    assert word in part(mail, "plain").lower()
    assert word in Reading(part(mail, "html")).text.lower()


def test_redirected_mail_says_loudly_whose_it_was() -> None:
    mail = make(BRIEFING, mail=replace(SETTINGS, redirect_to="prov@sjovik.example"))
    assert mail.to == "prov@sjovik.example"
    assert mail.subject.startswith("Till Åsa Öberg: ")
    message = parsed(mail)
    assert (message["To"], message["X-Arshjul-Redirected-From"]) == ("prov@sjovik.example", "asa@sjovik.example")
    for kind in ("plain", "html"):
        assert "Det här mejlet var till Åsa Öberg (asa@sjovik.example)" in part(mail, kind)
    well_formed(mail)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_kind_of_mail_is_well_formed_and_leaves_no_hole(rule: str, language: str) -> None:
    for days, deadline in ((30, date(2026, 12, 2)), (1, date(2026, 11, 3)), (-4, date(2026, 10, 29)), (None, None)):
        item = replace(BRIEFING, rule=rule, days=days, deadline=deadline, old_deadline=date(2026, 11, 1), reason="R")
        mail = make(item, reader=replace(ANNA, language=language))
        well_formed(mail)
        assert not re.search(r"[{}\x00]", part(mail, "plain") + mail.subject)


# --- headers


def test_headers_are_those_of_an_automatic_mail() -> None:
    message = parsed(make(BRIEFING))
    assert message["From"] == '"Årshjul, Sjöviks kommun" <arshjul@sjovik.example>'
    assert message["To"] == "Åsa Öberg <asa@sjovik.example>"
    assert message["Reply-To"] == "ekonomikontoret <ekonomikontoret@sjovik.example>"
    assert message["Date"] == "Mon, 02 Nov 2026 07:30:00 +0100"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Message-ID"] == f"<{'0' * 32}@sjovik.example>"


def test_mail_about_one_plan_is_one_thread_and_a_digest_none() -> None:
    one = parsed(make(BRIEFING))["References"]
    assert one == parsed(make(replace(BRIEFING, rule="sent_back")))["References"]
    assert one != parsed(make(replace(BRIEFING, address="2028/mrp")))["References"]
    assert re.fullmatch(r"<plan-[0-9a-f]{24}@sjovik\.example>", one)
    assert one == parsed(make(BRIEFING, replace(BRIEFING, rule="moved")))["References"]
    assert parsed(make(BRIEFING))["In-Reply-To"] == one
    assert parsed(make(BRIEFING, OTHER))["References"] is None


def test_the_same_facts_are_the_same_bytes() -> None:
    assert make(BRIEFING).body == make(BRIEFING).body


# --- the calendar


def test_a_deadline_stands_in_the_readers_calendar_as_a_whole_day() -> None:
    mail = make(replace(BRIEFING, calendar=(ENTRY,)))
    well_formed(mail)
    [event] = calendar(mail)
    assert (event["DTSTART"], event["DTEND"], event["SEQUENCE"]) == ("20261105", "20261106", "1")
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "TRANSPARENT")
    assert event["SUMMARY"] == "Hålltid: Socialnämndens verksamhetsplan 2028"
    assert event["ORGANIZER"] == "mailto:ekonomikontoret@sjovik.example"
    assert event["UID"].endswith("@sjovik.example")


def test_a_deadline_at_a_time_of_day_is_a_timed_event() -> None:
    hours = datetime(2026, 11, 5, 18, tzinfo=UTC), datetime(2026, 11, 5, 20, tzinfo=UTC)
    mail = make(replace(BRIEFING, clock="19:00-21:00", calendar=(replace(ENTRY, hours=hours),)))
    well_formed(mail)
    [event] = calendar(mail)
    assert (event["DTSTART"], event["DTEND"]) == ("20261105T180000Z", "20261105T200000Z")
    assert "Hålltid: torsdag 5 november 2026 kl. 19:00-21:00 (v. 45)" in part(mail, "plain")
    opens = replace(BRIEFING, rule="your_turn", opens=date(2026, 11, 2), opens_clock="08:00")
    law = replace(opens, statutory=date(2026, 11, 30), statutory_clock="16:00")
    assert "Tidigast: måndag 2 november 2026 kl. 08:00 (v. 45)" in part(make(law), "plain")
    assert "måndag 30 november 2026 kl. 16:00" in part(make(law), "plain")


def test_a_moved_deadline_is_the_same_event_with_a_higher_sequence_and_a_cancelled_one_says_so() -> None:
    [before] = calendar(make(replace(BRIEFING, calendar=(ENTRY,))))
    later = replace(ENTRY, day=date(2026, 11, 12), sequence=2)
    [after, gone] = calendar(make(replace(BRIEFING, calendar=(later, replace(later, sequence=3, status="cancelled")))))
    assert before["UID"] == after["UID"] == gone["UID"]
    assert [event["SEQUENCE"] for event in (before, after, gone)] == ["1", "2", "3"]
    assert (after["DTSTART"], gone["STATUS"]) == ("20261112", "CANCELLED")
    assert calendar(make(replace(BRIEFING, calendar=(GONE,))))[0]["UID"] != before["UID"]


def test_a_mail_without_a_deadline_has_no_calendar_and_a_digest_has_them_all() -> None:
    assert list(parsed(make(BRIEFING)).iter_attachments()) == []
    digest = make(replace(BRIEFING, calendar=(ENTRY,)), replace(BRIEFING, address="2028/mrp", calendar=(GONE,)))
    well_formed(digest)
    assert len(calendar(digest)) == 2


@given(st.text(max_size=400))
@example(r"\N\\N;,\n")
def test_no_text_gets_out_of_its_line_in_a_calendar(text: str) -> None:
    made = datetime(2026, 11, 2, 8, tzinfo=UTC)
    calendar = new_calendar("test")
    told = [f"y{text}", "end"]
    calendar.add_component(
        event_on(date(2027, 6, 16), None, uid="a@example.se", made=made, summary=f"x{text}", told=told)
    )
    raw = written(calendar).decode()
    assert re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", raw) is None
    [event] = ics.events(raw)
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (one_line(f"x{text}"), one_line(f"y{text}") + "\nend")


# --- addresses


@pytest.mark.parametrize("address", ["bo@sjövik.example", "  bo@xn--sjvik-kua.example "])
def test_a_domain_is_mailed_in_ascii_and_shown_in_letters(address: str) -> None:
    assert mailable(address) == "bo@xn--sjvik-kua.example"
    assert readable(mailable(address)) == "bo@sjövik.example"


@pytest.mark.parametrize("address", ["k@straße.example", "k@βόλος.example", f"{'a' * 65}@sjovik.example"])
def test_an_address_that_would_be_mailed_elsewhere_or_nowhere_is_none(address: str) -> None:
    with pytest.raises(AddressError):
        mailable(address)


@given(st.text(max_size=80), st.text(max_size=80))
def test_what_is_taken_as_an_address_holds_nothing_but_one(local: str, domain: str) -> None:
    try:
        address = mailable(f"{local}@{domain}")
    except AddressError:
        return
    assert re.fullmatch(r"[!-~]+@[!-~]+", address)
    assert [found for _, found in getaddresses([address])] == [address]
    assert not set(address) & set('<>()",;:\\\r\n')


def test_settings_refuse_what_could_not_be_mailed_or_would_go_bare() -> None:
    with pytest.raises(AddressError):
        MailSettings(sender="no address")
    with pytest.raises(ValueError, match="by name"):
        MailSettings(host="127.0.0.1", tls="none")
    with pytest.raises(ValueError, match="loopback"):
        MailSettings(host="mail.sjovik.example", tls="none", allow_plaintext=True)
    assert MailSettings(host="[::1]", tls="none", allow_plaintext=True).domain == "localhost.localdomain"
    assert "hemligt" not in repr(MailSettings(password="hemligt"))


# --- hostile names

HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "x\r\nBcc: all@elsewhere.example",
            "=0D=0ABcc: all@elsewhere.example",
            "=?utf-8?q?=0D=0ABcc=3A_all?=",
            '"quoted" <boss@elsewhere.example>, other@elsewhere.example',
            "boss@elsewhere.example,",
            '\\", ;:<>()[]',
            "Å" * 1000,
            "a b " * 250,
            "å, ä; ö " * 100,
            "</td><script>alert(1)</script>{{ 7 * 7 }}{n}",
            "\u202egnp.exe\u2066",
            "\x00\x01\x7f\x85\u2028\u2029\ud800",
            "👩\u200d👩\u200d👧",
            "",
        ]
    ),
)


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(RULES), st.booleans(), st.sampled_from(["sv", "en"]))
def test_no_name_gets_out_of_its_place(
    name: str, title: str, text: str, rule: str, practice: bool, language: str
) -> None:
    item = replace(
        BRIEFING, rule=rule, title=title, task=text, then=text, reason=text, why_you=text, address=title, waiting=name,
        standing=name, must=name, task_label=title, url=f"https://x.example/{text}", calendar=(ENTRY, GONE),
    )  # fmt: skip
    mail = replace(SETTINGS, practice=practice, sender_name=name, office=title)
    for items in ([item], [item, replace(item, days=-4)]):
        rendered = make(*items, reader=replace(ANNA, name=name, language=language), mail=mail)
        well_formed(rendered)
        message = parsed(rendered)
        for header, address in (("To", "asa@sjovik.example"), ("From", mail.sender), ("Reply-To", mail.reply_to)):
            [only] = message[header].addresses
            assert only.addr_spec == address
            [(shown, found)] = getaddresses([str(message_from_bytes(rendered.body)[header])])
            assert found == address
            if header == "To":
                # Not EmailMessage's reading: it puts a space between two encoded words of a name.
                assert str(make_header(decode_header(shown))) == cut(one_line(name), 60)
        assert message["Bcc"] is None
        assert set(Reading(part(rendered, "html")).tags) <= {
            "html", "head", "meta", "title", "body", "table", "tr", "td", "h1", "h2", "strong", "span", "a", "br",
        }  # fmt: skip


@given(st.text(), st.integers(2, 80))
def test_a_cut_text_is_never_longer_than_its_room(text: str, room: int) -> None:
    said = cut(one_line(text), room)
    assert len(said) <= room
    assert one_line(said) == said


@pytest.mark.parametrize(
    ("language", "days", "must", "heading"),
    [
        ("sv", 3, "", "Hålltid om 3 dagar: Socialnämndens verksamhetsplan 2028"),
        ("sv", 1, "", "Hålltid i morgon: Socialnämndens verksamhetsplan 2028"),
        ("en", 0, "", "Due today: Socialnämndens verksamhetsplan 2028"),
        ("sv", 3, "ska beslutas", "Socialnämndens verksamhetsplan 2028 ska beslutas om 3 dagar"),
    ],
)
def test_the_heading_of_a_reminder_names_its_deadline(language: str, days: int, must: str, heading: str) -> None:
    item = replace(BRIEFING, days=days, must=must)
    assert part(make(item, reader=replace(ANNA, language=language)), "plain").startswith(heading)


def test_the_week_is_that_of_the_day_it_is_made() -> None:
    sunday = datetime(2027, 1, 3, 8, tzinfo=NOW.tzinfo)
    rendered = render(ANNA, [BRIEFING, OTHER], SETTINGS, message_id="x@y", local_now=sunday)
    assert rendered.subject.startswith("Vecka 53")
