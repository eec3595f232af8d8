"""The log: what is written, and that nothing in it can be changed unseen, in the program or offline."""

import hashlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import threading
import tracemalloc
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from wheel.audit.journal import Journal, entry, export, head, history, parse_head, verify
from wheel.database.store import Store
from workflows.definition.definition import canonical_json

NOW = datetime(2027, 2, 24, 8, tzinfo=UTC)
DOCS = Path(__file__).parents[3] / "docs"
SCRIPT = DOCS / "verify_log.py"
SIZE = 7

SWEDISH = "för sent på året – “§ 12” ✓"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
on_each_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(store: Store, *data: dict[str, Any], subject: str = "2028/mrp") -> list[int]:
    with store.writing() as session:
        journal = Journal(session, NOW, "admin")
        for each in data:
            journal.add("plan.advanced", subject, each)
        return journal.close()


def exported(session: Session) -> str:
    out = io.StringIO()
    export(session, out)
    return out.getvalue()


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_log", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _script()


def first_broken(lines: str, kept: str | None = None) -> int | None:
    """What the offline script says: the number that its sentence names."""
    try:
        raw = io.BytesIO(lines.encode("utf-8", "surrogatepass"))
        script.check(raw, script.head(kept) if kept else None)
    except script.Broken as broken:
        named = re.match(r"Entry (\d+)", str(broken))
        assert named is not None
        return int(named[1])
    return None


@pytest.fixture
def full(store: Store) -> Store:
    return fill(store)


@pytest.fixture
def full_sqlite() -> Iterator[Store]:
    with closing(Store("sqlite://")) as made:
        made.create()
        yield fill(made)


def fill(store: Store) -> Store:
    """A log of SIZE entries."""
    for number in range(SIZE):
        write(store, {"text": SWEDISH, "number": number}, subject=f"2028/phase-{number}")
    return store


# --- writing


def test_entries_are_numbered_in_the_order_of_the_acts(store: Store) -> None:
    assert write(store, {}, {}) == [1, 2]
    assert write(store, {}) == [3]


def test_an_entry_is_written_as_the_format_says(store: Store) -> None:
    stockholm = timezone(timedelta(hours=1))
    with store.writing() as session:
        journal = Journal(session, datetime(2027, 2, 24, 9, tzinfo=stockholm), "admin")
        facts = {"on": date(2027, 3, 1), "at": NOW + timedelta(microseconds=5), "who": ("a", None), "text": "å"}
        journal.add("plan.advanced", "2028/mrp", facts)
        journal.add("notice.planned", "2028/mrp", {}, actor="daemon")
        journal.close()
    with store.reading() as session:
        rows = session.connection().execute(text("SELECT payload, hash FROM log_entry ORDER BY seq")).all()
    assert bytes(rows[0].payload).decode() == (
        '{"action":"plan.advanced","actor":"admin","at":"2027-02-24T08:00:00Z","data":{'
        '"at":"2027-02-24T08:00:00.000005Z","on":"2027-03-01","text":"å","who":["a",null]},'
        '"seq":1,"subject":"2028/mrp"}'
    )
    assert json.loads(rows[1].payload)["actor"] == "daemon"
    assert rows[0].hash == hashlib.sha256(bytes(32) + rows[0].payload).digest()
    assert rows[1].hash == hashlib.sha256(rows[0].hash + rows[1].payload).digest()


def test_an_act_that_adds_nothing_does_not_wait_for_the_chain(store: Store) -> None:
    with closing(Store(store.url, busy_seconds=0.05)) as other, store.writing() as session:
        Journal(session, NOW, "admin").add("plan.advanced", "2028/mrp", {})
        with other.reading() as reader:
            assert Journal(reader, NOW, "admin").close() == []


def test_an_act_that_is_rolled_back_leaves_no_gap(store: Store) -> None:
    write(store, {})
    with store.writing() as session:
        journal = Journal(session, NOW, "admin")
        journal.add("plan.advanced", "2028/mrp", {})
        assert journal.close() == [2]
        session.rollback()
    assert write(store, {}) == [2]


