"""A dump holds everything whatever the database, and is loaded whole or not at all."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from tests.support.databases import CopyOf, Databases
from tests.support.installed import Arshjul
from tests.support.wheelhouse import Wheelhouse
from wheel.audit.chain import verify
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.errors import RefusedError
from wheel.home.dump import DumpError, dump, load

NOW = datetime(2027, 7, 1, 8, tzinfo=UTC)
SN = "socialnamnden"


def begun(store: Store) -> Wheelhouse:
    """Half a year with decisions, a correction, something undone, and mails that have been made."""
    house = Wheelhouse(store)
    house.start()
    house.adopt_mrp()
    house.tick("2027-06-17T09:00", confirmed_by="admin")
    house.correct(house.log("2028/mrp", "plan.advanced")[-1]["seq"], "2027-06-18T09:00", paragraph="99", reason="å")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


@pytest.fixture
def dumped(house: Wheelhouse, tmp_path: Path) -> Path:
    path = tmp_path / "år.dump"
    with house.store.reading() as session, path.open("w", encoding="utf-8") as file:
        dump(session, file)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty database of the one or the other kind."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.empty() as url, closing(Store(url)) as store:
        yield store


def anybody(_: Session) -> None:
    pass


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return Wheelhouse(store, seed=False).rows(but=("home", "log_entry", "log_subject", "chain_head"))


def test_a_dump_that_is_loaded_holds_the_same_whatever_the_database(
    house: Wheelhouse, dumped: Path, empty: Store
) -> None:
    before = house.log()
    loaded = load(empty, dumped, NOW, "admin", anybody)
    other = Wheelhouse(empty, seed=False)
    assert contents(empty) == contents(house.store)
    assert other.log()[:-1] == before
    assert (other.log()[-1]["action"], other.log()[-1]["actor"]) == ("home.restored", "admin")
    with empty.reading() as session:
        assert session.exec(select(Home.mail_hold)).one() == "restored"
        assert verify(session).ok
    assert loaded.rows > 500
    for address in ("2028/mrp", f"2028/verksamhetsplan/{SN}", "2028/tidsplan"):
        assert _without_history(other.show(address, "2027-07-01T09:00")) == _without_history(
            house.show(address, "2027-07-01T09:00")
        )


def _without_history(shown: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in shown.items() if name != "history"}


def test_the_year_goes_on_in_the_loaded_database(dumped: Path, empty: Store) -> None:
    load(empty, dumped, NOW, "admin", anybody)
    other = Wheelhouse(empty, seed=False)
    other.walk(f"2028/verksamhetsplan/{SN}", "reported", "2027-11-10T09:00")
    done = other.advance(f"2028/verksamhetsplan/{SN}", "decide", "2027-12-08T15:00", body=SN)
    assert done.state == "decided"
    assert other.tick("2027-12-09T09:00").held_back > 0
    assert other.verified()


def test_a_dump_of_a_dump_is_the_same_but_for_what_the_load_wrote(dumped: Path, empty: Store, tmp_path: Path) -> None:
    load(empty, dumped, NOW, "admin", anybody)
    again = tmp_path / "again.dump"
    with empty.reading() as session, again.open("w", encoding="utf-8") as file:
        dump(session, file)
    kept = ("home", "log_entry", "log_subject", "chain_head")
    assert _tables(again, but=kept) == _tables(dumped, but=kept)


def _tables(path: Path, but: tuple[str, ...]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        name = document.get("table", name)
        found.setdefault(name, []).extend(document.get("rows", ()))
    return {name: rows for name, rows in found.items() if name not in but}


def cut(text: str) -> str:
    return text[: len(text) // 2]


def without_its_end(text: str) -> str:
    return text[: text.rindex('{"end"')]


def with_another_word(text: str) -> str:
    return text.replace("socialnamnden-officer", "socialnamnden-0fficer", 1)


def of_another_revision(text: str) -> str:
    return text.replace('"schema":"', '"schema":"9', 1)


def followed_by_more(text: str) -> str:
    return text + '{"rows":[]}\n'


@pytest.mark.parametrize("empty", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", [cut, without_its_end, with_another_word, of_another_revision, followed_by_more])
def test_a_dump_that_is_not_whole_leaves_the_database_empty(
    dumped: Path, empty: Store, change: Callable[[str], str]
) -> None:
    dumped.write_text(change(dumped.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DumpError):
        load(empty, dumped, NOW, "admin", anybody)
    assert empty.version() is None
    assert empty.file is None or not empty.file.exists()


def test_something_that_is_no_dump_is_said_to_be_none(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    for text in ("", "hello\n", '{"a":1}\n', "[]\n", "\x00\n"):
        path = tmp_path / "no.dump"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DumpError, match="not a whole dump"):
            load(store, path, NOW, "admin", anybody)
    with pytest.raises(DumpError, match="does not exist"):
        load(store, tmp_path / "nowhere.dump", NOW, "admin", anybody)
    with pytest.raises(DumpError, match="is a folder"):
        load(store, tmp_path, NOW, "admin", anybody)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_holds_something_is_never_loaded_over(house: Wheelhouse, dumped: Path) -> None:
    with house.unchanged(), pytest.raises(DumpError, match=r"not empty.*Move it away"):
        load(house.store, dumped, NOW, "admin", anybody)


@pytest.mark.parametrize("practice", [True, False])
def test_a_practice_dump_is_loaded_at_any_time_and_no_other(tmp_path: Path, practice: bool) -> None:
    home, other = Arshjul(tmp_path / "home"), Arshjul(tmp_path / "other")
    now = "2026-11-02T09:00+01:00"
    home.done("init", *(["--practice"] if practice else []), now=now if practice else None)
    other.done("init", "--practice", now=now)
    (tmp_path / "other" / "arshjul.db").unlink()
    home.done("dump", tmp_path / "year.dump", now=now)
    answer = other("load", tmp_path / "year.dump", "--actor", "admin", now=now)
    assert answer.code == (0 if practice else 2)
    assert other("plans", now=now).code == (0 if practice else 6)  # nothing is left of what was refused


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_people_of_the_dump_say_who_may_load_it(dumped: Path, empty: Store) -> None:
    def nobody(_: Session) -> None:
        raise RefusedError([])

    with pytest.raises(RefusedError):
        load(empty, dumped, NOW, "reader", nobody)
    assert empty.version() is None
