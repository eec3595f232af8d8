"""CSV in a spreadsheet: no text becomes a formula, whichever separator the file is opened with."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.spreadsheet import Format, Sheet

FORMATS: tuple[Format, ...] = ("csv", "excel")
SEPARATORS = (",", ";", "\t", ",;\t")  # the last: LibreOffice's dialog can have several
TRAPS = (
    "V;=1+2;p", "550 5.1.1 no such user;=1+2;x", "=1+2", " =1+2", "a,=1+2", "a\t=1+2", 'a;"=1+2"', 'a;""=1+2',
    "a; =1+2", "a;\u00a0=1+2", "a\n=1+2", "a;+1+2", "a;-1+2", "a;@SUM(1)", "＝1+2", 'a;"', '"', '";=1+2',
    "a;b\r\n;=1+2", "'=1+2",
)  # fmt: skip


def written(rows: Sequence[Sequence[object]], format: Format) -> str:
    file = io.StringIO(newline="")
    sheet = Sheet(file, format)
    for row in rows:
        sheet.row(row)
    return file.getvalue()


def opened(text: str, separators: str) -> Iterator[str]:
    """The cells by a spreadsheet's rules: quotation marks count only where a cell begins."""
    cell, quoted, at = "", False, 0
    text = text.removeprefix("\ufeff")
    while at < len(text):
        here = text[at]
        if quoted and here == '"' and text[at + 1 : at + 2] == '"':
            cell, at = cell + '"', at + 1
        elif quoted and here == '"':
            quoted = False
        elif not quoted and here == '"' and not cell:
            quoted = True
        elif not quoted and (here in separators or here in "\r\n"):
            yield cell
            cell = ""
        else:
            cell += here
        at += 1
    yield cell


def formulas(text: str) -> list[tuple[str, str]]:
    """The separators and the cells that would be calculated."""
    return [
        (separators, cell)
        for separators in SEPARATORS
        for cell in opened(text, separators)
        if cell.strip()[:1] in tuple("=+-@＝＋－＠") and not re.fullmatch(r"-\d+", cell)
    ]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("trap", TRAPS)
def test_no_text_is_a_formula_with_any_separator(trap: str, format: Format) -> None:
    assert formulas(written([(1, trap, trap), (2, "x", trap)], format)) == []


texts = st.text(st.sampled_from(";,\t\"'=+-@＝ \u00a0\r\na1"), max_size=12)


@given(st.lists(st.tuples(st.just(-7), texts, texts, texts), max_size=4), st.sampled_from(FORMATS))
def test_no_texts_beside_each_other_are_a_formula(rows: list[tuple[object, ...]], format: Format) -> None:
    assert formulas(written([("x", *row) for row in rows], format)) == []


def test_what_is_no_formula_stays_as_it_is() -> None:
    row = ["a-b", "1+2", "anna@example.se", "KS; KF", '{"offset":-7,"till":["2027-03-18"]}', "x – y", "-"[:0]]
    assert list(csv.reader(io.StringIO(written([row], "csv"), newline=""))) == [row]


def test_excel_gets_a_byte_order_mark_and_semicolons() -> None:
    assert written([("namn", "dag"), ("Överförmyndarnämnden", None)], "excel") == (
        "\ufeffnamn;dag\r\nÖverförmyndarnämnden;\r\n"
    )
    assert written([("namn", "dag"), ("a", -7)], "csv") == "namn,dag\r\na,-7\r\n"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice (Debian: libreoffice-calc-nogui)")
@pytest.mark.parametrize("format", FORMATS)
def test_libreoffice_finds_no_formula(tmp_path: Path, format: Format) -> None:
    rows = [(number, trap, trap, "x") for number, trap in enumerate(TRAPS)]
    assert opened_by_libreoffice(tmp_path, "control", "a;=1+2\n", "59").count("table:formula=") == 1
    for separators in ("44", "59", "9", "44/59/9"):
        found = opened_by_libreoffice(tmp_path, f"of{separators.replace('/', '-')}", written(rows, format), separators)
        assert "no such user" in found
        assert "table:formula=" not in found


def opened_by_libreoffice(folder: Path, name: str, text: str, separators: str) -> str:
    """The sheet as XML. `separators`: their code points, as the filter of LibreOffice wants them."""
    file = folder / f"{name}.csv"
    file.write_text(text, encoding="utf-8", newline="")
    command = [
        "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        f"--infilter=CSV:{separators},34,UTF8,1", "--convert-to", "fods", "--outdir", str(folder), str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return file.with_suffix(".fods").read_text(encoding="utf-8")