def test_a_savepoint_that_is_rolled_back_takes_its_entries_along(store: Store) -> None:
    with store.writing() as session:
        journal = Journal(session, NOW, "daemon")
        journal.add("plan.advanced", "2028/ramar", {})
        mark = journal.mark()
        journal.add("plan.advanced", "2028/mrp", {})
        journal.rewind(mark)
        journal.add("plan.refused", "2028/mrp", {})
        assert journal.close() == [1, 2]
    with store.reading() as session:
        assert [said["action"] for said in history(session, "2028/mrp")] == ["plan.refused"]


def test_what_was_closed_is_not_written_twice(store: Store) -> None:
    with store.writing() as session:
        journal = Journal(session, NOW, "admin")
        journal.add("plan.advanced", "2028/mrp", {})
        assert [journal.close(), journal.close()] == [[1], []]
        journal.add("plan.advanced", "2028/mrp", {})
        assert journal.close() == [2]
    with store.reading() as session:
        assert verify(session).size == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"at": datetime(2027, 1, 1)},  # noqa: DTZ001
        {"share": float("nan")},
        {"who": {1: "a"}},
        {"who": {"a", "b"}},
        {"text": "half a character \ud83d"},
    ],
)
def test_what_json_cannot_say_is_refused_before_anything_is_written(facts: dict[str, Any]) -> None:
    with closing(Store("sqlite://")) as store, store.reading() as session:
        journal = Journal(session, NOW, "admin")
        with pytest.raises((TypeError, ValueError)):
            journal.add("plan.advanced", "2028/mrp", facts)
        assert journal.mark() == 0


def test_writers_at_once_make_one_chain(store: Store) -> None:
    def work() -> None:
        with closing(Store(store.url)) as own:
            for _ in range(10):
                write(own, {"text": SWEDISH}, {})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        verdict = verify(session)
    assert (verdict.ok, verdict.size) == (True, 80)


@on_each_database
@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), min_size=1, max_size=4), TEXTS)
def test_whatever_is_written_verifies_and_reads_back(store: Store, facts: list[dict[str, Any]], subject: str) -> None:
    with store.writing() as session:
        journal = Journal(session, NOW, "admin")
        for each in facts:
            journal.add("plan.advanced", subject, each)
        journal.close()
        said = history(session, unicodedata.normalize("NFC", subject))
        assert [json.dumps(each["data"], sort_keys=True) for each in said] == [
            json.dumps(in_nfc(each), sort_keys=True) for each in facts
        ]
        assert verify(session).ok, verify(session)
        assert verify(session, head(session), canonical=False).ok
        assert first_broken(exported(session), head(session)) is None
        session.rollback()


def in_nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {in_nfc(key): in_nfc(item) for key, item in value.items()}
    return [in_nfc(item) for item in value] if isinstance(value, list) else value


# --- reading


def test_history_is_what_happened_to_one_subject_oldest_first(full: Store) -> None:
    write(full, {"number": "last"}, subject="2028/phase-3")
    with full.reading() as session:
        said = history(session, "2028/phase-3")
        assert entry(session, 4) == said[0]
        assert entry(session, 99) is None
    assert [each["data"]["number"] for each in said] == [3, "last"]
    assert list(said[0]) == ["seq", "at", "actor", "action", "subject", "data"]


# --- tampering


def tamper_column(column: str, number: int, value: Any) -> Callable[[Session], None]:
    statement = text(f"UPDATE log_entry SET {column} = :value WHERE seq = :number")
    return lambda session: run(session, statement, value=value, number=number)


def run(session: Session, statement: Any, **values: Any) -> None:
    session.connection().execute(statement, values)


def delete(number: int) -> Callable[[Session], None]:
    return lambda session: run(session, text("DELETE FROM log_entry WHERE seq = :n"), n=number)


