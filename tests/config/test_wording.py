"""One word for one thing, in both languages: what people read in the terminal, in mail and in labels."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.text import translate
from config.text.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
LABELS = [
    ROOT / "config" / "municipality" / "roles.toml",
    *sorted((ROOT / "workflows" / "catalog").glob("*.toml")),
    *sorted((ROOT / "config" / "samples").glob("*/wheel.toml")),
]

# Words that nobody reads, and those that people read instead (docs/glossary.md).
NEVER = {
    "sv": {
        r"(?<!lagens )(?<!rollens )sista dag": "hålltid",
        r"\btillstånd|\bläge\b": "skede",
        r"\bsena?\b|^klart\b": "försenad, klar",
        r"\bstoppad": "pausad",
        r"\bflöde": "arbetsflöde",
        r"\bhem(met|mets)?\b|\binstallation": "arbetsmapp",
        r"\bdaemon|\btick\b": "tjänsten",
        r"\bbrev(et|en)?\b|\be-?(post|mail)": "mejl",
        r"påminnelser? (eller|och) besked": "avisering",
        r"\bmöte": "sammanträde",
        r"lokalt val": "kommunens eget datum",
        r"\brepet|spela(s|t)? upp": "provkörning",
        r"\bsätt(et|en)?\b": "scenario",
        r"\b(ni|er|era|ert)\b": "du",
        r"\b(dess|säger|ca)\b": "the thing by its name; anger; nothing",
    },
    "en": {
        r"(?<!law's )(?<!role's )last day": "deadline",
        r"\bheld\b": "paused, on hold, taken place",
        r"\bdaemon|\btick(s|ed)?\b": "the service",
        r"\be-mail": "mail",
        r"\bhearing|\bgroundwork": "consultation, supporting papers",
        r"\btreat(s|ed)?\b": "considered",
        r"\byearly\b": "annual follow-up",
        r"\badjusted\b": "approved (minutes)",
        r"local choice": "set locally",
        r"\bhead\b(?! of)": "checksum",
        r"\bpolicy\b": "scenario",
        r"(can|does|is)n't|can't": "cannot, does not",
        r"\b(owes?|mends?|says?|said)\b|\btakes? \w+ away": "must, correct, states, remove",
    },
}  # fmt: skip
TYPED = re.compile(r"`[^`]*`|\{[^{}]*\}|--[a-z-]+|\b[A-Z]{2,}(_[A-Z]+)*\b")  # not a word of the language

Reading = tuple[str, str]  # the text in English, and in the language that is asked about


def messages(language: str) -> Iterator[Reading]:
    english = {message.id: _forms(message.string) for message in translate.read("en") if message.id}
    for message in translate.read(language):
        if message.id:
            yield from zip(english[message.id], _forms(message.string), strict=True)


def labels(language: str) -> Iterator[Reading]:
    def inside(table: Any) -> Iterator[Reading]:
        if isinstance(table, dict) and {"sv", "en"} <= table.keys():
            yield table["en"], table[language]
        elif isinstance(table, dict | list):
            for each in table.values() if isinstance(table, dict) else table:
                yield from inside(each)

    for file in LABELS:
        yield from inside(tomllib.loads(file.read_text(encoding="utf-8")))


def _forms(said: Any) -> list[str]:
    return list(said) if isinstance(said, list | tuple) else [said]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_thing_has_its_word_and_no_other(language: str) -> None:
    wrong = [
        f"{text!r}: {instead}"
        for _, text in [*messages(language), *labels(language)]
        for never, instead in NEVER[language].items()
        if re.search(never, TYPED.sub("", text), re.IGNORECASE)
    ]
    assert not wrong, "\n".join(wrong)


def test_mail_is_mejl_and_an_officials_return_is_no_aterremiss() -> None:
    """`post` is an entry of the log; `återremiss` is what a political body decides."""
    pairs = {r"\bmails?\b": r"\bpost(en)?\b", r"for completion": "återremi"}
    wrong = [
        swedish
        for english, swedish in messages("sv")
        for about, never in pairs.items()
        if re.search(about, english, re.IGNORECASE) and re.search(never, swedish, re.IGNORECASE)
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_begins_with_a_capital(language: str) -> None:
    """What ends in a full stop is a sentence; the rest is a label, and stands inside one."""
    sentences = [text for _, text in messages(language) if text.endswith((".", "?", "!"))]
    assert len(sentences) > 500
    assert [text for text in sentences if text[0].islower()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_of_the_catalog_begins_with_a_capital(language: str) -> None:
    """Not a board's title ("budgetunderlag"): it stands after the board's name. A body's name is given a capital."""
    for file in LABELS[1:]:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        phases = [phase for phase in table.get("phase", {}).values() if "label" in phase]
        for part in (*[table][: "label" in table], *table.get("state", ()), *table.get("step", ()), *phases):
            assert part["label"][language][0].isupper() or part["label"][language][0] == "{", part
