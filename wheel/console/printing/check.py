"""Prints what a check finds."""

from pathlib import Path

from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.documents.check import CheckDocument


def say_checked(document: CheckDocument, t: Texts) -> list[str]:
    """The warnings in order; a cure that several with one number share is printed once, after the last of them."""
    findings = sorted(document.findings, key=lambda finding: finding.code)
    first, last = document.years
    span = str(first) if first == last else f"{first}–{last}"
    folder = Path(document.folder)
    lines = [t("No faults in {folder}.", folder=folder if folder.name.strip(".") else folder.resolve())]
    if findings:
        lines += [
            "",
            t.plural("{n} warning, budget year {span}:", "{n} warnings, budget year {span}:", len(findings), span=span),
        ]
    for finding, following in zip(findings, [*findings[1:], None], strict=True):
        where = f"{finding.file}:{finding.line} ({finding.place}): " if finding.file else ""
        more = f" [{', '.join(finding.cycles)}]" if len(finding.cycles) > 1 else ""
        lines += wrapped(f"{finding.code} {where}{finding.message}{more}", "  ", "       ")
        if following is None or (finding.code, finding.cure) != (following.code, following.cure):
            lines += wrapped(finding.cure, "       → ", "         ")
    if not document.not_held:
        return lines
    rules = ", ".join(document.not_held)
    return [*lines, "", *wrapped(t("Rules of the document that the program does not check yet: {rules}.", rules=rules))]
