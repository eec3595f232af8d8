"""The five sample wheels agree with their sources, phase by phase; the expected days are worked out by hand.

`PLACES` names for each phase of a source where it stands in our wheel. Where the source says nothing of its time, the
place alone must be there.
"""

from datetime import date
from pathlib import Path

import pytest

from config.municipality import municipality
from config.municipality.check_folder import check
from config.municipality.codes import number
from workflows.definition.definition import Definition, Wheel
from workflows.rules.timetable import Day, Timetable

CONFIG = Path(municipality.__file__).parents[1] / "samples"
FOLDERS = {path.parent.name: path.parent for path in sorted(CONFIG.glob("*/wheel.toml"))}
SHOWN = ("vanersborg", "ostersund", "ljusdal", "lidingo", "lejre")
LOADED = {name: municipality.load(FOLDERS[name]) for name in SHOWN}

d = date.fromisoformat

# Of each source: its phase, "start" or "due", our place, the day in an ordinary year and in one after an election.
YEARS = {"vanersborg": (2028, 2027), "ostersund": (2028, 2027), "ljusdal": (2028, 2027), "lidingo": (2028, 2027),
         "lejre": (2024, 2026)}  # fmt: skip
STATED: dict[str, list[tuple[str, str, str, str, str]]] = {
    "vanersborg": [
        ("beredning_start", "start", "budgetberedning started opens", "2027-01-01", "2026-01-01"),
        ("anvisningar_ramar", "due", "ramar draft target", "2027-02-28", "2026-02-28"),
        ("mrp_beslut", "due", "mrp kf last", "2027-06-30", "2026-06-30"),
        ("vp_arbete", "start", "verksamhetsplan board draft opens", "2027-09-01", "2026-09-01"),
        ("vp_beslut", "due", "verksamhetsplan board reported last", "2027-12-31", "2026-12-31"),
        ("delar_april", "start", "delarsrapport-april opened opens", "2028-05-01", "2027-05-01"),  # after April
        ("delar_augusti", "start", "delarsrapport-augusti opened opens", "2028-09-01", "2027-09-01"),
        ("arsredovisning", "start", "arsredovisning opened opens", "2029-01-01", "2028-01-01"),
        ("arsredovisning", "due", "arsredovisning board opened last", "2029-01-31", "2028-01-31"),
    ],
    "ostersund": [
        ("start", "start", "start open opens", "2026-09-01", "2025-09-01"),
        ("forutsattningar", "start", "forutsattningar open opens", "2026-12-01", "2025-12-01"),
        ("forutsattningar", "due", "forutsattningar open last", "2027-01-31", "2026-01-31"),
        ("ks_ramar", "due", "ramar proposing last", "2027-02-28", "2026-02-28"),
        ("kf_ramar", "due", "ramar deciding last", "2027-03-31", "2026-03-31"),
        ("namnder", "start", "namnder board deciding opens", "2027-05-01", "2026-05-01"),
        ("namnder", "due", "namnder board deciding last", "2027-06-30", "2026-06-30"),
        ("beredning", "start", "beredning open opens", "2027-06-01", "2026-06-01"),
        ("beredning", "due", "beredning open last", "2027-06-30", "2026-06-30"),
        ("slutlig", "due", "slutlig deciding last", "2027-09-30", "2026-09-30"),
        ("revidering", "due", "revidering deciding last", "2027-11-30", "2026-11-30"),
        ("uppf_april", "start", "uppfoljning-april open opens", "2028-05-01", "2027-05-01"),  # as of 30 April
        ("delar", "start", "delarsrapport opened opens", "2028-09-01", "2027-09-01"),  # as of 31 August
        ("bokslut", "start", "bokslut open opens", "2029-01-01", "2028-01-01"),  # as of 31 December
        ("arsredovisning", "start", "arsredovisning deciding opens", "2029-04-01", "2028-04-01"),
        ("arsredovisning", "due", "arsredovisning deciding last", "2029-05-31", "2028-05-31"),
    ],
    "ljusdal": [  # the council's invented meetings: the fourth Monday
        ("kf", "due", "budget deciding last", "2027-06-28", ""),
        ("kf_inriktning_valar", "due", "budget deciding last", "", "2026-06-30"),
        ("kf_slutlig_valar", "due", "slutlig-budget deciding last", "", "2026-11-30"),
        ("delar", "due", "delarsrapport deciding last", "2028-10-23", "2027-10-25"),
        ("arsredovisning", "due", "arsredovisning deciding last", "2029-04-23", "2028-04-24"),
    ],
    "lidingo": [  # the executive board's invented meetings: the second and fourth Monday
        ("forutsattningar", "start", "forutsattningar open opens", "2027-01-01", "2026-01-01"),
        ("forutsattningar", "due", "forutsattningar open last", "2027-05-31", "2026-05-31"),
        ("direktiv", "due", "direktiv deciding last", "2027-06-05", "2026-06-05"),
        ("namndforslag_arbete", "start", "namndforslag board draft opens", "2027-06-01", "2026-06-01"),
        ("namndforslag_arbete", "due", "namndforslag open last", "2027-09-30", "2026-09-30"),
        ("namndforslag", "due", "namndforslag board deciding last", "2027-09-30", "2026-09-30"),
        ("ks1", "due", "budget first_meeting last", "2027-10-11", "2026-10-12"),
        ("ks2", "due", "budget second_meeting last", "2027-10-25", "2026-10-26"),
        ("kf", "due", "budget deciding last", "2027-11-30", "2026-11-30"),
        ("manad_feb", "start", "manadsrapport-02 open opens", "2028-03-01", "2027-03-01"),  # of February
        ("manad_mar", "start", "manadsrapport-03 open opens", "2028-04-01", "2027-04-01"),
        ("manad_apr", "start", "manadsrapport-04 open opens", "2028-05-01", "2027-05-01"),
        ("manad_jul", "start", "manadsrapport-07 open opens", "2028-08-01", "2027-08-01"),
        ("delar_aug", "start", "manadsrapport-08 opened opens", "2028-09-01", "2027-09-01"),
        ("manad_okt", "start", "manadsrapport-10 open opens", "2028-11-01", "2027-11-01"),
    ],
    "lejre": [  # 2024 is the year of the page; other years have its months, the committee's and the council's meetings
        ("seminar1", "due", "seminar-1 open last", "2023-05-25", "2025-05-31"),
        ("seminar2", "start", "seminar-2 open opens", "2023-08-17", "2025-08-01"),
        ("seminar2", "due", "seminar-2 open last", "2023-08-18", "2025-08-31"),
        ("ou1", "due", "budget proposing_first last", "2023-08-28", "2025-08-25"),
        ("borgermoede", "due", "borgermode open last", "2023-08-30", "2025-08-31"),
        ("hoering", "start", "horing open opens", "2023-08-30", "2025-08-21"),
        ("hoering", "due", "horing board open last", "2023-09-21", "2025-09-30"),
        ("kb1", "due", "budget first_reading last", "2023-09-04", "2025-09-08"),
        ("forhandling", "start", "forhandling open opens", "2023-09-01", "2025-09-01"),
        ("forhandling", "due", "forhandling open last", "2023-09-30", "2025-09-30"),
        ("ou2", "due", "budget proposing_second last", "2023-10-02", "2025-10-06"),
        ("kb2", "due", "budget second_reading last", "2023-10-09", "2025-10-13"),
    ],
}
UNDATED = {  # the source says no time: our phase is there
    "vanersborg": {"tidsplan": "tidsplan", "uppdragsdialog": "uppdragsdialog", "arsberattelse": "arsberattelse"},
    "lejre": {"proces": "proces"},
}
PHASES = {  # every phase and follow-up of the source, by its id there
    "vanersborg": "tidsplan beredning_start uppdragsdialog anvisningar_ramar mrp_beslut vp_arbete vp_beslut "
    "delar_april delar_augusti arsredovisning arsberattelse",
    "ostersund": "start forutsattningar ks_ramar kf_ramar namnder beredning slutlig revidering uppf_april delar "
    "bokslut arsredovisning",
    "ljusdal": "kf kf_inriktning_valar kf_slutlig_valar delar arsredovisning",
    "lidingo": "forutsattningar direktiv namndforslag_arbete namndforslag ks1 ks2 kf manad_feb manad_mar manad_apr "
    "manad_jul delar_aug manad_okt",
    "lejre": "proces seminar1 seminar2 ou1 borgermoede hoering kb1 forhandling ou2 kb2",
}
UNCERTAIN = {"vanersborg": 7, "ostersund": 4, "ljusdal": 2, "lidingo": 3, "lejre": 1}


