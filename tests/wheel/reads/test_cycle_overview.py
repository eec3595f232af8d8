"""Where a cycle stands, in one answer: what is late and by whom, what is under way, what comes."""

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import DIALOGUES, Wheelhouse, started
from wheel.console.printing.cycle_overview import say_cycle
from wheel.documents.cycle_overview import CycleDocument, PhaseRow
from wheel.errors import NotFound
from wheel.reads.cycle_overview import cycle_overview
from wheel.reads.names import names_at


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(started)


def overview(house: Wheelhouse, at: str, cycle: str = "2028") -> CycleDocument:
    with house.unit_of_work(at) as uow:
        return cycle_overview(uow, cycle, "sv")


def phase(document: CycleDocument, name: str) -> PhaseRow:
    [row] = [row for row in document.phases if row.address.endswith(f"/{name}")]
    return row


def read(house: Wheelhouse, cycle: str, at: str) -> str:
    """The overview as people read it, in one line."""
    with house.unit_of_work(at) as uow:
        document, names = cycle_overview(uow, cycle, "sv"), names_at(uow, [cycle], "sv")
    return " ".join(" ".join(say_cycle(document, Texts("sv"), names)).split())


def test_a_phase_says_how_many_boards_are_done_and_which_are_late(house: Wheelhouse) -> None:
    house.tick("2027-04-01T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=("socialnamnden", "byggnadsnamnden"))
    row = phase(overview(house, "2027-06-01T09:00"), "uppdragsdialog")
    assert row.children is not None
    assert (row.children.done, row.children.of) == (len(DIALOGUES) - 2, len(DIALOGUES))
    late = {"2028/uppdragsdialog/socialnamnden", "2028/uppdragsdialog/byggnadsnamnden"}
    assert (set(row.late), set(row.children.missing)) == (late, late)


def test_what_has_not_begun_says_when_it_opens_and_who_owes_what_is_under_way(house: Wheelhouse) -> None:
    house.tick("2027-02-01T09:00")
    document = overview(house, "2027-02-01T09:00")
    assert f"{phase(document, 'mrp').opens}" == "2027-03-01"
    frames = phase(document, "ramar")
    assert (frames.state, f"{frames.last}", frames.responsible) == ("draft", "2027-03-31", ("ks",))


def test_people_read_it_in_groups_with_the_boards_short_names(house: Wheelhouse) -> None:
    house.tick("2027-04-01T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=("socialnamnden",))
    late, _, rest = read(house, "2028", "2027-06-01T09:00").partition("Pågår:")
    assert "Uppdragsdialog 2028 (2028/uppdragsdialog)" in late
    assert "7 av 8 nämnder är klara, saknas: SN, försenade: SN" in late
    assert "Verksamhetsplan med detaljbudget 2028" in rest.partition("Kommer härnäst:")[2]


def test_a_phase_whose_boards_are_late_stands_at_their_day(house: Wheelhouse) -> None:
    house.tick("2027-04-06T09:00")
    row = phase(overview(house, "2027-04-06T09:00"), "namndforslag")
    assert (row.status, f"{row.last}", f"{row.late_since}") == ("in_progress", "2027-05-31", "2027-03-31")
    late = read(house, "2028", "2027-04-06T09:00").partition("Pågår:")[0]
    assert "2027-03-31 Nämndernas förslag" in late


def test_in_a_draft_only_its_timetable_is_under_way(house: Wheelhouse) -> None:
    house.open("2029", "2027-11-02T09:00")
    under_way, _, coming = read(house, "2029", "2027-11-02T10:00").partition("Kommer härnäst:")
    assert under_way.partition("Pågår:")[2].count("(2029/") == 1
    assert "(2029/tidsplan)" in under_way
    assert "2028-03-01 Mål- och resursplan 2029 (2029/mrp)" in coming


def test_a_draft_says_that_nothing_moves_and_an_unknown_cycle_is_refused(house: Wheelhouse) -> None:
    house.open("2029", "2027-05-02T09:00")
    assert overview(house, "2027-05-02T10:00", "2029").draft
    with pytest.raises(NotFound):
        overview(house, "2027-05-02T10:00", "2035")