def swap(columns: tuple[str, ...], one: int, other: int) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        pick = text(f"SELECT {', '.join(columns)} FROM log_entry WHERE seq = :n")
        rows = [tuple(session.connection().execute(pick, {"n": n}).one()) for n in (one, other)]
        change = text(f"UPDATE log_entry SET {', '.join(f'{c} = :{c}' for c in columns)} WHERE seq = :n")
        for number, row in ((one, rows[1]), (other, rows[0])):
            run(session, change, n=number, **dict(zip(columns, row, strict=True)))

    return act


def duplicate(number: int) -> Callable[[Session], None]:
    """The entry once more behind it; those that follow make room."""

    def act(session: Session) -> None:
        for seq in range(SIZE, number, -1):
            run(session, text("UPDATE log_entry SET seq = seq + 1 WHERE seq = :n"), n=seq)
        again = "INSERT INTO log_entry SELECT seq + 1, action, subject, payload, hash FROM log_entry WHERE seq = :n"
        run(session, text(again), n=number)

    return act


def byte_changed(value: bytes, place: int, by: int) -> bytes:
    place %= len(value)
    return value[:place] + bytes([(value[place] + by) % 256]) + value[place + 1 :]


NUMBERS = st.integers(1, SIZE)
OTHER_TEXT = TEXTS.filter(lambda said: said != "plan.advanced" and not said.startswith("2028/phase-"))
TAMPERINGS = st.one_of(
    st.builds(tamper_column, st.sampled_from(["action", "subject"]), NUMBERS, OTHER_TEXT),
    st.builds(tamper_column, st.just("seq"), NUMBERS, st.integers(SIZE + 1, 2**31 - 1) | st.integers(-9, 0)),
    st.builds(tamper_column, st.sampled_from(["payload", "hash"]), NUMBERS, st.binary(max_size=40)),
    st.builds(delete, st.integers(1, SIZE - 1)),
    st.builds(duplicate, NUMBERS),
    st.builds(
        swap,
        st.sampled_from([("payload",), ("hash",), ("payload", "hash"), ("action", "subject", "payload", "hash")]),
        st.integers(1, 3),
        st.integers(4, SIZE),
    ),
)


def disarm(session: Session) -> None:
    """What somebody who owns the database can do."""
    if session.connection().dialect.name == "sqlite":
        for trigger in ("update", "delete", "replace"):
            run(session, text(f"DROP TRIGGER log_entry_no_{trigger}"))
    else:
        run(session, text("ALTER TABLE log_entry DISABLE TRIGGER ALL"))


@on_each_database
@given(TAMPERINGS)
def test_every_tampering_is_noticed_by_the_program_and_offline(
    full: Store, tampering: Callable[[Session], None]
) -> None:
    with full.writing() as session:
        disarm(session)
        tampering(session)
        verdict, lines = verify(session), exported(session)
        quick = verify(session, canonical=False)
        session.rollback()
    assert not verdict.ok
    assert not quick.ok
    assert str(verdict.broken) in verdict.sentence
    assert first_broken(lines) is not None


@on_each_database
@given(NUMBERS, st.sampled_from(["payload", "hash"]), st.integers(0, 500), st.integers(1, 255))
def test_one_changed_byte_is_noticed_where_it_is(full: Store, number: int, column: str, place: int, by: int) -> None:
    with full.writing() as session:
        disarm(session)
        pick = text(f"SELECT {column} FROM log_entry WHERE seq = :n")
        found = session.connection().execute(pick, {"n": number}).scalar_one()
        tamper_column(column, number, byte_changed(found, place, by))(session)
        assert verify(session).broken == number
        assert first_broken(exported(session)) == number
        session.rollback()


@on_each_database
@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.sampled_from(["drop", "repeat", "swap", "move"]))
def test_an_export_whose_lines_were_shuffled_is_not_whole(full: Store, one: int, other: int, how: str) -> None:
    with full.reading() as session:
        lines, kept = exported(session).splitlines(keepends=True), head(session)
    whole = list(lines)
    if how == "drop":
        del lines[one]
    elif how == "repeat":
        lines.insert(other, lines[one])
    elif how == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.insert(other, lines.pop(one))
    broken = first_broken("".join(lines), kept)
    assert (broken is None) == (lines == whole)


