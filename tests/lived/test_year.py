"""Whole years of Vänersborg through the command: ordinary, with a leap day, with elections.

Every date and state that is expected here was written by hand from the rules (budget year Y; E: the year of an
election), none was asked of the program. Decisions are recorded with `advance`, and only as `show` offers them.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.installed import at
from tests.support.town import BOARDS, THREE, Town


def over(stands: dict[str, str]) -> set[str]:
    """The statuses of a cycle."""
    return {said.split()[1] for said in stands.values()}


# ---- 2027: an ordinary year ----------------------------------------------------------------------------------------

DATES_2028 = {
    "tidsplan": {"draft": {"opens": "2026-11-01", "last": "2026-11-30"}, "in_force": {"opens": "2027-01-01"}},
    "ramar": {
        "draft": {"opens": "2027-01-01", "target": "2027-02-28", "last": "2027-03-31"},
        "decided": {"opens": "2027-02-01", "last": "2027-04-10"},
    },
    "mrp": {
        "underlag": {"opens": "2027-03-01", "last": "2027-05-31"},
        "ks_proposal": {"opens": "2027-05-01", "last": "2027-06-10"},
        "kf": {"opens": "2027-06-01", "last": "2027-06-30", "statutory": "2027-11-30"},
        "in_force": {"opens": "2028-01-01"},
    },
    "verksamhetsplan/socialnamnden": {
        "open": {"opens": "2027-09-01", "last": "2027-09-30"},
        "draft": {"opens": "2027-09-01", "last": "2027-11-30"},
        "reported": {"opens": "2027-10-01", "last": "2027-12-31"},
        "decided": {"opens": "2027-10-01", "last": "2028-01-15"},
        "reported_to_ks": {"opens": "2027-10-01"},
        "in_force": {"opens": "2028-01-01"},
    },
    "delarsrapport-augusti": {
        "opened": {"opens": "2028-09-01", "last": "2028-10-07"},
        "compiled": {"opens": "2028-10-01", "last": "2028-10-31", "statutory": "2028-10-31"},
        "handed_over": {"opens": "2028-10-01", "last": "2028-11-30"},
    },
    "arsredovisning": {
        "opened": {"opens": "2029-01-01", "last": "2029-02-28"},
        "compiled": {"opens": "2029-02-15", "last": "2029-04-10"},
        "drawn_up": {"opens": "2029-03-01", "last": "2029-04-15", "statutory": "2029-04-15"},
        "handed_over": {"opens": "2029-04-01", "last": "2029-06-30"},
        "approved": {"opens": "2029-04-01", "last": "2029-06-30"},
    },
}


def all_of(phase: str, to: str, boards: Iterable[str]) -> dict[str, str]:
    """A phase and its boards' plans that all move alike in one tick."""
    return {phase: to, **{f"{phase}/{board}": to for board in boards}}


