"""Why a notice ended, or why a mail was withheld: a code in the database and in the log, a sentence for people."""

from collections.abc import Callable

from workflows.messages import N_

# A code keeps its meaning for ever: old notices have it.
ENDINGS = {
    "address_form": N_("the address is not written as an address"),
    "address_letters": N_("the part of the address before the @ has letters outside a to z"),
    "address_sides": N_("the address has no @ with something on both sides"),
    "bounced": N_("it bounced"),
    "broken": N_("it could not be handed over"),
    "cycle_stopped": N_("The cycle's timetable is not decided any more."),
    "deadline_moved": N_("The deadline was moved."),
    "held": N_("The plan is paused."),
    "known_before": N_("it was known before the rehearsal began"),
    "looked_at": N_("Somebody has looked at the plan, or there is no reason to any more."),
    "mail_off": N_("mail was off"),
    "moved_on": N_("The plan has moved on."),
    "newer_reminder": N_("a later reminder of the same deadline took its place"),
    "no_address": N_("the person has no mail address"),
    "no_administrator": N_("the person is no longer an administrator"),
    "no_role": N_("the person no longer has a role"),
    "not_written": N_("the message could not be written"),
    "out_of_play": N_("The plan is no longer active."),
    "refused": N_("the mail server refused it"),
    "role_passed_on": N_("the person no longer has the role or has a substitute, so the notice goes to"),
    "sent_after_all": N_("the mail that it replaced is sent after all"),
    "too_late": N_("it waited until it was out of date"),
    "too_many_tries": N_("it could not be sent in five days"),
    "undone": N_("The step was undone."),
    "unknown_person": N_("the person is not known"),
    "unreadable": N_("The plan cannot be read."),
    "withdrawn": N_("The plan was withdrawn."),
    "withheld_by_hand": N_("it was withheld by hand"),
}


def in_words(code: str, detail: str, say: Callable[[str], str]) -> str:
    """The sentence of a code, with what nobody translates: a server's answer, an error, the ids of people. `say`: the
    reader's Texts. A text of an earlier version that has no code is said as it is."""
    said = say(ENDINGS.get(code, code))
    return f"{said}: {detail}" if detail else said


def error_in_words(error: str, say: Callable[[str], str] = str) -> str:
    """Why a mail was not sent, in English or in the words of `say`: of a code or its sentence, perhaps followed by ": "
    and a detail; a server's answer is said as it is."""
    code, colon, detail = error.partition(": ")
    return f"{say(ENDINGS.get(code, code))}{colon}{detail}"