@pytest.mark.parametrize("column", ["action", "subject", "payload"])
def test_bytes_where_sqlite_should_have_text_are_noticed(full_sqlite: Store, column: str) -> None:
    kind = "BLOB" if column != "payload" else "TEXT"
    with full_sqlite.writing() as session:
        disarm(session)
        run(session, text(f"UPDATE log_entry SET {column} = CAST({column} AS {kind}) WHERE seq = 3"))
        assert verify(session).broken == 3
        assert first_broken(exported(session)) == 3


def test_text_that_is_no_text_in_sqlite_is_noticed(full_sqlite: Store) -> None:
    with full_sqlite.writing() as session:
        disarm(session)
        run(session, text("UPDATE log_entry SET action = CAST(x'ff' AS TEXT) WHERE seq = 1"))
        assert verify(session).broken == 1


@pytest.mark.parametrize(
    "payload",
    [
        '{"action": "plan.advanced","actor":"a","at":"x","data":{},"seq":1,"subject":"s"}',
        '{"actor":"a","action":"plan.advanced","at":"x","data":{},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{"b":1,"a":1},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{"a":1,"a":2},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{"a":"\\u00e5"},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{"a":"a\u030a"},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{"a":NaN},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":{},"more":1,"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","data":{},"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":[],"seq":1,"subject":"s"}',
        '{"action":"plan.advanced","actor":"a","at":"x","data":' + "[" * 5000 + "]" * 5000 + ',"seq":1,"subject":"s"}',
    ],
)
def test_an_entry_in_another_spelling_is_noticed_though_its_hash_fits(store: Store, payload: str) -> None:
    raw = payload.encode()
    with store.writing() as session:
        add = text("INSERT INTO log_entry VALUES (1, 'plan.advanced', 's', :payload, :hash)")
        digest = hashlib.sha256(bytes(32) + raw).digest()
        run(session, add, payload=raw, hash=digest)
        run(session, text("UPDATE chain_head SET seq = 1, hash = :hash"), hash=digest)
        assert verify(session).broken == 1
        assert first_broken(exported(session)) == 1


def cut(session: Session, size: int) -> None:
    """Remove the end of the log, and make the head fit."""
    disarm(session)
    run(session, text("DELETE FROM log_entry WHERE seq > :size"), size=size)
    last = session.connection().execute(text("SELECT hash FROM log_entry WHERE seq = :n"), {"n": size}).scalar()
    run(session, text("UPDATE chain_head SET seq = :size, hash = :hash"), size=size, hash=last or bytes(32))


@on_each_database
@given(st.integers(0, SIZE - 1))
def test_a_log_that_was_cut_is_noticed_against_a_kept_head_only(full: Store, size: int) -> None:
    with full.writing() as session:
        kept = head(session)
        cut(session, size)
        assert verify(session).ok
        assert verify(session, kept).broken == size + 1
        lines = exported(session)
        session.rollback()
    assert first_broken(lines) is None
    assert first_broken(lines, kept) == size + 1


@on_each_database
@given(NUMBERS, NUMBERS)
def test_a_log_that_was_rewritten_is_noticed_against_a_kept_head_only(full: Store, start: int, size: int) -> None:
    with full.writing() as session:
        kept_hash = session.connection().execute(text("SELECT hash FROM log_entry WHERE seq = :n"), {"n": size})
        kept = f"{size}:{kept_hash.scalar_one().hex()}"
        cut(session, start - 1)
        journal = Journal(session, NOW, "admin")
        for number in range(start, SIZE + 1):
            journal.add("plan.advanced", f"2028/phase-{number - 1}", {"text": "other"})
        journal.close()
        rewritten = size >= start
        assert verify(session).ok
        assert verify(session, kept).broken == (size if rewritten else None)
        lines = exported(session)
        session.rollback()
    assert first_broken(lines) is None
    assert first_broken(lines, kept) == (size if rewritten else None)


