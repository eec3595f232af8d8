"""`arshjul new` makes a folder that passes `check` for any valid answers, and refuses invalid ones."""

import json
from pathlib import Path

import pytest

from config.municipality.check_folder import check
from config.municipality.municipality import load
from config.new.starter import ZONES, english, slug
from wheel.console.main import main
from workflows.dates.months import MONTHS
from workflows.definition.definition import Text

NOW = "2026-11-25T09:00+01:00"


def made(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    code = main(["new", *words, "--now", NOW, "--json"])
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    assert code == (0 if answer["ok"] else 2)
    return answer


@pytest.mark.parametrize("month", MONTHS)
def test_the_folder_has_no_fault_whenever_the_budget_is_decided(
    month: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = made(capsys, "exempelby", "--budget-month", month, "--into", str(tmp_path))
    assert answer["files"] == ["wheel.toml", "people.toml", "meetings.toml"]
    definition = load(tmp_path / "exempelby").definition
    after_election = "budget-efter-val" in definition.phases("budget", 2027)
    assert after_election == (month not in ("November", "December"))  # those the new council decides anyway
    _, found = check(tmp_path / "exempelby", [("budget", 2028)])
    assert "no_meeting_in_time" not in {warning.fault.code for warning in found}


def test_the_only_warning_in_an_ordinary_year_is_that_the_dates_are_invented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(capsys, "exempelby", "--into", str(tmp_path))
    for year in (2027, 2028, 2029):
        _, warnings = check(tmp_path / "exempelby", [("budget", year)])
        assert [warning.fault.code for warning in warnings] == ["uncertain"]


def test_on_new_years_night_the_suggested_rehearsal_is_of_the_new_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for at, year in (("2026-12-31T22:30Z", 2028), ("2026-12-31T23:30Z", 2029)):
        assert main(["new", f"by-{year}", "--now", at, "--json", "--into", str(tmp_path)]) == 0
        assert f"rehearse {year}" in json.loads(capsys.readouterr().out)["next"][1]


@pytest.mark.parametrize("country", ZONES)
def test_each_country_that_it_knows_has_its_own_zone_and_no_swedish_law(
    country: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(capsys, "exempelby", "--country", country, "--into", str(tmp_path))
    wheel = load(tmp_path / "exempelby").definition.wheel
    assert (wheel.country, wheel.zone) == (country, ZONES[country])
    law = '"law" }' in (tmp_path / "exempelby" / "wheel.toml").read_text(encoding="utf-8")
    assert law == (country == "SE")


@pytest.mark.parametrize("country", ZONES)
def test_a_country_has_its_own_election_years_or_a_note_that_they_are_swedish(
    country: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"SE": {2022, 2026}, "NO": {2023, 2027}, "DK": {2021, 2025}, "FI": {2021, 2025}, "IS": {2022, 2026}}
    made(capsys, "exempelby", "--country", country, "--into", str(tmp_path))
    wheel = load(tmp_path / "exempelby").definition.wheel
    years = {year for year in range(2021, 2029) if wheel.elections.in_year(year)}
    assert years == known.get(country, known["SE"])
    theirs = Text(sv="Valåren är Sveriges", en="The election years are Sweden's")
    assert (theirs in wheel.uncertain) == (country not in known)


def test_it_has_the_bodies_that_were_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--name", "Östra Provs kommun", "--boards", "Barn- och ungdomsnämnden, Miljönämnden", "--executive", "RS")
    made(capsys, "ostra-prov", *words, "--council", "Stadsfullmäktige", "--into", str(tmp_path))
    found = load(tmp_path / "ostra-prov")
    wheel = found.definition.wheel
    assert (wheel.name.sv, wheel.name.en) == ("Östra Provs kommun", "The municipality of Östra Prov")
    assert list(wheel.bodies) == [
        "stadsfullmaktige", "rs", "barn-och-ungdomsnamnden", "miljonamnden", "ekonomikontoret",
    ]  # fmt: skip
    assert wheel.bodies["rs"].name.sv == "Regionstyrelsen"
    assert wheel.boards == ["rs", "barn-och-ungdomsnamnden", "miljonamnden"]
    assert {person.email.partition("@")[2] for person in found.people.values()} == {"example.se"}
    assert {day.year for day in found.meetings["rs"]} == {2026, 2027, 2028, 2029, 2030}


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_its_comments_are_in_one_language_and_its_labels_in_both(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(capsys, "exempelby", "--lang", lang, "--into", str(tmp_path))
    text = (tmp_path / "exempelby" / "wheel.toml").read_text(encoding="utf-8")
    assert ("# The wheel:" in text) == (lang == "en")
    assert ("# Årshjulet:" in text) == (lang == "sv")
    assert 'label = { sv = "Ramar", en = "Frames" }' in text
    assert "$" not in text
    assert "#sv" not in text + (tmp_path / "exempelby" / "people.toml").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize(
    "words",
    [
        ("Exempelby",),
        ("../exempelby",),
        ("exempelby", "--budget-month", "Juni"),
        ("exempelby", "--country", "US"),
        ("exempelby", "--name", 'Exempel"by'),
        ("exempelby", "--boards", "KS"),
        ("exempelby", "--boards", "Skolnämnden, skolnämnden"),
        ("exempelby", "--council", ""),
    ],
)
def test_invalid_answers_are_refused_and_no_folder_is_made(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made(capsys, *words, "--into", str(tmp_path))["error"] == "usage"
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "exempelby").mkdir()
    assert made(capsys, "exempelby", "--into", str(tmp_path))["error"] == "usage"
    assert list((tmp_path / "exempelby").iterdir()) == []


def test_on_a_terminal_missing_answers_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(question: str, default: str) -> str:
        asked.append(question)
        return {"SE": "no", "June": "september"}.get(default, default)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.prompt", answer)
    assert main(["new", "exempelby", "--boards", "Skolnämnden", "--into", str(tmp_path), "--lang", "en"]) == 0
    assert len(asked) == 5  # all but the boards
    wheel = load(tmp_path / "exempelby").definition.wheel
    assert (wheel.country, wheel.boards) == ("NO", ["ks", "skolnamnden"])
    assert "arshjul rehearse" in capsys.readouterr().out


def test_names_become_ids_and_english() -> None:
    assert slug("Barn- och utbildningsnämnden") == "barn-och-utbildningsnamnden"
    assert slug("Økonomiudvalget") == "okonomiudvalget"
    assert english("Vänersborgs kommun") == "The municipality of Vänersborg"
    assert english("Lidingö stad") == "Lidingö stad"
