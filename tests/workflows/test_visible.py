"""Characters that nobody sees are found and written so that they can be read."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.visible import HIDDEN, escaped, escaped_in_json, is_blank

# Format characters that can be seen: signs before numbers, and joiners of hieroglyphs.
SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}


def test_every_control_format_and_separating_character_is_hidden_but_tab_and_line_end() -> None:
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    hidden = {code for code in range(0x110000) if unicodedata.category(chr(code)) in kinds}
    found = {code for code in hidden if HIDDEN.search(chr(code))}
    assert hidden - found - SEEN == {9, 10}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("red \x1b[31m", r"red \x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202etxt", r"a\u202etxt"),
        ("a\u200bb\u00adc\ufeff", r"a\u200bb\xadc\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("Räksmörgås – ”é” 👍\tx\n", "Räksmörgås – ”é” 👍\tx\n"),
    ],
)
def test_they_are_shown_and_nothing_else_is_changed(text: str, seen: str) -> None:
    assert escaped(text) == seen


@given(st.text())
def test_json_says_the_same(text: str) -> None:
    document = escaped_in_json(json.dumps({"text": text}, ensure_ascii=False, indent=2))
    assert json.loads(document) == {"text": text}
    assert not HIDDEN.search(document)


@pytest.mark.parametrize("text", ["", " \t\n", "\u200b", "\u3164 \u2800", "\u00a0\u2003", "\ufeff\u202e", "\ufe0f"])
def test_a_text_of_them_alone_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}å")
