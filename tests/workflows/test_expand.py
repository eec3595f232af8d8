"""A wheel's table with its variants applied and its series replaced by their members."""

from typing import Any

import pytest

from workflows.definition.expand import expand, members

STATE = {"last": {"date": "1 March Y", "source": "§ 1", "note": "?"}, "works": "prepares"}
PHASE = {"label": {"sv": "Rapport", "en": "Report"}, "state": {"open": STATE}}


def applied(phase: Any, variant: dict[str, Any]) -> Any:
    """The phase after one variant of its wheel."""
    return expand({"phase": {"report": phase}, "variant": {"odd": variant}}, ["odd"])["phase"]["report"]


@pytest.mark.parametrize(
    ("over", "after"),
    [
        ({"last": {"date": "2 May Y", "source": "§ 2"}}, {"last": {"date": "2 May Y", "source": "§ 2"}}),
        ({"last": {"note": "!"}}, {"last": {"date": "1 March Y", "source": "§ 1", "note": "!"}}),
        ({"last": "2 May Y"}, {"last": "2 May Y"}),
        ({"works": {"date": "2 May Y"}}, {"works": {"date": "2 May Y"}}),
        ({"works": {"by": "decides"}}, {"works": {"by": "decides"}}),
    ],
)
def test_a_variant_lays_tables_over_each_other_but_replaces_a_date_as_a_whole(
    over: dict[str, Any], after: dict[str, Any]
) -> None:
    assert applied(PHASE, {"phase": {"report": {"state": {"open": over}}}})["state"]["open"] == {**STATE, **after}


def test_a_wheel_without_series_and_variants_keeps_all_but_the_list_of_variants() -> None:
    assert expand({"name": "x", "phase": {"report": PHASE}, "variant": {"odd": {}}}, []) == {
        "name": "x",
        "phase": {"report": PHASE},
    }


def test_a_variant_leaves_out_and_then_lays_over() -> None:
    variant = {
        "omit": ["phase.report.state.open", "phase.none.state", "phase.report.label.sv.R"],
        "phase": {"report": {"state": {"shut": {}}}},
    }
    assert applied(PHASE, variant) == {**PHASE, "state": {"shut": {}}}


def test_a_wheel_of_the_wrong_shape_comes_back_as_it_is_for_the_checks_to_report() -> None:
    assert expand({}, []) == {"phase": {}}
    assert expand({"phase": 3}, []) == {"phase": 3}
    assert expand({"phase": {"report": 3}}, []) == {"phase": {"report": 3}}
    series = {"every": "quarter", "only": [1], "except": 1, "member": 1}
    found = expand({"phase": {"report": {"label": 3, "series": series, "state": 4, "open": {"date": 5}}}}, [])
    assert found == {"phase": {"report-q1": {"label": 3, "state": 4, "open": {"date": 5}}}}
    assert applied(PHASE, {"omit": "all", "phase": 3}) == PHASE


@pytest.mark.parametrize(
    ("series", "members"),
    [
        ({"every": "tertial"}, {"report-t1": "April Y", "report-t2": "August Y", "report-t3": "December Y"}),
        ({"every": "quarter", "except": [4], "year": "Y+1"}, {"report-q1": "March Y+1", "report-q2": "June Y+1",
                                                              "report-q3": "September Y+1"}),
        ({"every": "month", "only": [2, 11, 13]}, {"report-02": "February Y", "report-11": "November Y"}),
        ({"every": "quarter", "only": [4], "year": "soon"}, {"report-q4": "December Y"}),
        ({"every": "year"}, {"report": "M"}),
    ],
)  # fmt: skip
def test_a_series_has_a_member_for_each_of_its_periods(series: dict[str, Any], members: dict[str, str]) -> None:
    phase = {"label": {"en": "Report"}, "series": series, "state": {"open": {"last": {"date": "M"}}}}
    found = expand({"phase": {"report": phase}}, [])["phase"]
    assert {slug: member["state"]["open"]["last"]["date"] for slug, member in found.items()} == members


@pytest.mark.parametrize(
    ("series", "numbers"),
    [
        ({"every": "quarter"}, [1, 2, 3, 4]),
        ({"every": "month", "except": [7, 12]}, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]),
        ({"every": "tertial", "only": [3, 1, 4]}, [3, 1]),
        ({"every": "year"}, [1]),  # the checks report it
        ({}, [1]),
    ],
)
def test_the_members_of_a_series_are_numbered_within_the_year(series: dict[str, Any], numbers: list[int]) -> None:
    assert members(series) == numbers


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("14 M", "14 December Y-1"),
        ("14 M+1", "14 January Y"),
        ("14 M + 12", "14 December Y"),
        ("last kf meeting in M+1 or M+3", "last kf meeting in January Y or March Y"),
        ("Monday", "Monday"),
    ],
)
def test_m_in_a_date_is_the_members_month_and_counts_into_the_next_year(written: str, date: str) -> None:
    series = {"every": "quarter", "only": [4], "year": "Y-1"}
    phase = {
        "label": {"en": "Report"},
        "series": series,
        "state": {"open": {"last": {"date": written}, "steps": ["M"]}},
    }
    [member] = expand({"phase": {"report": phase}}, [])["phase"].values()
    assert member["state"]["open"] == {"last": {"date": date}, "steps": ["M"]}


