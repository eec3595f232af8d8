"""The translations are complete and name the same facts; dates are written as people write them."""

import string
from datetime import date, datetime
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo

from config.text import translate
from config.text.texts import LANGUAGES, Texts
from workflows.definition.definition import Text

DAY = date(2026, 11, 5)


def holes(text: str) -> set[str]:
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms(value: object) -> list[str]:
    return [str(form) for form in value] if isinstance(value, list | tuple) else [str(value or "")]


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return translate.extract()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_sources_has_its_translation(language: str, sources: Catalog) -> None:
    catalog = translate.read(language)
    known = {message.id for message in catalog if all(forms(message.string))}
    missing = [message.id for message in sources if message.id and message.id not in known]
    assert not missing, "run `python -m config.text.translate` and fill in what it lists"


# Kept in databases and in the log as keys, which never change; only the catalog gives them another English.
def test_in_english_a_message_is_said_as_the_sources_write_it() -> None:
    assert [message.id for message in translate.read("en") if message.id and message.string != message.id] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_facts_as_its_message(language: str) -> None:
    for message in translate.read(language):
        *singulars, most = forms(message.string)
        if not message.id or not most:
            continue
        wanted = holes(forms(message.id)[-1])
        assert holes(most) == wanted, message.id
        # "one deadline" need not say its number.
        assert all(holes(one) | {"n"} == wanted | {"n"} for one in singulars), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_equals_the_written_one(language: str) -> None:
    written = translate.read(language)
    with translate.po_path(language).with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    ready = {tuple(forms(m.id)): forms(m.string) for m in compiled if m.id}
    said = {tuple(forms(m.id)): forms(m.string) for m in written if m.id}
    # A plural without a translation is compiled as its message.
    assert {id: text if all(text) else list(id) for id, text in said.items() if all(text) or id in ready} == ready


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_run_of_the_tool_changes_nothing(
    language: str, sources: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = translate.merged(language, sources, translate.read(language))
    monkeypatch.setattr(translate, "LOCALE", tmp_path)
    translate.write(language, catalog)
    first = translate.po_path(language).read_bytes()
    translate.write(language, translate.merged(language, sources, translate.read(language)))
    assert translate.po_path(language).read_bytes() == first


def test_a_message_that_returns_has_its_old_translation() -> None:
    old, found = Catalog("sv"), Catalog()
    old.add("Deadline", "Hålltid")
    without = translate.merged("sv", found, old)
    assert without.get("Deadline") is None
    found.add("Deadline")
    again = translate.merged("sv", found, without).get("Deadline")
    assert again is not None
    assert again.string == "Hålltid"


@pytest.mark.parametrize(
    ("language", "plain", "weekday", "short", "clock"),
    [
        ("sv", "5 november 2026", "torsdag 5 november 2026 (v. 45)", "5 nov", "kl. 7.30"),
        ("en", "5 November 2026", "Thursday 5 November 2026 (week 45)", "5 Nov", "07:30"),
    ],
)
def test_dates_are_written_as_people_write_them(
    language: str, plain: str, weekday: str, short: str, clock: str
) -> None:
    t = Texts(language)
    moment = datetime(2026, 11, 5, 7, 30)  # noqa: DTZ001 - local already
    assert (t.date(DAY), t.weekday_date(DAY), t.short_date(DAY), t.clock(moment)) == (plain, weekday, short, clock)


def test_the_week_is_the_iso_week() -> None:
    assert "v. 53" in Texts("sv").weekday_date(date(2027, 1, 1))


def test_facts_are_said_in_the_readers_way() -> None:
    t = Texts("sv")
    assert t("{day}: {boards}, {name}", day=DAY, boards=("a", "b"), name=Text(sv="Valnämnden", en="Board")) == (
        "5 november 2026: a, b, Valnämnden"
    )


def test_numbers_choose_their_form() -> None:
    t = Texts("sv")
    said = [t.plural("{n} deadline", "{n} deadlines", n) for n in (0, 1, 2)]
    assert said == ["0 hålltider", "1 hålltid", "2 hålltider"]


def test_an_unknown_message_is_said_as_it_is_and_a_missing_fact_is_an_error() -> None:
    t = Texts("sv")
    assert t("450 {try} again") == "450 {try} again"
    assert t("") == ""
    with pytest.raises(KeyError):
        t("In {n} days ({day}): {title}", n=1)


def test_a_fact_is_never_read_as_a_message() -> None:
    assert Texts("en")("{name}", name="{day} {name.__class__}") == "{day} {name.__class__}"


def test_another_language_than_ours_reads_swedish() -> None:
    assert Texts("de").language == "sv"
