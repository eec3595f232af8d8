"""A municipality's folder is loaded, or refused with the errors of all its files, each with line and cure."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.municipality.faults import FaultyFilesError
from config.municipality.municipality import VANERSBORG, load

FILES = ("wheel.toml", "people.toml", "meetings.toml")
OWN = """id = "mrp"
label = { sv = "Budget", en = "Budget" }

[[state]]
id = "upcoming"
label = { sv = "Kommande", en = "Upcoming" }

[[state]]
id = "underlag"
label = { sv = "Underlag", en = "Groundwork" }

[[state]]
id = "kf"
label = { sv = "Hos KF", en = "With the council" }

[[state]]
id = "adopted"
label = { sv = "Antagen", en = "Adopted" }
done = true

[[step]]
verb = "open"
label = { sv = "Börjar", en = "Begins" }
from = ["upcoming"]
to = "underlag"
automatic = "date"

[[step]]
verb = "submit"
label = { sv = "Lämnas", en = "Handed in" }
from = ["underlag"]
to = "kf"
by = "prepares"

[[step]]
verb = "decide"
label = { sv = "Antas", en = "Adopted" }
from = ["kf"]
to = "adopted"
by = "decides"
decision = true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied(tmp_path / "kommun")


def copied(to: Path) -> Path:
    shutil.copytree(VANERSBORG, to)
    (to / "workflows").mkdir()
    return to


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the only place where `old` stands."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def line_of(folder: Path, file: str, start: str) -> int:
    """The first line that begins with `start`, as an editor counts."""
    lines = (folder / file).read_text(encoding="utf-8").split("\n")
    return 1 + next(i for i, line in enumerate(lines) if line.lstrip().startswith(start))


def refused(folder: Path) -> FaultyFilesError:
    with pytest.raises(FaultyFilesError) as caught:
        load(folder)
    return caught.value


def test_the_sample_loads_with_only_the_workflows_that_it_uses() -> None:
    loaded = load(VANERSBORG)
    assert "mrp" in loaded.definition.workflows
    assert "remiss" not in loaded.definition.workflows
    assert loaded.people["socialnamnden-function"].email == "socialnamnden@example.se"
    assert loaded.meetings["kf"] == tuple(sorted(loaded.meetings["kf"]))


def test_a_definition_is_the_same_after_a_round_through_its_stored_form() -> None:
    definition = load(VANERSBORG).definition
    again = type(definition).model_validate_json(definition.canonical)
    assert again == definition
    assert again.sha256 == definition.sha256


def test_a_workflow_of_the_municipality_replaces_that_of_the_catalog(folder: Path) -> None:
    change(folder, "wheel.toml", "ks_proposal.opens", "# ks_proposal.opens")
    change(folder, "wheel.toml", "ks_proposal.last", "# ks_proposal.last")
    law = 'kf.statutory = { date = "30 November Y-1", source = "law" }\n'
    change(folder, "wheel.toml", law + 'in_force.opens = { date = "1 January Y", source = "1.2" }', law)
    (folder / "workflows/budget.toml").write_text(OWN, encoding="utf-8")
    assert load(folder).definition.workflows["mrp"].label.en == "Budget"


def test_what_says_no_adopts_nothing(folder: Path) -> None:
    for outcome in ("rejected", "noted", "dropped"):
        own = OWN.replace("decision = true\n", f'decision = true\noutcomes.adopts = ["{outcome}"]\n')
        (folder / "workflows/budget.toml").write_text(own, encoding="utf-8")
        found = [(fault.code, fault.facts.get("known")) for fault in refused(folder).faults]
        assert ("wrong_value", "adopted, adopted_with_changes") in found