@pytest.mark.parametrize(
    "boards",
    [pytest.param(THREE, id="three boards"), pytest.param(BOARDS, id="all nine boards", marks=pytest.mark.slow)],
)
def test_an_ordinary_year_with_three_cycles_and_the_new_goals_alive(tmp_path: Path, boards: tuple[str, ...]) -> None:
    town = Town(tmp_path / "home")
    town.begin("2026-11-02", boards)
    town.open("2026-11-02", "2028")
    assert over(town.stands("2026-11-02", "2028")) == {"draft", "in_progress", "not_concerned"}
    assert {phase: town.dates("2026-11-02", f"2028/{phase}") for phase in DATES_2028} == DATES_2028
    town.take("2026-11-05", "decide", "2028/tidsplan", "decided", meeting="2026-11-04")

    # January: the budget work begins. The year before last is to be accounted for, the last one is reported on.
    assert town.tick("2027-01-04") == {
        "2028/tidsplan": "in_force", "2028/budgetberedning": "started", "2028/ramar": "draft",
    }  # fmt: skip
    assert town.told("ks-officer", "2027-01-04") == ["2028/ramar draft your_turn"]  # it is KS that is to decide them
    town.open("2027-01-18", "2026", "2027", "mandat-2026")
    # Plans that ended before the town started require nothing. The budget of 2027 is decided after the election.
    introduced = "upcoming before_introduction"
    assert town.stands("2027-01-18", "2026") == {
        "tidsplan": introduced, "budgetberedning": introduced, "ramar": introduced, "namndforslag": introduced,
        "namndforslag/*": introduced, "uppdragsdialog": introduced, "uppdragsdialog/*": introduced,
        "uppdragsdialog/valnamnden": "upcoming not_concerned", "mrp": introduced, "verksamhetsplan": introduced,
        "verksamhetsplan/*": introduced, "delarsrapport-april": introduced, "delarsrapport-april/*": introduced,
        "delarsrapport-augusti": introduced, "delarsrapport-augusti/*": introduced,
        "arsredovisning": "opened in_progress", "arsredovisning/*": "opened in_progress",
        "arsberattelse": "open in_progress", "arsberattelse/*": "open in_progress",
    }  # fmt: skip
    assert "budgetfaststallelse" in town.stands("2027-01-18", "2027")
    assert "budgetfaststallelse" not in town.stands("2027-01-18", "2028")

    # The boards owe their accounts by Sunday 31 January: told on the working days 7, 3 and 1 before Friday the 29th, on
    # that day, and, when they are late, 1, 3 and 7 working days after.
    town.tick("2027-01-20")
    both = ["2026/arsberattelse/socialnamnden open ladder-7", "2026/arsredovisning/socialnamnden opened ladder-7"]
    assert town.told("socialnamnden-function", "2027-01-20") == []  # the officer reads it
    assert town.told("socialnamnden-officer", "2027-01-20") == both
    assert town.mailed("socialnamnden-head", "2027-01") == []
    town.take("2027-01-21", "report", "2026/arsredovisning/*", "reported", without=["socialnamnden"])
    town.take("2027-01-21", "draft", "2026/arsberattelse/*", "draft")
    for day in ("2027-01-26", "2027-01-28", "2027-01-29"):
        town.tick(day)
    late = "arsredovisning/socialnamnden"
    assert late not in over_and_late(town, "2027-01-31", "2026", "23:59")
    assert late in over_and_late(town, "2027-02-01", "2026", "00:00")
    for day in ("2027-02-01", "2027-02-03", "2027-02-09"):
        town.tick(day)
    january = ["2027-01-20", "2027-01-26", "2027-01-28", "2027-01-29", "2027-02-01", "2027-02-03", "2027-02-09"]
    assert town.mailed("socialnamnden-officer", "2027-01", "2027-02") == january
    assert town.mailed("socialnamnden-head", "2027-01", "2027-02") == ["2027-02-03", "2027-02-09"]
    assert town.mailed("socialnamnden-chair", "2027-01", "2027-02") == ["2027-02-09"]
    assert "2026/arsredovisning/socialnamnden opened ladder7" in town.told("admin", "2027-02-09")
    # The others had handed theirs in: they are only told what comes next.
    assert town.told("valnamnden-officer", "2027-01-26") == [
        "2026/arsberattelse/valnamnden draft your_turn", "2026/arsredovisning/valnamnden reported your_turn",
    ]  # fmt: skip
    assert town.mailed("valnamnden-officer", "2027-01") == ["2027-01-20", "2027-01-26"]
    town.take("2027-02-09", "report", "2026/arsredovisning/socialnamnden", "reported")
    town.take("2027-02-09", "analyse", "2026/arsredovisning/*", "analysed")

    # The frames in February; the boards treat their accounts; in March the boards, the groundwork and the goals begin.
    town.take("2027-02-25", "decide", "2028/ramar", "decided", meeting="2027-02-24")
    town.take("2027-02-25", "decide", "2026/arsredovisning/*", "treated", meeting="2027-02-24")
    assert town.tick("2027-03-01") == {
        "2026/arsredovisning": "compiled", "2028/mrp": "underlag", "mandat-2026/inriktningsmal": "proposal",
        **all_of("2028/namndforslag", "open", boards),
    }  # fmt: skip
    assert town.dates("2027-03-01", "mandat-2026/inriktningsmal") == {
        "proposal": {"opens": "2027-03-01", "last": "2027-10-31"},
        "kf": {"opens": "2027-09-01", "last": "2027-12-31"},
        "in_force": {"opens": "2028-01-01"},
        "replaced": {"opens": "2033-01-01"},  # four MRPs: 2029 to 2032
    }
    town.take("2027-03-02", "send_out", "2028/ramar", "sent_out")
    town.take("2027-03-04", "draw_up", "2026/arsredovisning", "drawn_up", meeting="2027-03-03")
    town.take("2027-03-15", "draft", "2028/namndforslag/*", "draft")
    town.take("2027-03-30", "decide", "2026/arsberattelse/*", "treated", meeting="2027-03-24")
    assert town.tick("2027-04-01") == {
        "2026/arsberattelse": "compiled",
        **all_of("2028/uppdragsdialog", "open", [board for board in boards if board != "valnamnden"]),
    }
    town.take("2027-04-12", "hand_over", "2026/arsredovisning", "handed_over")  # the law's last day is the 15th
    town.take("2027-04-29", "propose", "2028/namndforslag/*", "proposal", meeting="2027-04-28")

    # The first of May is a Saturday: the report opens then, and the boards are told on Monday.
    assert town.tick("2027-05-03") == all_of("2027/delarsrapport-april", "opened", boards)
    assert town.told("valnamnden-officer", "2027-05-03") == ["2027/delarsrapport-april/valnamnden opened your_turn"]
    town.take("2027-05-07", "report", "2027/delarsrapport-april/*", "reported")
    town.take("2027-05-10", "hold", "2028/uppdragsdialog/*", "held", without=["valnamnden"])
    town.take("2027-05-10", "reconcile", "2028/namndforslag/*", "reconciled")
    assert town.tick("2027-05-11") == {"2028/uppdragsdialog": "held", "2028/namndforslag": "reconciled"}
    town.take("2027-05-11", "reconcile", "2028/uppdragsdialog", "closed")
    town.take("2027-05-18", "analyse", "2027/delarsrapport-april/*", "analysed")
    town.take("2027-05-20", "submit", "2028/mrp", "ks_proposal")
    town.take("2027-05-28", "decide", "2027/delarsrapport-april/*", "treated", meeting="2027-05-27")
    assert town.tick("2027-05-31") == {"2028/budgetberedning": "reconciled", "2027/delarsrapport-april": "compiled"}

    # June: KF adopts the plan for 2028, treats the report of 2027, approves the account of 2026 and grants discharge.
    town.take("2027-06-03", "propose", "2028/mrp", "kf", meeting="2027-06-02")
    town.take("2027-06-03", "hand_over", "2027/delarsrapport-april", "handed_over", meeting="2027-06-02")
    town.take("2027-06-17", "decide", "2028/mrp", "adopted", meeting="2027-06-16")
    town.take("2027-06-17", "decide", "2027/delarsrapport-april", "treated", meeting="2027-06-16")
    town.take("2027-06-17", "decide", "2026/arsredovisning", "approved", meeting="2027-06-16")
    town.take("2027-06-17", "discharge", "2026/arsredovisning", "discharged", meeting="2027-06-16")
    assert town.tick("2027-06-18") == {
        "2028/budgetberedning": "closed", "2028/ramar": "superseded", **all_of("2028/namndforslag", "fixed", boards),
    }  # fmt: skip
    assert over(town.stands("2027-06-18", "2026")) == {"before_introduction", "not_concerned", "done"}
    spring = town.stands("2027-06-18", "2028")
    assert {spring[phase] for phase in ("delarsrapport-april", "arsredovisning/*", "verksamhetsplan/*")} == {
        "upcoming upcoming"
    }

    # Autumn: the operational plans of 2028, the report after August 2027.
    assert town.tick("2027-09-01") == {
        **all_of("2028/verksamhetsplan", "open", boards), **all_of("2027/delarsrapport-augusti", "opened", boards),
    }  # fmt: skip
    town.take("2027-09-10", "draft", "2028/verksamhetsplan/*", "draft")
    town.take("2027-09-10", "report", "2027/delarsrapport-augusti/*", "reported")
    town.take("2027-09-21", "analyse", "2027/delarsrapport-augusti/*", "analysed")
    town.take("2027-10-01", "decide", "2027/delarsrapport-augusti/*", "treated", meeting="2027-09-27")
    assert town.tick("2027-10-04") == {"2027/delarsrapport-augusti": "compiled"}
    town.take("2027-10-07", "hand_over", "2027/delarsrapport-augusti", "handed_over", meeting="2027-10-06")
    town.take("2027-10-07", "propose", "mandat-2026/inriktningsmal", "kf", meeting="2027-10-06")
    town.take("2027-10-21", "decide", "2027/delarsrapport-augusti", "treated", meeting="2027-10-20")
    town.take("2027-10-29", "submit", "2028/verksamhetsplan/*", "reported")

    # November: the next budget year opens by itself, a draft that waits for KS.
    town.tick("2027-11-01")
    assert town.told("ks-officer", "2027-11-01")[-1] == "2029/tidsplan draft your_turn"
    draft = town.stands("2027-11-01", "2029")
    assert draft.pop("tidsplan") == "draft in_progress"
    assert over(draft) == {"draft", "not_concerned"}

    # December: each board decides its plan; KF fixes the goals of the mandate period, the year after the election.
    town.take("2027-12-16", "decide", "2028/verksamhetsplan/*", "decided", meeting="2027-12-14")
    town.take("2027-12-16", "decide", "mandat-2026/inriktningsmal", "fixed", meeting="2027-12-15")
    town.take("2027-12-17", "report", "2028/verksamhetsplan/*", "reported_to_ks", without=["ks"])
    assert town.tick("2027-12-20") == {
        "2028/verksamhetsplan": "compiled", "2028/verksamhetsplan/ks": "reported_to_ks",
    }  # fmt: skip
    in_force = {f"2028/verksamhetsplan/{board}": "in_force" for board in boards}
    in_force |= {"2028/mrp": "in_force", "mandat-2026/inriktningsmal": "in_force"}
    moved = town.tick("2028-01-03")
    assert {address: to for address, to in moved.items() if to == "in_force"} == in_force
    assert moved["2027/arsredovisning"] == "opened"
    town.is_whole("2028-01-03")


