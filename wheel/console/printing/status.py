"""Prints whether all is well."""

from config.text.texts import Texts
from wheel.console.printing.lines import Local, wrapped
from wheel.documents.status import StatusDocument


def say_status(document: StatusDocument, t: Texts, local: Local) -> list[str]:
    lines = [t("All is well.") if document.well else t("Not all is well:")]
    lines += [line for problem in document.problems for line in wrapped(problem.message, "  - ", "    ")]
    lines += [line for remark in document.remarks for line in wrapped(remark.message, "  - ", "    ")]
    daemon, outbox = document.daemon, document.outbox
    alive = t("running") if daemon.alive else t("not running")
    pairs = [
        (t("Mode"), t("practice") if document.practice else t("live")),
        (t("Service"), t("{alive}, last run {at}", alive=alive, at=local(daemon.last_tick))),
        (t("Mail"), t("{pending} waiting, {failed} failed", pending=outbox.pending, failed=outbox.failed)),
        (t("Program"), t("version {version}, schema {schema}", version=document.version, schema=document.schema_)),
    ]
    return [*lines, "", *(f"{name + ':':10} {value}" for name, value in pairs)]
