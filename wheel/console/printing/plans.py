"""What people read in the terminal: the documents of --json, as lines of at most 80 columns."""

import textwrap
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.text.texts import Texts
from wheel.console.printing.lines import BOUNDS, FLAGS, about, more_lines
from wheel.format import STATUS, source_word
from workflows.messages import N_

WIDTH = 80
Local = Callable[[str | None], str]

NOT_HELD, HELD = N_("Status: {status}"), N_("Status: {status}, paused")
HERE, BEEN = N_("since {entered}"), N_("from {entered} to {left}")
ALARMS = {
    "step": N_("the step {rule} happens by itself"),
    "late": N_("overdue from then on"),
    "reminder": N_("reminder to {to}"),
    "overview": N_("in the weekly overview to {to}, because the plan is overdue"),
    "next_cycle": N_("the next cycle opens"),
}


def local_time(zone: str) -> Local:
    """An instant of a document by the municipality's clock; an en dash for none."""

    def said(instant: str | None) -> str:
        return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if instant else "–"

    return said


def wrapped(text: str, first: str = "", then: str | None = None) -> list[str]:
    """The text in lines; those after the first begin with `then`."""
    then = " " * len(first) if then is None else then
    # A path or an address stays whole, to be copied.
    how = {"break_on_hyphens": False, "break_long_words": False}
    lines = textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=then, **how)  # type: ignore[arg-type]
    return lines or [first.rstrip()]


def status_word(status: str | None, t: Texts) -> str:
    return t(STATUS[status]) if status else "–"


# ---- plans -----------------------------------------------------------------------------------------------------


def say_plans(document: dict[str, Any], t: Texts) -> list[str]:
    plans = document["plans"]
    if not plans:
        return [t("No plans. Open a cycle with `arshjul open CYCLE`.")]
    words = [status_word(plan["status"], t) for plan in plans]
    width = max(map(len, words))
    last, status, plan = t("Deadline"), t("Status"), t("Plan")
    lines = [f"{last:11} {status:{width}} {plan}"]
    for plan, word in zip(plans, words, strict=True):
        said = about(plan["last"], t, **{name: plan.get(name, False) for name in FLAGS})
        lines += wrapped(f"{said:11} {word:{width}} {plan['address']}", "", " " * 12)
    return [*lines, t.plural("{n} plan", "{n} plans", len(plans))]


def say_show(document: dict[str, Any], t: Texts, local: Local) -> list[str]:
    labels = {state["state"]: state["label"] for state in document["states"]}
    status = status_word(document["status"], t)
    lines = [
        document["address"],
        *wrapped(document["title"], "  "),
        *wrapped(t("State: {label} ({state})", label=labels[document["state"]], state=document["state"]), "  "),
        "  "
        + (t("Status: {status}, paused", status=status) if document["held"] else t("Status: {status}", status=status)),
        "  " + t("Version: {number}", number=document["version"]),
        *_say_notes(document, t),
        "",
        t("The states and their dates:"),
    ]
    for state in document["states"]:
        lines += _say_state(state, state["state"] == document["state"], t, local)
    lines += _section(t("Steps possible now"), [_say_step(step, t) for step in document["steps"]])
    lines += _section(t("Remaining before the steps ahead"), map(reason_line, document["blockers"]))
    if children := document["children"]:
        said = t("{done} of {of} boards are done", done=children["done"], of=children["of"])
        lines += _section(said, children["missing"])
    lines += _section(t("Coming next"), [say_alarm(alarm, t, local) for alarm in document["agenda"]])
    return lines + _section(t("History"), [entry_line(entry, local) for entry in document["history"]])


def _say_notes(document: dict[str, Any], t: Texts) -> list[str]:
    """What keeps its reminders from people."""
    lines = []
    if snoozed := document["snoozed"]:
        said = t(
            "The plan's reminders are withheld until {day}: {reason}", day=snoozed["until"], reason=snoozed["reason"]
        )
        lines += wrapped(said, "  ")
    for warning in document["warnings"]:
        lines += wrapped(warning["message"], "  ! ", "    ")
    return lines


def _section(title: str, rows: Iterable[str]) -> list[str]:
    lines = [line for row in rows for line in wrapped(row, "  ", "      ")]
    return ["", f"{title}:", *lines] if lines else []


def _say_state(state: dict[str, Any], here: bool, t: Texts, local: Local) -> list[str]:
    lines = wrapped(f"{state['label']} ({state['state']})", "> " if here else "  ", "    ")
    for bound, word in BOUNDS.items():
        if of := state[bound]:
            flags = {name: of.get(name, False) for name in FLAGS}
            said = about(of["date"], t, clock=of.get("clock", ""), **flags)
            lines += wrapped(f"{t(word):10} {said}  ({source_word(of['source'], t)})", "    ", " " * 15)
    if state["entered_at"]:
        entered, left = local(state["entered_at"]), state["left_at"] and local(state["left_at"])
        said = (
            t("from {entered} to {left}", entered=entered, left=left) if left else t("since {entered}", entered=entered)
        )
        lines.append(f"    {said}")
    return lines


def _say_step(step: dict[str, Any], t: Texts) -> str:
    what = t("decided by {who}", who=step["by"]) if step["decision"] else t("done by {who}", who=step["by"])
    return f"{step['step']} → {step['to']}, {what}"


def say_alarm(alarm: dict[str, Any], t: Texts, local: Local) -> str:
    return f"{local(alarm['at'])}  {alarm_words(alarm, t)}"


def alarm_words(alarm: dict[str, Any], t: Texts) -> str:
    return t(ALARMS[alarm["what"]], rule=alarm["rule"], to=alarm["to"] or "–")


