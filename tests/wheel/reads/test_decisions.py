"""The list of decisions: what stands, by whom and when; and a filter that names nothing is refused."""

import csv
import io

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.documents.decisions import DecisionRow
from wheel.errors import NotFound
from wheel.reads import decisions, plans

NOW = "2027-06-20T09:00"
TEXTS = Texts("sv")


def adopted(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.adopt_mrp()
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(adopted)


def listed(house: Wheelhouse, **filters: object) -> list[DecisionRow]:
    with house.unit_of_work(NOW) as uow:
        return list(decisions.decisions(uow, TEXTS, **filters).decisions)  # type: ignore[arg-type]


def test_they_come_by_the_day_of_the_meeting_with_body_paragraph_and_diary_number(house: Wheelhouse) -> None:
    rows = listed(house)
    assert [row.date for row in rows] == sorted(row.date for row in rows)
    [last] = [row for row in rows if row.body == "kf"]
    assert (last.address, last.step, last.outcome) == ("2028/mrp", "decide", "adopted")
    assert last.title == "Mål- och resursplan 2028"
    assert all((last.paragraph, last.diary))


def test_a_corrected_decision_is_listed_once_as_it_was_corrected(house: Wheelhouse) -> None:
    [entry] = [e for e in house.log("2028/mrp", "plan.advanced") if e["data"]["step"] == "decide"]
    house.correct(entry["seq"], NOW, paragraph="99", reason="Fel paragraf")
    [row] = listed(house, body="KF")
    assert (row.paragraph, row.corrected) == ("99", True)


def test_a_decision_that_was_a_wrong_click_is_not_listed(house: Wheelhouse) -> None:
    before = listed(house)
    [entry] = [e for e in house.log("2028/mrp", "plan.advanced") if e["data"]["step"] == "decide"]
    house.undo(entry["seq"], "2027-06-16T15:05", reason="Fel plan")
    assert [row for row in before if row not in listed(house)] == [row for row in before if row.body == "kf"]


@pytest.mark.parametrize("filters", [{"cycle": "2035"}, {"phase": "xyz"}, {"board": "socialnamden"}])
def test_a_filter_that_names_nothing_is_refused_by_every_list(house: Wheelhouse, filters: dict[str, str]) -> None:
    with house.unit_of_work(NOW) as uow:
        with pytest.raises(NotFound):
            decisions.decisions(uow, TEXTS, **filters)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            plans.plans(uow, **filters)  # type: ignore[arg-type]


def test_a_responsible_who_does_not_exist_is_refused_and_a_short_name_is_enough(house: Wheelhouse) -> None:
    house.tick("2027-09-02T09:00")
    with house.unit_of_work("2027-09-02T10:00") as uow:
        with pytest.raises(NotFound) as refused:
            plans.plans(uow, responsible="ingen")
        found = plans.plans(uow, responsible="SN").plans
    assert "socialnamnden" in str(refused.value.facts["names"])
    assert "2028/verksamhetsplan/socialnamnden" in {plan.address for plan in found}


def test_the_sheet_has_a_heading_and_a_row_for_each(house: Wheelhouse) -> None:
    file = io.StringIO()
    with house.unit_of_work(NOW) as uow:
        document = decisions.decisions(uow, TEXTS)
    assert decisions.write_sheet(document, file, "csv") == len(document.decisions)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["address"] for row in rows] == [row.address for row in document.decisions]