def cycle(name: str, year: int) -> tuple[Definition, Timetable]:
    definition = LOADED[name].definition.for_cycle("budget", year)
    return definition, Timetable(definition, "budget", year, LOADED[name].meetings)


def day(name: str, year: int, at: str) -> Day:
    phase, *of_boards, state, bound = at.split()
    definition, timetable = cycle(name, year)
    whole = definition.phases("budget", year)[phase]
    binding = whole.board if of_boards else whole
    assert binding
    return timetable.day(binding.states[state], bound)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "year", "at", "expected"),
    [
        pytest.param(name, year, at, d(stated), id=f"{name} {year} {phase} {which}")
        for name, rows in STATED.items()
        for phase, which, at, *days in rows
        for year, stated in zip(YEARS[name], days, strict=True)
        if stated
    ],
)
def test_the_dates_are_those_that_the_source_states(name: str, year: int, at: str, expected: date) -> None:
    assert day(name, year, at).date == expected


@pytest.mark.parametrize("name", SHOWN)
def test_every_phase_of_the_source_is_there(name: str) -> None:
    undated = UNDATED.get(name, {})
    assert {row[0] for row in STATED[name]} | set(undated) == set(PHASES[name].split())
    phases = LOADED[name].definition.phases("budget", YEARS[name][0])
    assert set(undated.values()) <= set(phases)


