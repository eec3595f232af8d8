"""What a plan is called: "Socialnämndens verksamhetsplan 2027", "Mål- och resursplan 2028–2030"."""

from wheel.engine.plan import Matter
from workflows.definition.workflow import in_a_sentence


def title_of(matter: Matter, language: str) -> str:
    wheel, track = matter.turn.definition.wheel, matter.track
    label = wheel.phases[matter.phase].label.to(language)
    if matter.board is None:
        return f"{label} {_period(matter)}"
    lower = track.title.to(language) if track.title else in_a_sentence(label)
    return f"{_genitive(wheel.bodies[matter.board].name.to(language), language)} {lower} {_period(matter)}"


def title_for_a_subject(matter: Matter, language: str) -> str:
    """What it is first, for that must stay where it is cut: "Delårsrapport efter augusti 2027, BUN"."""
    if matter.board is None:
        return title_of(matter, language)
    wheel, track = matter.turn.definition.wheel, matter.track
    label, body = (track.title or wheel.phases[matter.phase].label).to(language), wheel.bodies[matter.board]
    return f"{label[:1].upper()}{label[1:]} {_period(matter)}, {body.short or body.inside.to(language)}"


def _period(matter: Matter) -> str:
    """The years that it is about: of a mandate, from the election to the next one."""
    turn = matter.turn
    if turn.kind == "mandate":
        return f"{turn.year}–{turn.year + turn.definition.wheel.cycles['mandate'].every}"
    last = turn.year + matter.track.covers - 1
    return str(turn.year) if last == turn.year else f"{turn.year}–{last}"


def _genitive(name: str, language: str) -> str:
    if language == "en":
        return name + ("'" if name.endswith("s") else "'s")
    if name.lower().endswith(("s", "x", "z")):
        return name
    return name + (":s" if name[-2:].isupper() else "s")  # "Sjövikshus AB:s"