# code, file, what stands there, what shall stand there, how the line begins that is told, place and sentence
DAMAGE = [
    (
        ("missing", "wheel.toml", 'country = "SE"\n', "", "# The wheel"),
        ": country is missing. Add country.",
    ),
    (
        ("unknown_key", "wheel.toml", 'workflow = "mrp"', 'workflow = "mrp"\nlader = "standard"', "lader"),
        "phase.mrp.lader: lader is not known here. Did you mean ladder?",
    ),
    (
        ("unknown_key", "wheel.toml", "ks_proposal.last =", "ks_proposal.latest =", "ks_proposal.latest"),
        "phase.mrp.state.ks_proposal.latest: latest is not known here. Did you mean last?",
    ),
    (
        ("wrong_kind", "wheel.toml", "every = 4", 'every = "four"', "every"),
        "cycle.mandate.every: The value must be a whole number. Write the value without quotation marks.",
    ),
    (
        ("wrong_kind", "wheel.toml", 'version = "1"', "version = 1", "version"),
        "version: The value must be a text. Put the value in quotation marks.",
    ),
    (
        (
            "wrong_kind", "wheel.toml", 'prepares = "budgetberedningen", decides', "prepares = [3], decides",
            "parties = { prepares = [3",
        ),
        "phase.namndforslag.parties.prepares: The value must be a text. Put the value in quotation marks.",
    ),
    (
        ("wrong_kind", "wheel.toml", 'kind = "council"', 'kind = ["council", "board"]', "kind"),
        "body.kf.kind: One value is allowed here, not a list. Write one of them, without square brackets.",
    ),
    (
        ("wrong_kind", "wheel.toml", "is_board = true", 'is_board = "perhaps"', "is_board"),
        "body.ks.is_board: The value must be true or false. Write true or false without quotation marks.",
    ),
    (
        ("wrong_value", "wheel.toml", 'kind = "council"', 'kind = "parliament"', 'kind = "parliament"'),
        "body.kf.kind: The value parliament cannot be used here. "
        "Write one of: council, executive, committee, board, company, member, auditors, office, "
            "party, outside.",
    ),
    (
        ("wrong_value", "wheel.toml", "[cycle.mandate]", "[cycle.term]", "[cycle.term]"),
        "cycle.term: The value term cannot be used here. Write one of: budget, mandate.",
    ),
    (
        ("empty", "wheel.toml", 'sv = "Socialnämnden"', 'sv = ""', 'name = { sv = ""'),
        "body.socialnamnden.name.sv: Empty value: sv. Fill in a value, or remove the key.",
    ),
    (
        ("empty", "wheel.toml", 'sv = "Socialnämnden"', 'sv = "\u200b"', 'name = { sv = "\u200b"'),
        "body.socialnamnden.name.sv: Empty value: sv. Fill in a value, or remove the key.",
    ),
    (
        ("empty", "people.toml", 'name = "Asta Provberg"', 'name = "\u3164 "', 'name = "\u3164 "'),
        "person.ks-officer.name: Empty value: name. Fill in a value, or remove the key.",
    ),
    (
        ("unknown_rule", "wheel.toml", 'rule = "R4"', 'rule = "R44"', '{ rule = "R44"'),
        "phase.mrp.step.decide.rules.R44.rule: The program cannot check the rule R44. Did you mean R4?",
    ),
    (
        ("date", "wheel.toml", '"last of February Y-1"', '"29 February Y-1"', "draft.target"),
        "phase.ramar.state.draft.target.date: 29 February does not exist every year. "
        "Write `28 February Y-1` or `last of February Y-1`.",
    ),
    (
        ("syntax", "wheel.toml", 'zone = "', "zone = ", "zone"),
        ": The file is not TOML: Invalid value. Correct the line, or the line before it.",
    ),
    (
        ("unknown_body", "people.toml", 'secretary", body = "kf"', 'secretary", body = "kff"', 'roles = [{ role = "s'),
        "person.kf-secretary.roles.secretary: The body kff does not exist. Did you mean kf?",
    ),
    (
        ("unknown_role", "people.toml", 'role = "operator"', 'role = "daemon"', 'roles = [{ role = "daemon"'),
        "person.operator-1.roles.daemon: The role daemon does not exist. Write one of: administrator, officer, "
        "secretary, "
        "chair, head, function, auditor, reader, operator.",
    ),
    (
        ("wrong_kind", "people.toml", '[{ role = "operator" }]', '["operator"]', 'roles = ["operator"]'),
        "person.operator-1.roles.1: The value must be a table. Write the value with keys: { key = … }.",
    ),
    (
        ("no_body", "people.toml", '"officer", body = "ekonomikontoret" }', '"officer" }', '{ role = "officer" }'),
        "person.ekonom-1.roles.officer: The role officer belongs to a body, but no body is given. Add body.",
    ),
    (
        ("bad_address", "people.toml", "ekonomikontoret@example.se", "ekonomi", 'email = "ekonomi"'),
        "person.ekonomikontoret-function.email: ekonomi is not a mail address. Write the address like this: "
        "namnd@example.se.",
    ),
    (
        ("wrong_value", "people.toml", 'language = "en"', 'language = "fi"', "language"),
        "person.reader-1.language: The value fi cannot be used here. Write one of: sv, en.",
    ),
    (
        ("unknown_body", "meetings.toml", "[socialnamnden]", "[socialnamden]", "[socialnamden]"),
        "socialnamden: The body socialnamden does not exist. Did you mean socialnamnden?",
    ),
    (
        ("wrong_kind", "meetings.toml", "2027-06-16, 2027-09-15", '"2027-06-16", 2027-09-15', "2027 = ["),
        "kf.2027.6: The value must be a date. Write the date like this: 2027-06-16, without quotation marks.",
    ),
    (
        ("wrong_year", "meetings.toml", "2027-06-16, 2027-09-15", "2028-06-16, 2027-09-15", "2027 = ["),
        "kf.2027: The meeting 2028-06-16 is listed under 2027. Move the meeting to the right year.",
    ),
    (
        ("duplicate", "meetings.toml", "2027-06-16, 2027-09-15", "2027-06-16, 2027-06-16", "2027 = ["),
        "kf.2027: The meeting 2027-06-16 occurs twice. Remove one of them.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE, ids=[f"{d[0]} {d[3][:25]}" for d, _ in DAMAGE])
def test_one_fault_gives_one_sentence(folder: Path, damage: tuple[str, str, str, str, str], sentence: str) -> None:
    code, file, old, new, start = damage
    change(folder, file, old, new)
    faults = refused(folder).faults
    where = f"{file}:{line_of(folder, file, start)}"
    place, _, text = sentence.partition(": ")
    expected = f"{where} ({place}): {text}" if place else f"{where}: {text}"
    assert [(fault.code, fault.said()) for fault in faults] == [(code, expected)]


def test_a_board_without_a_contact(folder: Path) -> None:
    text = (folder / "people.toml").read_text(encoding="utf-8")
    held = ('role = "function", body = "valnamnden"', 'role = "officer", body = "valnamnden"')
    for role in held:
        text = text.replace(role, 'role = "chair", body = "valnamnden"')
    (folder / "people.toml").write_text(text, encoding="utf-8")
    assert [fault.said() for fault in refused(folder).faults] == [
        "people.toml:1 (person): "
        "The board valnamnden has no contact. No reminders would reach it. "
        "Give a person or an address the role officer or function for the board."
    ]


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_not_there(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert [fault.said() for fault in refused(folder).faults] == [
        f"{file}:1: The file cannot be read: No such file or directory. Check that the file exists and may be read."
    ]


def test_a_file_that_is_not_in_utf8(folder: Path) -> None:
    (folder / "wheel.toml").write_text('name = "Vänersborg"', encoding="latin-1")
    assert [fault.said() for fault in refused(folder).faults] == [
        "wheel.toml:1: The file is not in UTF-8. Save the file as UTF-8."
    ]


def test_files_that_an_editor_on_windows_saved_are_the_same(folder: Path) -> None:
    (folder / "workflows" / "own.toml").write_text(OWN.replace('"mrp"', '"own"'), encoding="utf-8")
    before = load(folder)
    for file in folder.rglob("*.toml"):
        file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\r\n")
    assert load(folder) == before


def test_a_string_is_never_taken_for_code(folder: Path) -> None:
    text = OWN.replace('id = "mrp"', 'id = "own"').replace('verb = "decide"', 'verb = "os.system"')
    (folder / "workflows/own.toml").write_text(text, encoding="utf-8")
    line = line_of(folder, "workflows/own.toml", 'verb = "os')
    assert [fault.said() for fault in refused(folder).faults] == [
        f"workflows/own.toml:{line} (step.os.system.verb): os.system is not a valid id. "
        "Write the name with a-z, 0-9 and _, with a letter first."
    ]


def test_two_workflows_of_one_name(folder: Path) -> None:
    for name in ("first", "second"):
        text = OWN.replace('id = "mrp"', 'id = "own"')
        (folder / f"workflows/{name}.toml").write_text(text, encoding="utf-8")
    assert [fault.said() for fault in refused(folder).faults] == [
        "workflows/second.toml:1 (id): workflows/first.toml already has the workflow own. Give one of them another id."
    ]


def test_a_workflow_that_cannot_be_read_is_not_called_unknown_as_well(folder: Path) -> None:
    text = OWN.replace('id = "mrp"', 'id = "own"').replace('to = "kf"', "to = 5")
    (folder / "workflows/own.toml").write_text(text, encoding="utf-8")
    change(folder, "wheel.toml", 'workflow = "tidsplan"', 'workflow = "own"')
    assert [(fault.code, fault.file) for fault in refused(folder).faults] == [("wrong_kind", "workflows/own.toml")]


def test_faults_of_every_kind_and_file_come_all_at_once(folder: Path) -> None:
    change(folder, "wheel.toml", "every = 4", 'every = "four"')  # what can't be read …
    change(folder, "wheel.toml", "ks_proposal.last = {", "ks_proposal.last = 5 #")
    change(folder, "wheel.toml", 'rule = "R4"', 'rule = "R44"')  # … and what can, but is wrong
    change(folder, "wheel.toml", '"30 June Y-1"', '"31 June Y-1"')
    change(folder, "people.toml", 'role = "operator"', 'role = "boss"')
    change(folder, "meetings.toml", "[kf]", "[fk]")
    (folder / "workflows/own.toml").write_text(
        OWN.replace('id = "mrp"', 'id = "own"').replace('to = "kf"', 'to = "fk"'), encoding="utf-8"
    )
    faulty = refused(folder)
    assert [(fault.file, fault.code) for fault in faulty.faults] == [
        ("meetings.toml", "unknown_body"),
        ("people.toml", "unknown_role"),
        ("wheel.toml", "wrong_kind"),
        ("wheel.toml", "wrong_kind"),
        ("wheel.toml", "date"),
        ("wheel.toml", "unknown_rule"),
        ("workflows/own.toml", "unknown_state"),
    ]
    assert str(faulty).split("\n") == [fault.said() for fault in faulty.faults]


def test_a_body_that_cannot_be_read_is_not_called_unknown_wherever_it_is_named(folder: Path) -> None:
    change(folder, "wheel.toml", 'kind = "executive"', 'kind = "government"')
    assert [fault.code for fault in refused(folder).faults] == ["wrong_value"]


@pytest.mark.parametrize("cut", ["label", "source", "parties", "workflow"])
def test_a_phase_that_cannot_be_read_is_not_called_unknown_by_those_that_wait_for_it(folder: Path, cut: str) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    head, phase, rest = text.partition("[phase.mrp]\n")
    lines = rest.split("\n")
    lines.pop(next(i for i, line in enumerate(lines) if line.startswith(f"{cut} =")))
    (folder / "wheel.toml").write_text(head + phase + "\n".join(lines), encoding="utf-8")
    assert [fault.said() for fault in refused(folder).faults] == [
        f"wheel.toml:{line_of(folder, 'wheel.toml', '[phase.mrp]')} (phase.mrp): {cut} is missing. Add {cut}."
    ]


VARIANT = '\n[variant.without]\nsource = "x"\nafter_election = true\nomit = ["phase.ramar"]\n'


def test_a_phase_that_only_a_variant_leaves_out_is_not_called_unknown(folder: Path) -> None:
    wheel = folder / "wheel.toml"
    dated = 'underlag.last = { date = "'
    change(folder, "wheel.toml", f"{dated}31 May Y-1", f"{dated}1 week after last day of ramar")
    text = wheel.read_text(encoding="utf-8")
    wheel.write_text(text + VARIANT, encoding="utf-8")
    assert [(fault.code, fault.facts["path"]) for fault in refused(folder).faults] == [
        ("date", "phase.mrp.state.underlag.last"), ("unknown_phase", "phase.mrp.step.decide.rules"),
    ]  # fmt: skip
    assert {fault.facts["variants"] for fault in refused(folder).faults} == {"without"}
    paths = '"phase.ramar", "phase.mrp.state.underlag.last", "phase.mrp.step.decide.rules"'
    wheel.write_text(text + VARIANT.replace('"phase.ramar"', paths), encoding="utf-8")
    load(folder)  # what the cure says helps


def test_sentences_can_be_said_in_another_language(folder: Path) -> None:
    def shouted(text: str, **facts: object) -> str:
        return text.upper().replace("{NAME}", "{name}").format_map(facts)

    change(folder, "wheel.toml", 'country = "SE"\n', "")
    assert refused(folder).faults[0].said(shouted) == "wheel.toml:1: country IS MISSING. ADD country."


# ---- Random damage ----

SAMPLES = {file: (VANERSBORG / file).read_text(encoding="utf-8") for file in FILES} | {"workflows/own.toml": OWN}
WORDS = st.sampled_from(
    [
        *("[", "]", "{", "}", '"', "'", "=", ",", ".", "\n", "#", '"""', "\\", "\x00", "ä", "🙂", "Y+1", "E", "board"),
        *(
            "os.system",
            "[[state]]",
            "[phase.mrp]",
            "[[phase.mrp]]",
            "true",
            "-1",
            "1e999",
            "nan",
            "2027-02-29",
            "9" * 20,
        ),
    ]
)


@st.composite
def damages(draw: st.DrawFn) -> tuple[str, str]:
    """A file and its text with a piece cut out, moved or replaced, one to four times."""
    file = draw(st.sampled_from(sorted(SAMPLES)))
    text = SAMPLES[file]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 40))
        new = draw(st.one_of(WORDS, st.text(max_size=6), st.just(text[end : end + 30]), st.just("")))
        text = text[:start] + new + text[end:]
    return file, text.encode(errors="replace").decode()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    folder = copied(tmp_path_factory.mktemp("damage") / "kommun")

    def make(file: str, text: str) -> Path:
        for name, whole in SAMPLES.items():
            (folder / name).write_text(text if name == file else whole, encoding="utf-8")
        (folder / "workflows/own.toml").write_text(
            (text if file == "workflows/own.toml" else OWN).replace('id = "mrp"', 'id = "own"'), encoding="utf-8"
        )
        return folder

    return make


@given(damage=damages())
@settings(max_examples=80, suppress_health_check=list(HealthCheck))
def test_random_damage_gives_a_definition_or_faults_and_nothing_else(
    damaged: Callable[[str, str], Path], damage: tuple[str, str]
) -> None:
    faults = None
    try:
        load(damaged(*damage))
    except FaultyFilesError as faulty:
        faults = faulty.faults
    assert faults is None or (faults and all(fault.line >= 1 and fault.said() for fault in faults))


def test_a_workflow_whose_id_is_a_table_is_a_fault_of_that_file(folder: Path) -> None:
    (folder / "workflows").mkdir(exist_ok=True)
    (folder / "workflows" / "own.toml").write_text(OWN.replace(OWN.split("\n", 1)[0], 'id = { sv = "x" }'), "utf-8")
    with pytest.raises(FaultyFilesError) as caught:
        load(folder)
    assert {fault.file for fault in caught.value.faults} == {"workflows/own.toml"}