def reason_line(reason: dict[str, Any]) -> str:
    """`R2 (1.2) decide: what is missing.`"""
    cited = f" ({reason['citation']})" if reason["citation"] else ""
    step = f" {reason['step']}" if reason["step"] else ""
    return f"{reason['rule']}{cited}{step}: {reason['message']}"


def say_done(document: dict[str, Any], t: Texts) -> list[str]:
    head = t("Would be done: {address}", address=document["address"])
    lines = [head if document["dry_run"] else t("Done: {address}", address=document["address"])]
    if document["state"]:
        word = status_word(document["status"], t)
        facts = {"state": document["state"], "status": word, "version": document["version"]}
        said = t("State: {state}. Status: {status}. Version: {version}", **facts)
        lines += wrapped(said, "  ")
    if document["notices"]:
        lines.append("  " + t.plural("{n} notice planned", "{n} notices planned", document["notices"]))
    if document["log"]:
        lines += wrapped(t("In the log: {entries}", entries=_ranges(document["log"])), "  ")
    lines += _section(t("Mails"), [f"{mail['to']}: {mail['subject']}" for mail in document.get("mails", ())])
    lines += [line for title, rows in more_lines(document, t) for line in _section(title, rows)]
    return lines + _section(t("Noted"), map(reason_line, document["warnings"]))


def _ranges(numbers: list[int]) -> str:
    """58–133, 140: what follows one another is one range."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] == number - 1:
            found[-1] = [found[-1][0], number]
        else:
            found.append([number])
    return ", ".join("–".join(map(str, part)) for part in found)


def say_refused(refusals: list[dict[str, Any]], t: Texts) -> list[str]:
    lines = [t("Refused:")]
    for reason in refusals:
        lines += wrapped(reason_line(reason), "  ", "      ")
        if reason["overridable"]:
            lines += wrapped(t('You can do it anyway: --anyway --reason "…".'), "      ")
    return lines


def say_tick(document: dict[str, Any], t: Texts, local: Local) -> list[str]:
    now = local(document["now"])
    lines = [t("By {now} this would happen:", now=now) if document["dry_run"] else t("Done by {now}:", now=now)]
    for moved in document["moved"]:
        lines += wrapped(f"{moved['address']}: {moved['from']} → {moved['to']}", "  ", "      ")
    counted = [
        t.plural("{n} plan moved", "{n} plans moved", len(document["moved"])),
        t.plural("{n} notice planned", "{n} notices planned", document["notices"]),
        t.plural("{n} mail made", "{n} mails made", document["messages"]),
        t.plural("{n} mail sent", "{n} mails sent", document["delivered"]),
    ]
    lines += wrapped(", ".join(counted), "  ")
    for mail in document.get("mails", ()):
        lines += wrapped(f"{mail['to']}: {mail['subject']}", "  ", "      ")
    if document["put_aside"]:
        lines += wrapped(
            t("Plans that the service could not run have been put aside: {plans}", plans=document["put_aside"]), "  "
        )
    if document["held_back"]:
        text = N_("Mail on hold: {n}. Release it with `arshjul tick --confirm --actor NAME`.")
        lines += wrapped(t(text, n=document["held_back"]), "  ")
    return lines


def say_status(document: dict[str, Any], t: Texts, local: Local) -> list[str]:
    lines = [t("All is well.") if document["well"] else t("Not all is well:")]
    lines += [line for problem in document["problems"] for line in wrapped(problem["message"], "  - ", "    ")]
    daemon, outbox = document["daemon"], document["outbox"]
    alive = t("running") if daemon["alive"] else t("not running")
    pairs = [
        (t("Mode"), t("practice") if document["practice"] else t("live")),
        (t("Service"), t("{alive}, last run {at}", alive=alive, at=local(daemon["last_tick"]))),
        (t("Mail"), t("{pending} waiting, {failed} failed", pending=outbox["pending"], failed=outbox["failed"])),
        (t("Program"), t("version {version}, schema {schema}", version=document["version"], schema=document["schema"])),
    ]
    return [*lines, "", *(f"{name + ':':10} {value}" for name, value in pairs)]


def say_notices(document: dict[str, Any], t: Texts, local: Local) -> list[str]:
    if not document["notices"]:
        return [t("There are no notices about the plan.")]
    lines = []
    for notice in document["notices"]:
        lines += wrapped(f"{local(notice['due'])}  {notice['person']}  {t(OUTCOMES[notice['outcome']])}")
        lines += wrapped(notice["because"], "    ")
        lines += wrapped(notice["key"], "    ")
    return lines


OUTCOMES = {
    "planned": N_("planned"),
    "sent": N_("sent"),
    "superseded": N_("superseded"),
    "expired": N_("expired"),
    "withheld": N_("withheld"),
    "failed": N_("failed"),
    "pending": N_("waiting"),
    "sending": N_("being sent"),
}


def entry_line(entry: dict[str, Any], local: Local) -> str:
    data = entry["data"]
    facts = [f"{name} {data[name]}" for name in ("step", "state", "reason") if data.get(name)]
    moved = f"{data['from']} → {data['to']}" if "from" in data and "to" in data else ""
    parts = (str(entry["seq"]), local(entry["at"]), entry["actor"], entry["action"], moved, ", ".join(facts))
    return "  ".join(filter(None, parts))


def say_faults(document: dict[str, Any]) -> list[str]:
    lines = [document["message"]]
    for fault in document["faults"]:
        where = fault["file"] + (f":{fault['line']}" if fault["line"] else "")
        place = f" ({fault['place']})" if fault["place"] else ""
        lines += wrapped(f"{fault['number']} {where}{place}: {fault['message']} {fault['cure']}", "  ", "      ")
    return lines
