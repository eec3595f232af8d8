"""Updates the translation catalogs: `python -m config.text.translate` in a checkout.

1. It collects the messages of the sources.
2. It adds new ones to both catalogs and marks those that are gone as obsolete.
3. It compiles the catalogs.
4. It lists the messages without a translation.

The English catalog has the message itself as its text until somebody edits it.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.text.texts import LANGUAGES, LOCALE

ROOT = Path(__file__).parents[2]
PACKAGES = ("workflows", "config", "notifications", "wheel")
METHODS = {".py": "python", ".j2": "jinja2.ext:babel_extract"}
# Calls that mark a message: N_("…"), t("…"), texts("…"), t.plural("…", "…", n). Not babel's own `_`.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"N_": None, "t": None, "texts": None, "plural": (1, 2)}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # the current date would change the files with every run
DATED = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By')


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "arshjul.po"


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted(p for p in (ROOT / package).rglob("*") if p.suffix in METHODS)


def extract() -> Catalog:
    """All messages of the sources. Raises SyntaxError for a source that cannot be parsed."""
    found = Catalog(charset="utf-8")
    for path in sources():
        for _line, message, comments, context in extract_from_file(
            METHODS[path.suffix], path, keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            where = (path.relative_to(ROOT).as_posix(), 0)
            if message and (not isinstance(message, tuple) or all(message)):
                found.add(message, locations=[where], auto_comments=comments, context=context)
    return found


def merged(language: str, found: Catalog, old: Catalog) -> Catalog:
    """The found messages with their old translations. Messages that are gone are kept as obsolete."""
    known = {m.id: m.string for m in [*old, *old.obsolete.values()] if m.id and any(_forms(m))}
    new = Catalog(
        locale=language,
        project="Årshjul",
        charset="utf-8",
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        fuzzy=False,
    )
    for message in found:
        if message.id:
            said = known.pop(message.id, message.id if language == "en" else None)
            new.add(message.id, said, locations=message.locations)
    if language != "en":
        for gone, said in known.items():
            new.obsolete[gone] = Message(gone, said)
    return new


def untranslated(catalog: Catalog) -> list[str]:
    return [str(message.id) for message in catalog if message.id and not all(_forms(message))]


def _forms(message: Message) -> tuple[str, ...]:
    said = message.string
    return tuple(said) if isinstance(said, list | tuple) else (said or "",)


def read(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(language: str, catalog: Catalog) -> None:
    text = BytesIO()
    write_po(text, catalog, width=110, sort_output=True, include_lineno=False)
    kept = [line for line in text.getvalue().splitlines(keepends=True) if not line.startswith(DATED)]
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(kept))
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def main() -> int:
    """Update the catalogs. Returns exit code 1 if a translation is missing."""
    found = extract()
    missing = 0
    for language in LANGUAGES:
        catalog = merged(language, found, read(language))
        write(language, catalog)
        for message in untranslated(catalog):
            missing += 1
            print(f"{language}: {message}")
    print(f"{len(found)} messages, {missing} without a translation")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
