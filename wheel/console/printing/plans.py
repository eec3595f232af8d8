"""Prints plans: the list of them, and one with all that belongs to it."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from config.text.texts import Texts
from wheel.console.printing.lines import Local, dated, section, wrapped
from wheel.console.printing.log import log_rows
from wheel.documents.plans import AlarmDocument, FlagDocument, PlanDocument, PlansDocument, StateDocument, StepDocument
from wheel.documents.reasons import ReasonDocument
from wheel.engine.plan import OUT_OF_PLAY
from wheel.format import ALARMS, BOUNDS, RETURNED, STATUS, source_word
from wheel.reads.log_sentences import Told
from wheel.reads.names import Names
from workflows.messages import N_

FLAG = {
    "reopened": N_("Look at the plan again: {plan} was reopened ({at}). Reason: {reason}"),
    "changed": N_("Look at the plan again: {plan} was decided otherwise ({at}). Reason: {reason}"),
    "part": N_("Look at the plan again: {plan} is open, although the phase had counted it ({at}). Reason: {reason}"),
}
IDLE = ("upcoming", "draft", *OUT_OF_PLAY)  # statuses whose states say no more
RULE = re.compile(r"R\d+")


def status_word(
    status: str | None, t: Texts, *, held: bool = False, flagged: bool = False, returned: bool = False
) -> str:
    """The status in words. `returned`: an official has sent it back, which is never called what a body does."""
    named = RETURNED if returned and status == "sent_back" else STATUS.get(status or "", "–")
    word = t(named)
    word = t("{status}, paused", status=word) if held else word
    return t("{status}, look again", status=word) if flagged else word


def say_plans(document: PlansDocument, t: Texts, names: Names, *, filtered: bool = False) -> list[str]:
    plans = document.plans
    if not plans and filtered:
        return [t("No plan is like that.")]
    if not plans:
        return [t("No plans. Open a cycle with `arshjul open CYCLE`.")]
    words = [
        status_word(plan.status, t, held=plan.held, flagged=plan.flagged, returned=plan.returned) for plan in plans
    ]
    last, status, head = t("Deadline"), t("Status"), t("Plan and state")
    width = max(map(len, [status, *words]))
    days = [dated(p.last, t, provisional=p.provisional, undecided=p.undecided, clock=p.clock) for p in plans]
    wide = max(11, *map(len, days))
    lines = [f"{last:{wide}} {status:{width}} {head}"]
    for plan, day, word in zip(plans, days, words, strict=True):
        named = [plan.address] if plan.status in IDLE else [plan.address, names.state_label(plan.address, plan.state)]
        lines += wrapped(f"{day:{wide}} {word:{width}} {': '.join(named)}", "", " " * (wide + 1))
    return [*lines, t.plural("{n} plan", "{n} plans", len(plans))]


def say_plan(document: PlanDocument, history: Sequence[Told], t: Texts, local: Local, names: Names) -> list[str]:
    labels = {state.state: state.label for state in document.states}
    status = status_word(
        document.status, t, held=document.held, flagged=bool(document.flags), returned=document.returned
    )
    lines = [
        document.address,
        *wrapped(document.title, "  "),
        *wrapped(t("State: {label} ({state})", label=labels[document.state], state=document.state), "  "),
        "  " + t("Status: {status}", status=status),
        "  " + t("Version: {number}", number=document.version),
        *[line for flag in document.flags for line in wrapped(_flag(flag, t, local), "  ! ", "    ")],
        *_reminders_withheld(document, t),
        "",
        t("The states and their dates:"),
    ]
    for state in document.states:
        lines += _state(state, state.state == document.state, t, local)
    lines += section(t("Steps possible now"), [_step(step, t, document.address, names) for step in document.steps])
    lines += section(
        t("Remaining before the steps ahead"),
        [reason_line(reason, t, partial(names.step, document.address)) for reason in document.blockers],
    )
    if children := document.children:
        said = t("{done} of {of} boards are done", done=children.done, of=children.of)
        if not children.waited_for:
            said = t(
                "{done} of {of} boards are done; the phase does not wait for them", done=children.done, of=children.of
            )
        if not children.of:
            said = t("No board takes part")
        if children.reopened:
            lines += section(t("Open again, after the phase had counted them"), children.reopened)
        missing = [address for address in children.missing if address not in children.reopened]
        if missing or not children.reopened:
            lines += section(said, missing)
    told = [alarm for alarm in document.agenda if alarm.what != "overview" or alarm.to]  # one from outside is not told
    coming = [f"{local(alarm.at)}  {alarm_words(alarm, t, document.address, names)}" for alarm in told]
    lines += section(t("Coming next"), coming)
    return lines + section(t("History"), log_rows(history, t, local, about=False))


def _flag(flag: FlagDocument, t: Texts, local: Local) -> str:
    facts = {"plan": flag.because, "at": local(flag.at), "reason": flag.reason or "–"}
    return t(FLAG[flag.kind], **facts)


def _reminders_withheld(document: PlanDocument, t: Texts) -> list[str]:
    lines = []
    if snoozed := document.snoozed:
        said = t(
            "The plan's reminders are withheld until {day}: {reason}", day=f"{snoozed.until}", reason=snoozed.reason
        )
        lines += wrapped(said, "  ")
    for warning in document.warnings:
        lines += wrapped(warning.message, "  ! ", "    ")
    return lines


def _state(state: StateDocument, here: bool, t: Texts, local: Local) -> list[str]:
    lines = wrapped(f"{state.label} ({state.state})", "> " if here else "  ", "    ")
    dates = {"opens": state.opens, "target": state.target, "last": state.last, "statutory": state.statutory}
    for bound, of in dates.items():
        if of is not None:
            day = dated(of.date, t, provisional=of.provisional, undecided=of.undecided, clock=of.clock)
            if of.waits_for:
                day = t("set by {what}", what=", ".join(of.waits_for))
            cited = f"  ({source_word(of.source, t)})" if of.source else ""
            lines += wrapped(f"{t(BOUNDS[bound]):10} {day}{cited}", "    ", " " * 15)
    if state.entered_at is not None:
        entered, left = local(state.entered_at), local(state.left_at)
        said = (
            t("from {entered} to {left}", entered=entered, left=left)
            if state.left_at
            else t("since {entered}", entered=entered)
        )
        if state.entered_on and not entered.startswith(f"{state.entered_on}"):
            said = t("{said} (the step was taken on {day})", said=said, day=f"{state.entered_on}")
        lines.append("    " + said)
    return lines


def _step(step: StepDocument, t: Texts, address: str, names: Names) -> str:
    who = names.bodies(address, step.by)
    what = t("decided by {who}", who=who) if step.decision else t("done by {who}", who=who)
    return f"{names.step(address, step.step)} → {names.state(address, step.to)}, {what}"


def alarm_words(alarm: AlarmDocument, t: Texts, address: str, names: Names) -> str:
    rule = names.step(address, alarm.rule) if alarm.what == "step" and alarm.rule else alarm.rule
    return t(ALARMS[alarm.what], rule=rule, to=names.people(alarm.to) or "–")


def reason_line(reason: ReasonDocument, t: Texts, step: Callable[[str], str] | None = None) -> str:
    """`R2 (1.2), The council adopts the plan (decide): First “Frames” must reach “Decided”.`

    `step` writes the step that the reason is about; without it the reader knows which one. Only a rule of the
    municipality has a number to refer to, so no other is named.
    """
    rule = reason.rule if RULE.fullmatch(reason.rule) else ""
    cited = f"({source_word(reason.citation, t)})" if reason.citation else ""
    about = step(reason.step) if step and reason.step else ""
    row = t("row {row} ({plan})", row=reason.row, plan=reason.address or "–") if reason.row else ""
    where = (f"{rule} {cited}".strip(), about) if rule else (f"{about} {cited}".strip(),)
    before = ", ".join(filter(None, (row, *where)))
    return f"{before}: {reason.message}" if before else reason.message