def over_and_late(town: Town, day: str, cycle: str, hour: str) -> list[str]:
    return [address for address, said in town.stands(day, cycle, hour).items() if said.endswith("overdue")]


# ---- 2028: a year with a leap day, and the whole life of a budget year -----------------------------------------------


def test_a_year_with_a_leap_day(tmp_path: Path) -> None:
    town = Town(tmp_path / "home")
    from_the_timetable_to_the_leap_day(town)
    town.is_whole("2028-03-02")


@pytest.mark.slow
def test_a_budget_year_from_its_timetable_to_its_discharge(tmp_path: Path) -> None:
    town = Town(tmp_path / "home")
    from_the_timetable_to_the_leap_day(town)
    accounts_are_settled(town, "2027", "2028")

    # The spring of the budget for 2029; the report of 2028 after April.
    town.take("2028-03-15", "draft", "2029/namndforslag/*", "draft")
    town.take("2028-04-27", "propose", "2029/namndforslag/*", "proposal", meeting="2028-04-26")
    town.tick("2028-05-02")
    town.take("2028-05-08", "hold", "2029/uppdragsdialog/*", "held", without=["valnamnden"])
    town.take("2028-05-08", "reconcile", "2029/namndforslag/*", "reconciled")
    report_of_april(town, "2028")
    town.take("2028-05-30", "reconcile", "2029/uppdragsdialog", "closed")
    town.take("2028-05-30", "submit", "2029/mrp", "ks_proposal")
    town.take("2028-06-08", "propose", "2029/mrp", "kf", meeting="2028-06-07")
    town.take("2028-06-22", "decide", "2029/mrp", "adopted", meeting="2028-06-21")
    assert town.tick("2028-06-26") == {
        "2029/budgetberedning": "closed", "2029/ramar": "superseded",
        **all_of("2029/namndforslag", "fixed", town.boards),
    }  # fmt: skip
    assert over(town.stands("2028-06-26", "2027")) == {"before_introduction", "not_concerned", "done"}

    # Its autumn; the report of 2028 after August.
    report_of_august(town, "2028")
    town.take("2028-10-26", "draft", "2029/verksamhetsplan/*", "draft")
    town.take("2028-10-27", "submit", "2029/verksamhetsplan/*", "reported")
    town.take("2028-12-13", "decide", "2029/verksamhetsplan/*", "decided", meeting="2028-12-12")
    town.take("2028-12-14", "report", "2029/verksamhetsplan/*", "reported_to_ks", without=["ks"])
    town.tick("2028-12-18")
    assert town.stands("2029-01-01", "2029")["verksamhetsplan"] == "compiled done"
    assert town.tick("2029-01-02")["2029/verksamhetsplan/ks"] == "in_force"

    # 2029 is carried out, reported on, accounted for, and over.
    report_of_april(town, "2029")
    report_of_august(town, "2029")
    town.tick("2030-01-02")
    town.take("2030-01-28", "report", "2029/arsredovisning/*", "reported")
    town.take("2030-01-28", "draft", "2029/arsberattelse/*", "draft")
    town.take("2030-02-11", "analyse", "2029/arsredovisning/*", "analysed")
    town.take("2030-02-27", "decide", "2029/arsredovisning/*", "treated", meeting="2030-02-26")
    assert town.tick("2030-02-28")["2029/arsredovisning"] == "compiled"
    accounts_are_settled(town, "2029", "2030")
    assert town.tick("2030-06-24") == {}
    at_last = town.stands("2030-06-24", "2029")
    assert over(at_last) == {"done", "not_concerned"}
    assert at_last["verksamhetsplan/*"] == "followed_up done"
    assert at_last["arsredovisning"] == "discharged done"
    town.is_whole("2030-06-24")