def test_a_log_that_has_grown_still_fits_a_kept_head(full: Store) -> None:
    with full.reading() as session:
        kept = head(session)
    write(full, {})
    with full.reading() as session:
        assert verify(session, kept).ok
        assert first_broken(exported(session), kept) is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE chain_head SET seq = 9", 8),
        ("UPDATE chain_head SET seq = 4", 5),
        ("UPDATE chain_head SET hash = payload FROM log_entry WHERE log_entry.seq = 1", 7),
        ("DELETE FROM chain_head", 7),
        ("INSERT INTO chain_head (id, seq, hash) SELECT 2, seq, hash FROM chain_head", 7),
        ("DROP TABLE chain_head", 7),
    ],
)
def test_a_head_that_does_not_fit_the_last_entry_is_noticed(full: Store, change: str, broken: int) -> None:
    with full.writing() as session:
        run(session, text(change))
        assert verify(session).broken == broken


@pytest.mark.parametrize(
    "kept", ["", "7", "7:abc", "x:" + "0" * 64, "0:" + "1" * 64, "-1:" + "0" * 64, "1:" + "z" * 64]
)
def test_what_is_no_head_is_refused(kept: str) -> None:
    with pytest.raises(ValueError, match=r"head|hexadecimal"):
        parse_head(kept)


def test_verifying_takes_the_same_memory_however_long_the_log_is(store: Store) -> None:
    def peak() -> int:
        with store.reading() as session:
            tracemalloc.start()
            assert verify(session).ok
            highest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return highest

    write(store, *({"text": SWEDISH, "number": number} for number in range(1000)))
    peak()  # what is cached is cached now
    short = peak()
    write(store, *({"text": SWEDISH, "number": number} for number in range(9000)))
    assert peak() < 1.5 * short


# --- the document and the script


def test_the_example_of_the_document_is_right(store: Store) -> None:
    page = (DOCS / "log-format.md").read_text(encoding="utf-8")
    lines = page.split("```example\n")[1].split("```")[0].splitlines()
    kept = page.split("```head\n")[1].split("```")[0].strip()
    payloads = [line.encode() for line in lines[::2]]
    last = bytes(32)
    for payload, digits in zip(payloads, lines[1::2], strict=True):
        last = hashlib.sha256(last + payload).digest()
        assert last.hex() == digits
        assert canonical_json(json.loads(payload)) == payload
    assert kept == f"2:{last.hex()}"
    assert f"first payload is {len(payloads[0])} bytes long, the second {len(payloads[1])}" in page
    for said in map(json.loads, payloads):
        with store.writing() as session:
            journal = Journal(session, datetime.fromisoformat(said["at"]), said["actor"])
            journal.add(said["action"], said["subject"], said["data"])
            journal.close()
    with store.reading() as session:
        assert head(session) == kept


def offline(*arguments: str) -> tuple[int, str]:
    # -I -S: nothing that is installed can be imported.
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_script_needs_nothing_but_python(full: Store, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with full.reading() as session:
        file.write_text(exported(session), encoding="utf-8")
        kept = head(session)
    code, said = offline(str(file), "--head", kept)
    assert (code, said.splitlines()[0]) == (
        0,
        "The log is intact. Entries: 7, from 2027-02-24T08:00:00Z to 2027-02-24T08:00:00Z.",
    )
    assert kept in said
    code, said = offline(str(file))
    assert code == 0
    assert "may be missing at the end" in said

    file.write_text(file.read_text(encoding="utf-8").replace("2028/phase-2", "2028/phase-9"), encoding="utf-8")
    assert offline(str(file), "--head", kept) == (
        1,
        "BROKEN. Entry 3 has been changed, or no longer follows the entry that it was written after.\n",
    )


def test_the_script_says_what_it_does_not_understand(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    code, said = offline(str(file))
    assert code == 2
    assert "cannot be read" in said
    file.write_text("")
    assert offline(str(file))[1].startswith("The log is intact. Entries: 0.")
    assert offline(str(file), "--head", "7")[0] == 2
    file.write_text("no json\n")
    assert offline(str(file)) == (1, "BROKEN. Entry 1 cannot be read.\n")
