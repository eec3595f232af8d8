"""Describes the rows that are others in their tables than in the log."""

from config.text.texts import Texts
from wheel.audit.chain import Verdict
from wheel.documents.errors import DifferingLog, RowDifference
from wheel.past.proof import DIFFER, Difference, Proof


def differences_document(proof: Proof, verdict: Verdict, texts: Texts) -> DifferingLog:
    rows = tuple(_row(each) for each in proof.wrong)
    return DifferingLog(
        message=texts(DIFFER, **proof.facts),
        differences=rows,
        size=verdict.size,
        head=verdict.head,
    )


def _row(found: Difference) -> RowDifference:
    columns = found.columns
    return RowDifference(
        row=found.name,
        logged=None if found.logged is None else {name: logged for name, (logged, _) in columns.items()},
        stored=None if found.stored is None else {name: stored for name, (_, stored) in columns.items()},
    )