def from_the_timetable_to_the_leap_day(town: Town) -> None:
    """The budget year 2029 from November 2027 on; 2027 is accounted for, 2028 is carried out."""
    town.begin("2027-11-01", THREE)
    town.open("2027-11-01", "2029")
    town.take("2027-11-04", "decide", "2029/tidsplan", "decided", meeting="2027-11-03")
    assert town.tick("2028-01-03")["2029/ramar"] == "draft"
    town.open("2028-01-17", "2027", "2028")
    three = {cycle: over(town.stands("2028-01-17", cycle)) for cycle in ("2027", "2028", "2029")}
    assert three == {
        "2027": {"before_introduction", "not_concerned", "in_progress"},
        "2028": {"before_introduction", "not_concerned", "upcoming"},
        "2029": {"done", "in_progress", "upcoming", "not_concerned"},
    }

    # The last of February is the 29th in 2028, and the 28th in 2029.
    leap = town.dates("2028-01-17", "2029/ramar")["draft"]
    assert leap == {"opens": "2028-01-01", "target": "2028-02-29", "last": "2028-03-31"}
    assert town.dates("2028-01-17", "2027/arsredovisning")["opened"]["last"] == "2028-02-29"
    assert town.dates("2028-01-17", "2027/arsredovisning/valnamnden")["analysed"]["last"] == "2028-02-29"
    assert town.dates("2028-01-17", "2028/arsredovisning")["opened"]["last"] == "2029-02-28"
    town.take("2028-01-28", "report", "2027/arsredovisning/*", "reported")
    town.take("2028-01-28", "draft", "2027/arsberattelse/*", "draft")
    town.take("2028-02-10", "analyse", "2027/arsredovisning/*", "analysed")
    # Tuesday the 29th: 7, 3 and 1 working days before it, and the day itself. The yearly review, due on 31 March, is 30
    # working days away on the 18th: one mail for both.
    for day in ("2028-02-11", "2028-02-18", "2028-02-24", "2028-02-28", "2028-02-29"):
        town.tick(day)
    account, review = "2027/arsredovisning/valnamnden analysed", "2027/arsberattelse/valnamnden draft"
    assert [town.told("valnamnden-officer", f"2028-02-{day}") for day in (18, 24, 28, 29)] == [
        [f"{review} ladder-30", f"{account} ladder-7"], [f"{account} ladder-3"], [f"{account} ladder0"],
        [f"{account} ladder1"],  # it meets on the 28th for the last time before the 29th
    ]  # fmt: skip
    assert town.stands("2028-02-29", "2027", "23:59")["arsredovisning/*"] == "analysed in_progress"
    assert town.stands("2028-03-01", "2027", "00:00")["arsredovisning/*"] == "analysed overdue"
    town.take("2028-02-29", "decide", "2027/arsredovisning/*", "treated", meeting="2028-02-29")
    town.take("2028-02-29", "decide", "2029/ramar", "decided", meeting="2028-02-29")
    assert town.tick("2028-03-01") == {
        "2027/arsredovisning": "compiled", "2029/mrp": "underlag", **all_of("2029/namndforslag", "open", town.boards),
    }  # fmt: skip
    town.take("2028-03-02", "send_out", "2029/ramar", "sent_out")


