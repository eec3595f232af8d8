"""`arshjul record`: a table of acts, each as if it had been typed, all or none, every fault with its row."""

import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.municipality.faults import FaultyFilesError
from tests.support.databases import PostgresDatabases
from tests.support.installed import COMMAND, Answer, Arshjul, Document, at
from wheel.actions.record import Act
from wheel.console.acts_table import COLUMNS, MOST_ROWS, read_acts

HEADING = "address;step;on;body;date;paragraph;point;diary;outcome;reason\n"
NOW = at("2027-03-02")
ACTS = """\
2028/ramar;decide;;KS;2027-02-24;13;;KS 2026/301;adopted;Enligt beredningen
2028/ramar;send_out;2027-02-26;;;;;;;
2028/namndforslag/socialnamnden;draft;;;;;;;;
2028/namndforslag/valnamnden;draft;2027-03-01;;;;;;;
2028/namndforslag/valnamnden;propose;;;2027-03-02;4;2;VN 2027/1;adopted;
"""
TYPED = (
    (
        "2028/ramar", "decide", "--decision", "KS 2027-02-24 § 13, dnr KS 2026/301", "--outcome", "adopted",
        "--reason", "Enligt beredningen",
    ),
    ("2028/ramar", "send_out", "--on", "2027-02-26"),
    ("2028/namndforslag/socialnamnden", "draft"),
    ("2028/namndforslag/valnamnden", "draft", "--on", "2027-03-01"),
    (
        "2028/namndforslag/valnamnden", "propose", "--date", "2027-03-02", "--paragraph", "4", "--point", "2",
        "--diary", "VN 2027/1", "--outcome", "adopted",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's year 2028 with a decided timetable, on 2 March."""
    town = Arshjul(tmp_path_factory.mktemp("march") / "home")
    begin(town)
    return town.home


def begin(town: Arshjul) -> None:
    town.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02"))
    town.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    decided = ("--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300", "--outcome", "adopted")
    town.done("advance", "2028/tidsplan", "decide", "--actor", "admin", *decided, now=at("2026-11-05"))
    town.done("tick", "--confirm", "--actor", "admin", now=at("2027-03-02", "08:00"))


@pytest.fixture
def town(march: Path, tmp_path: Path) -> Arshjul:
    return copied(march, tmp_path / "home")


def copied(home: Path, to: Path) -> Arshjul:
    shutil.copytree(home, to)
    town = Arshjul(to, ARSHJUL_ACTOR="admin", ARSHJUL_LANG="en")
    town.now = NOW
    return town


Record = Callable[..., Answer]


@pytest.fixture
def record(town: Arshjul, tmp_path: Path) -> Record:
    def record(text: str, *words: str) -> Answer:
        file = tmp_path / "acts.csv"
        file.write_text(HEADING + text, encoding="utf-8")
        return town("record", file, *words)

    return record


def said(answer: Answer) -> list[tuple[int, str]]:
    """Row and sentence of each refusal."""
    assert (answer.code, answer.document["error"]) == (3, "refused")
    return [(refusal["row"], refusal["message"]) for refusal in answer.document["refusals"]]


# ---- what is done ----------------------------------------------------------------------------------------------


def test_a_table_is_logged_as_if_each_row_had_been_typed(town: Arshjul, march: Path, record: Record) -> None:
    typing = copied(march, town.home.with_name("typed"))
    for words in TYPED:
        typing.done("advance", *words)
    assert record(ACTS).code == 0
    assert [entry["action"] for entry in town.log()] == [entry["action"] for entry in typing.log()]
    assert town.log() == typing.log()
    assert town.tables()["plan"] == typing.tables()["plan"]


@pytest.mark.postgresql
def test_on_postgresql_rows_that_build_on_each_other_are_recorded_and_refused_ones_leave_nothing(
    postgresql_databases: PostgresDatabases, tmp_path: Path
) -> None:
    with postgresql_databases.empty() as url:
        town = Arshjul(tmp_path / "home", url, ARSHJUL_ACTOR="admin")
        begin(town)
        file = tmp_path / "acts.csv"
        file.write_text(HEADING + ACTS + "2028/mrp;decide;;KF;2027-03-01;1;;x;adopted;\n", encoding="utf-8")
        before = town.rows("SELECT address, state, version FROM plan ORDER BY id")
        assert town("record", file, now=NOW).code == 3
        assert town.rows("SELECT address, state, version FROM plan ORDER BY id") == before
        file.write_text(HEADING + ACTS, encoding="utf-8")
        assert [row["state"] for row in town.done("record", file, now=NOW)["rows"]][-1] == "proposal"
        assert town.done("log", "verify")["ok"]


def test_the_answer_has_each_row_with_its_warnings_and_the_plans_next_step(record: Record) -> None:
    answer = record(ACTS + "2028/namndforslag/byggnadsnamnden;draft;2026-10-01;;;;;;;\n")
    assert answer.code == 0
    rows = answer.document["rows"]
    assert [(row["row"], row["address"], row["step"], row["state"]) for row in rows[:2]] == [
        (2, "2028/ramar", "decide", "decided"), (3, "2028/ramar", "send_out", "sent_out"),
    ]  # fmt: skip
    proposing = {"step": "propose", "to": "proposal", "by": ["socialnamnden"], "decision": True}
    assert [row["next"] for row in rows[:3]] == [[], [], [proposing]]
    warned = [(w["row"], w["address"], w["rule"]) for w in answer.document["warnings"]]
    assert (7, "2028/namndforslag/byggnadsnamnden", "meeting") in warned
    assert {row for row, _, _ in warned} <= {2, 3, 4, 5, 6, 7}


def test_a_dry_run_shows_what_happens_and_changes_nothing(town: Arshjul, record: Record) -> None:
    before = town.tables()
    shown = record(ACTS, "--dry-run").document
    assert shown["dry_run"] is True
    assert town.tables() == before
    done = record(ACTS).document
    assert {**done, "log": [], "dry_run": True} == {**shown, "log": []}


def test_people_read_each_row_in_their_language(town: Arshjul, tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_text(HEADING + ACTS, encoding="utf-8")
    code, out, _ = town.said("record", tmp_path / "acts.csv", "--dry-run", "--lang", "sv")
    said = " ".join(out.split())
    assert code == 0
    assert "Raderna: 2 2028/ramar: " in said
    assert "→ Utskickade (sent_out), klar. 4 2028/namndforslag/socialnamnden: " in said
    assert max(map(len, out.splitlines())) <= 80


def test_a_matter_is_sent_back_and_postponed_in_a_table_too(town: Arshjul, tmp_path: Path) -> None:
    text = (
        "address;step;date;paragraph;diary;outcome;reason;new_date\n"
        "2028/ramar;postpone;2027-02-24;12;KS 2026/301;;;2027-03-10\n"
        "2028/ramar;decide;2027-02-24;13;KS 2026/301;postponed;;2027-03-17\n"
    )
    (tmp_path / "acts.csv").write_text(text, encoding="utf-8")
    town.done("record", tmp_path / "acts.csv")
    assert [entry["data"]["new"] for entry in town.log("plan.postponed")] == ["2027-03-10", "2027-03-17"]


def test_a_rule_is_passed_over_only_by_rows_with_a_reason(town: Arshjul, record: Record) -> None:
    late = "2028/mrp;decide;;KF;2027-02-17;5;;KS 2026/300;adopted;"
    assert record(late + "Valår\n").code == 3
    refused = record(late + "\n", "--anyway")
    assert refused.code == 3
    assert {refusal["overridable"] for refusal in refused.document["refusals"]} == {True}
    assert town.log("plan.advanced")[-1]["subject"] != "2028/mrp"
    assert record(late + "Valår\n", "--anyway", "--dry-run").code == 0
    assert record(late + "\n", "--anyway", "--reason", "Valår").code == 0
    assert town.log("plan.advanced")[-1]["data"]["reason"] == "Valår"


# ---- all or nothing ----------------------------------------------------------------------------------------------


def test_every_fault_is_said_at_once_with_its_row_and_nothing_is_done(town: Arshjul, record: Record) -> None:
    before = town.tables()
    answer = record(
        ACTS + "2028/namndforslag/byggnadsnamnden;draft;2027-13-01;;;;;;;\n"
        "\n"
        "2028/namndforslag/nobody;draft;;;;;;;;\n"
        "2028/mrp;zzz;;;;;;;;\n"
        "2028/uppdragsdialog/socialnamnden;hold;;;2027-03-01;;;;;\n"
        ";draft;;;;;;;;\n"
        "2028/namndforslag/kultur-och-fritidsnamnden;propose;;KF;2027-03-01;1;;x;adopted;a;b\n"
    )
    assert [(row, sentence.partition(".")[0]) for row, sentence in said(answer)] == [
        (7, "'2027-13-01' is not a date"),
        (9, "The plan 2028/namndforslag/nobody does not exist"),
        (10, "The plan 2028/mrp has no step zzz"),
        (11, "The plan is in the state “Upcoming”"),
        (11, "This step is not a political decision"),
        (12, "The column address is empty"),
        (13, "These cells stand under no heading: 'b'"),
    ]
    changed = {name for name, rows in town.tables().items() if rows != before[name]}
    assert changed <= {"log_entry", "chain_head"}
    refused = [entry for entry in town.log("plan.refused") if entry["data"]["verb"] == "hold"]
    assert [entry["subject"] for entry in refused] == ["2028/uppdragsdialog/socialnamnden"]


def test_what_only_follows_from_an_earlier_row_of_the_plan_is_not_said(record: Record) -> None:
    answer = record(
        "2028/namndforslag/valnamnden;draft;;KS;;;;;;\n"
        "2028/namndforslag/valnamnden;propose;;;2027-03-02;4;;VN 2027/1;adopted;\n"
        "2028/namndforslag/valnamnden;propose;;KF;2027-03-02;5;;VN 2027/1;adopted;\n"
    )
    assert said(answer) == [
        (2, "This step is not a political decision. Leave out the decision's fields."),
        (4, "The election board decides in this step, not the council."),
    ]


def test_a_row_that_occurs_twice_is_said_so(record: Record) -> None:
    row = ACTS.splitlines(keepends=True)[2]
    assert said(record(ACTS + row)) == [(7, "The row repeats row 4.")]


def test_rows_of_a_body_that_the_actor_has_no_role_in_are_refused(town: Arshjul, record: Record) -> None:
    answer = record(ACTS, "--actor", "valnamnden-officer")
    assert [(refusal["row"], refusal["rule"]) for refusal in answer.document["refusals"]] == [
        (2, "role"), (3, "role"), (4, "role"),
    ]  # fmt: skip
    assert {entry["actor"] for entry in town.log("plan.refused")} == {"valnamnden-officer"}
    own = "".join(ACTS.splitlines(keepends=True)[3:])
    assert record(own, "--actor", "valnamnden-officer").code == 0


def test_a_personal_number_is_kept_out_of_the_log(town: Arshjul, record: Record) -> None:
    answer = record("2028/namndforslag/valnamnden;draft;;;;;;;;19121212-1212\n")
    assert said(answer) == [
        (2, "There is a personal number in the text. The log can never forget it: leave it out.")
    ]  # fmt: skip
    assert "1212" not in str([entry["data"] for entry in town.log("plan.refused")])


# ---- the file ------------------------------------------------------------------------------------------------------


def acts(text: str) -> list[Act]:
    return read_acts(text, "acts.csv")


ROW = ("2028/ramar", "decide", "KS", "2027-02-24", "13", "KS 2026/301", "adopted", 'Enligt "kartan"; beslut')
SEMICOLONS = '2028/ramar;decide;KS;2027-02-24;13;KS 2026/301;adopted;"Enligt ""kartan""; beslut"'
TABS = SEMICOLONS.replace(";", "\t").replace("\t beslut", "; beslut")
COMMAS = TABS.replace("\t", ",")
HYPHENS = SEMICOLONS.replace("-", "\u2011")


@pytest.mark.parametrize(
    "text",
    [
        f"address;step;body;date;paragraph;diary;outcome;reason\n{SEMICOLONS}\n",
        f"Adress;Steg;Organ;Sammanträdesdatum;§;Diarienummer;Utfall;Motivering\n{SEMICOLONS};;;\n;;;\n",
        f"sep=;\nPlan;Steg;Nämnd;Datum;Paragraf;Dnr;Utfall;Skäl\n{SEMICOLONS}",
        f"Beslut i februari\n\nadress;steg;organ;datum;paragraf;dnr;utfall;skäl\n{HYPHENS}",
        f"address\tstep\tbody\tdate\tparagraph\tdiary\toutcome\treason\n{TABS}",
        f"address,step,body,date,paragraph,diary,outcome,reason\n{COMMAS}",
    ],
)
def test_the_table_may_be_written_by_any_spreadsheet(text: str) -> None:
    [act] = acts(text)
    form = act.form
    day = str(form.meeting)
    assert (act.address, act.step, form.body, day, form.paragraph, form.diary, form.outcome, act.reason) == ROW


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert [act.row for act in acts("sep=;\naddress;step\n\na/b;c\n")] == [3]
    assert [act.row for act in acts('address;step;reason\na/b;c;"two\nlines"\na/b;c\n')] == [2, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (HEADING, "empty"),
        ("2028/ramar;decide\n", "missing"),
        (HEADING.replace("reason", "kommentar") + ACTS, "unknown_key"),
        (HEADING.replace("reason", "date") + ACTS, "unknown_key"),
        (HEADING + '2028/ramar;"' + "x" * 200_000, "syntax"),
        ("x" * 200_000, "syntax"),
        (HEADING + ACTS * (MOST_ROWS // 5 + 1), "too_much"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(town: Arshjul, tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "acts.csv").write_text(text, encoding="utf-8")
    answer = town("record", tmp_path / "acts.csv")
    assert (answer.code, [fault["code"] for fault in answer.document["faults"]]) == (6, [code])


def test_a_file_that_cannot_be_read_is_said_so(town: Arshjul, tmp_path: Path) -> None:
    faults: list[Document] = []
    (tmp_path / "latin.csv").write_bytes((HEADING + ACTS + "ö;").encode("latin-1"))
    (tmp_path / "wide.csv").write_bytes((HEADING + ACTS).encode("utf-16-le"))
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name in ("latin.csv", "wide.csv", "none.csv", "zero.csv"):
        answer = town("record", tmp_path / name)
        assert answer.code == 6
        faults += answer.document["faults"]
    assert [fault["code"] for fault in faults] == ["encoding", "encoding", "unreadable", "too_much"]


def test_a_table_is_read_from_standard_input(town: Arshjul) -> None:
    words = ["record", "-", "--dry-run", "--actor", "admin", "--lang", "en", "--home", str(town.home), "--now", NOW]

    def typed(table: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *words], input=table, capture_output=True, text=True, encoding="utf-8", check=False
        )

    done, empty = typed(HEADING + ACTS), typed("")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Would be done: 2028")
    assert (empty.returncode, empty.stderr.splitlines()[1].strip().partition(":")[0]) == (6, "E108 standard input")


def test_every_column_of_the_contract_is_known() -> None:
    assert set(HEADING.strip().split(";")) <= COLUMNS.keys()
    with pytest.raises(FaultyFilesError):
        acts(HEADING.replace("address", "adresse") + ACTS)


CELLS = st.one_of(
    st.sampled_from(
        [*COLUMNS, "adress", "steg", "2028/ramar", "decide", "2027-02-24", "0001-01-01", "§ 13", "sep=;", ""]
    ),
    st.text(max_size=8),
)


@given(st.lists(st.lists(CELLS, max_size=12), max_size=6), st.sampled_from(";,\t"))
def test_whatever_stands_in_the_table_gives_acts_or_faults_and_nothing_else(
    rows: list[list[str]], separator: str
) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    for whole in (text, HEADING + text):
        with suppress(FaultyFilesError):
            assert all(act.row >= 1 for act in acts(whole))


@pytest.mark.parametrize("cell", ['"nobody closes this', '"text" after it'])
def test_a_quotation_mark_that_would_make_many_rows_one_is_refused_at_its_row(cell: str) -> None:
    row = "2028/ramar;send_out\n"
    with pytest.raises(FaultyFilesError) as refused:
        acts(f"address;step;reason\n{row}2028/ramar;send_out;{cell}\n{row}{row}")
    [fault] = refused.value.faults
    assert (fault.code, fault.line) == ("syntax", 3)
    assert "is not closed where the cell ends" in fault.message


@pytest.mark.parametrize(
    ("written", "outcome"),
    [("Adopted", "adopted"), ("Enligt förslaget", "adopted"), ("återremiss", "sent_back"), ("Rejected", "rejected")],
)
def test_an_outcome_may_be_written_as_people_read_it(written: str, outcome: str) -> None:
    [act] = acts(f"address;step;outcome\n2028/ramar;decide;{written}\n")
    assert act.form.outcome == outcome


def test_a_paragraph_is_no_decimal_number() -> None:
    [act] = acts("address;step;paragraph;point\n2028/ramar;decide;14.0;2.0\n")
    assert (act.form.paragraph, act.form.point) == ("14", "2")


def test_what_can_be_chosen_is_said_in_words_with_what_to_write(town: Arshjul, record: Record) -> None:
    told = record("2028/ramar;decide;;KS;2027-02-24;13;;KS 2026/301;antaget;\n2028/mrp;zzz;;;;;;;;\n", "--lang", "sv")
    outcome, step = (sentence for _, sentence in said(told))
    assert "enligt förslaget (adopted), med ändring (adopted_with_changes)" in outcome
    assert "Kommunfullmäktige antar mål- och resursplanen (decide)" in step