def test_every_sample_wheel_loads_and_its_warnings_have_numbers() -> None:
    assert set(FOLDERS) == set(SHOWN)
    for name, folder in FOLDERS.items():
        _, warnings = check(folder, [("budget", year) for year in YEARS[name]])
        assert all(number(warning.fault.code).startswith("W") and warning.fault.line for warning in warnings)
        assert sum(warning.fault.code == "uncertain" for warning in warnings) == UNCERTAIN[name]


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "vanersborg"])
def test_all_people_are_invented(name: str) -> None:
    addresses = [person.email for person in LOADED[name].people.values()]
    assert all(address.endswith("@example.se") for address in addresses)
    assert len(set(addresses)) == len(addresses)


# ---- what is special to one of them ----------------------------------------------------------------------------


def test_ljusdals_slot_of_june_is_another_decision_in_an_election_year() -> None:
    ordinary, after = cycle("ljusdal", 2028)[0], cycle("ljusdal", 2027)[0]
    assert ordinary.wheel.phases["budget"].label.sv == "Budget"
    assert after.wheel.phases["budget"].label.sv == "Inriktningsbeslut för budgeten"
    assert "slutlig-budget" not in ordinary.phases("budget", 2028)
    assert after.phases("budget", 2027)["slutlig-budget"].revises == "budget"
    published = {definition.wheel.phases["budget-publiceras"].steps["open"].follows for definition in (ordinary, after)}
    assert {follows.phase for follows in published if follows} == {"budget", "slutlig-budget"}


def test_lidingo_reports_in_six_months_and_augusts_is_another_document() -> None:
    definition, _ = cycle("lidingo", 2028)
    months = {id[-2:]: phase for id, phase in definition.wheel.phases.items() if id.startswith("manadsrapport-")}
    assert list(months) == ["02", "03", "04", "07", "08", "10"]
    assert {month: phase.workflow for month, phase in months.items() if phase.workflow != "manadsrapport"} == {
        "08": "delarsrapport"
    }
    august = months["08"]
    assert august.board
    assert (august.label.en, august.board.workflow) == ("Interim accounts", "delarsrapport-namnd")
    assert (august.parties["receives"], list(august.states)) == ("revisorerna", ["opened", "compiled", "handed_over"])
    assert months["10"].label.sv == "Månadsrapport oktober"


def test_lidingos_second_meeting_is_about_two_weeks_after_the_first() -> None:
    second = day("lidingo", 2028, "budget second_meeting last")
    assert second.provisional  # said as "cirka"
    assert not day("lidingo", 2028, "budget first_meeting last").provisional


def test_lejres_readings_are_three_weeks_apart_and_the_hearing_spans_the_first() -> None:
    for year in (2024, 2025, 2026, 2027, 2028):
        first, second = (day("lejre", year, f"budget {reading}_reading last").date for reading in ("first", "second"))
        assert first
        assert second
        assert (second - first).days >= 21
        opens, ends = day("lejre", year, "horing open opens").date, day("lejre", year, "horing open target").date
        assert opens
        assert ends
        assert opens < first < ends
    evening = day("lejre", 2024, "borgermode open last").clock
    assert [f"{at:%H:%M}" for at in evening or () if at] == ["19:00", "21:00"]


def test_lejre_has_its_own_countrys_elections_and_days_off() -> None:
    wheel = LOADED["lejre"].definition.wheel
    assert [year for year in range(2020, 2032) if wheel.elections.in_year(year)] == [2021, 2025, 2029]
    _, timetable = cycle("lejre", 2026)
    assert not timetable.calendar.is_working_day(date(2026, 5, 14))  # Ascension day
    assert timetable.calendar.is_working_day(date(2026, 6, 19))  # midsummer's eve, a day off in Sweden


def test_ostersunds_revision_waits_until_somebody_takes_it_up() -> None:
    phase = LOADED["ostersund"].definition.wheel.phases["revidering"]
    assert (phase.optional, phase.revises) == (True, "slutlig")
    assert phase.condition


def test_a_board_with_a_date_of_its_own_keeps_the_others() -> None:
    definition = LOADED["ostersund"].definition
    table = definition.wheel.model_dump(by_alias=True, exclude_defaults=True)
    own = {"state": {"draft": {"last": {"date": "31 May Y-1", "source": "x"}}}}
    table["phase"]["namnder"]["exception"] = {"ks": own}
    changed = Definition(wheel=Wheel.model_validate(table), workflows=definition.workflows)
    timetable = Timetable(changed, "budget", 2028)
    ks, others = (timetable.states("namnder", board)["draft"] for board in ("ks", "vard-och-omsorgsnamnden"))
    assert ks["last"].date == date(2027, 5, 31)
    assert others["last"].date == date(2027, 5, 20)
    assert ks["opens"].date == others["opens"].date == date(2027, 4, 1)