def report_of_april(town: Town, year: str) -> None:
    """The interim report of that year after April, from its boards to KF in June."""
    plans = f"{year}/delarsrapport-april"
    assert town.tick(f"{year}-05-03").get(plans, "opened") == "opened"
    town.take(f"{year}-05-09", "report", f"{plans}/*", "reported")
    town.take(f"{year}-05-17", "analyse", f"{plans}/*", "analysed")
    town.take(f"{year}-05-29", "decide", f"{plans}/*", "treated", meeting=f"{year}-05-28")
    assert town.tick(f"{year}-05-30")[plans] == "compiled"
    town.take(f"{year}-06-08", "hand_over", plans, "handed_over", meeting=f"{year}-06-07")
    town.take(f"{year}-06-22", "decide", plans, "treated", meeting=f"{year}-06-21")


def report_of_august(town: Town, year: str) -> None:
    """The one after August: handed to KF and the auditors within two months of the period's end."""
    plans = f"{year}/delarsrapport-augusti"
    assert town.dates(f"{year}-06-26", plans)["compiled"]["statutory"] == f"{year}-10-31"
    assert town.tick(f"{year}-09-03")[plans] == "opened"
    town.take(f"{year}-09-10", "report", f"{plans}/*", "reported")
    town.take(f"{year}-09-20", "analyse", f"{plans}/*", "analysed")
    town.take(f"{year}-10-02", "decide", f"{plans}/*", "treated", meeting=f"{year}-09-25")
    assert town.tick(f"{year}-10-03")[plans] == "compiled"
    town.take(f"{year}-10-05", "hand_over", plans, "handed_over", meeting=f"{year}-10-04")
    town.take(f"{year}-10-19", "decide", plans, "treated", meeting=f"{year}-10-18")