@pytest.mark.parametrize(("year", "next_year"), [("Y", "Y+1"), ("E+1", "E+2"), ("Y-2", "Y-1"), ("2027", "2028")])
def test_the_next_year_of_each_way_to_name_one(year: str, next_year: str) -> None:
    phase = {"series": {"every": "tertial", "only": [3], "year": year}, "date": "M+1"}
    [member] = expand({"phase": {"report": phase}}, [])["phase"].values()
    assert member["date"] == f"January {next_year}"


@pytest.mark.parametrize(
    ("every", "label", "named"),
    [
        ("month", {"sv": "Rapport", "en": "Report"}, {"sv": "Rapport mars", "en": "Report March"}),
        ("quarter", {"sv": "För {period}", "en": "Report"}, {"sv": "För kvartal 3", "en": "Report quarter 3"}),
        ("tertial", {"sv": "Rapport", "en": "{period}: all"}, {"sv": "Rapport tertial 3", "en": "tertial 3: all"}),
        ("tertial", {"sv": 3, "fi": "Raportti", "en": "Report"}, {"en": "Report tertial 3"}),
    ],
)  # fmt: skip
def test_a_members_name_says_its_period(every: str, label: dict[str, Any], named: dict[str, str]) -> None:
    phase = {"label": label, "series": {"every": every, "only": [3]}}
    [member] = expand({"phase": {"report": phase}}, [])["phase"].values()
    assert member["label"] == named


def test_a_member_has_dates_of_its_own_and_leaves_some_out() -> None:
    own = {"omit": ["state.open.target"], "state": {"open": {"last": {"date": "20 M"}}}}
    series = {"every": "quarter", "only": [1, 2], "member": {"2": own, "3": "wrong"}}
    state = {"open": {"last": {"date": "10 M"}, "target": {"date": "5 M"}}}
    found = expand({"phase": {"report": {"series": series, "state": state}}}, [])["phase"]
    assert found["report-q1"]["state"]["open"] == {"last": {"date": "10 March Y"}, "target": {"date": "5 March Y"}}
    assert found["report-q2"]["state"]["open"] == {"last": {"date": "20 June Y"}}
    assert "omit" not in found["report-q2"]


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("distance.2", [{"at_least": "1 week"}, {"at_least": "2 weeks", "omitted": True}, "wrong"]),
        ("distance.3", [{"at_least": "1 week"}, {"at_least": "2 weeks"}, "wrong"]),
        ("distance.0", [{"at_least": "1 week"}, {"at_least": "2 weeks"}, "wrong"]),
        ("distance", None),
    ],
)
def test_a_minimum_interval_that_is_left_out_keeps_its_number(place: str, left: list[Any] | None) -> None:
    wheel = {
        "distance": [{"at_least": "1 week"}, {"at_least": "2 weeks"}, "wrong"],
        "variant": {"odd": {"omit": [place]}},
    }
    assert expand(wheel, ["odd"]).get("distance") == left


@pytest.mark.parametrize(
    ("title", "own", "march", "august"),
    [
        ("report", {}, "report March", "report August"),
        ("report as of {period}", {}, "report as of March", "report as of August"),
        ("report", {"8": {"board": {"title": {"en": "half-year {period}"}}}}, "report March", "half-year August"),
        ("report", {"8": {"board": {"title": {"en": "half-year"}}}}, "report March", "half-year"),
    ],
)
def test_the_title_of_the_boards_plans_says_its_period_too(
    title: str, own: dict[str, Any], march: str, august: str
) -> None:
    phase = {**PHASE, "board": {"title": {"en": title}}, "series": {"every": "month", "only": [3, 8], "member": own}}
    found = expand({"phase": {"report": phase}}, [])["phase"]
    assert [found[f"report-{month}"]["board"]["title"]["en"] for month in ("03", "08")] == [march, august]


def test_a_members_own_label_can_name_its_period() -> None:
    series = {
        "every": "quarter",
        "only": [2],
        "member": {"2": {"label": {"sv": "Halvår, {period}", "en": "Half-year"}}},
    }
    found = expand({"phase": {"report": {**PHASE, "series": series}}}, [])["phase"]
    assert found["report-q2"]["label"] == {"sv": "Halvår, kvartal 2", "en": "Half-year"}