def accounts_are_settled(town: Town, year: str, following: str) -> None:
    """The annual report from KS to the discharge, the yearly reviews to their boards."""
    town.take(f"{following}-03-09", "draw_up", f"{year}/arsredovisning", "drawn_up", meeting=f"{following}-03-08")
    town.take(f"{following}-03-28", "decide", f"{year}/arsberattelse/*", "treated", meeting=f"{following}-03-27")
    assert town.tick(f"{following}-03-29")[f"{year}/arsberattelse"] == "compiled"
    town.take(f"{following}-04-10", "hand_over", f"{year}/arsredovisning", "handed_over")
    meeting = f"{following}-04-19"
    town.take(f"{following}-04-20", "decide", f"{year}/arsredovisning", "approved", meeting=meeting)
    town.take(f"{following}-04-20", "discharge", f"{year}/arsredovisning", "discharged", meeting=meeting)


# ---- 2026 and 2030: years of general elections ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "boards", "kf_in_june", "kf_in_november", "seated", "kf_next_december"),
    [
        pytest.param(2026, BOARDS, "2026-06-17", "2026-11-18", "2026-10-15", "2027-12-15", id="2026"),
        pytest.param(
            2030, THREE, "2030-06-19", "2030-11-20", "2030-10-15", "2031-12-17", id="2030", marks=pytest.mark.slow
        ),
    ],
)
def test_after_an_election_the_new_council_fixes_the_budget_and_then_the_goals(
    tmp_path: Path,
    year: int,
    boards: tuple[str, ...],
    kf_in_june: str,
    kf_in_november: str,
    seated: str,
    kf_next_december: str,
) -> None:
    budget, before, after = f"{year + 1}", year - 1, year + 1
    town = Town(tmp_path / "home")
    town.begin(f"{before}-11-03", boards)
    town.open(f"{before}-11-03", f"{year - 1}", f"{year}", budget, f"mandat-{year - 4}")
    # The goals of the last election were due three years ago.
    assert town.stands(f"{before}-11-03", f"mandat-{year - 4}") == {"inriktningsmal": "upcoming before_introduction"}
    assert "budgetfaststallelse" not in town.stands(f"{before}-11-03", f"{year}")
    assert town.dates(f"{before}-11-03", f"{budget}/budgetfaststallelse") == {
        "preparing": {"opens": f"{year}-10-15", "last": f"{year}-11-15"},
        "kf": {"opens": f"{year}-11-01", "last": f"{year}-11-30", "statutory": f"{year}-11-30"},
    }

    # The ordinary decision in June, by the council that is about to leave.
    town.take(f"{before}-11-06", "decide", f"{budget}/tidsplan", "decided", meeting=f"{before}-11-05")
    town.tick(f"{year}-01-07")
    town.take(f"{year}-02-26", "decide", f"{budget}/ramar", "decided", meeting=f"{year}-02-25")
    town.tick(f"{year}-04-01")
    for_boards = f"{budget}/uppdragsdialog/*"
    town.take(f"{year}-05-11", "hold", for_boards, "held", without=["valnamnden"])
    town.take(f"{year}-05-20", "submit", f"{budget}/mrp", "ks_proposal")
    town.take(f"{year}-06-04", "propose", f"{budget}/mrp", "kf", meeting=f"{year}-06-03")
    town.take(f"{year}-06-21", "decide", f"{budget}/mrp", "adopted", meeting=kf_in_june)
    assert town.stands(f"{year}-06-21", budget)["budgetfaststallelse"] == "upcoming upcoming"

    # The new council is seated on 15 October: the budget comes up again, and its mandate period begins.
    town.tick(f"{year}-10-14")
    assert town.stands(f"{year}-10-14", budget)["budgetfaststallelse"] == "upcoming upcoming"
    assert town.tick(seated)[f"{budget}/budgetfaststallelse"] == "preparing"
    assert "ks-officer" in {
        n["person"] for n in town.done("explain", f"{budget}/budgetfaststallelse", now=at(seated))["notices"]
    }
    assert town.stands(seated, f"mandat-{year}") == {"inriktningsmal": "upcoming upcoming"}
    town.take(f"{year}-11-05", "propose", f"{budget}/budgetfaststallelse", "kf", meeting=f"{year}-11-04")
    town.take(f"{year}-11-21", "decide", f"{budget}/budgetfaststallelse", "fixed", meeting=kf_in_november)
    stands = town.stands(f"{year}-11-21", budget)
    assert (stands["budgetfaststallelse"], stands["mrp"]) == ("fixed done", "adopted done")

    # The goals: the year after the election, by December. They hold for the four plans that follow.
    goals = f"mandat-{year}/inriktningsmal"
    assert town.dates(seated, goals) == {
        "proposal": {"opens": f"{after}-03-01", "last": f"{after}-10-31"},
        "kf": {"opens": f"{after}-09-01", "last": f"{after}-12-31"},
        "in_force": {"opens": f"{year + 2}-01-01"},
        "replaced": {"opens": f"{year + 7}-01-01"},
    }
    assert town.tick(f"{after}-03-03")[goals] == "proposal"
    town.take(f"{after}-10-09", "propose", goals, "kf", meeting=f"{after}-10-08")
    assert town.stands(f"{after}-12-31", f"mandat-{year}") == {"inriktningsmal": "kf in_progress"}
    assert town.stands(f"{year + 2}-01-01", f"mandat-{year}") == {"inriktningsmal": "kf overdue"}
    town.take(f"{after}-12-18", "decide", goals, "fixed", meeting=kf_next_december)
    assert town.tick(f"{year + 2}-01-02")[goals] == "in_force"
    town.is_whole(f"{year + 2}-01-02")
