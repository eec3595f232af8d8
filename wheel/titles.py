"""What a plan is called: "Socialnämndens verksamhetsplan 2027", "Mål- och resursplan 2028–2030"."""

from wheel.matter import Matter


def title_of(matter: Matter, language: str) -> str:
    wheel, track = matter.turn.definition.wheel, matter.track
    label = wheel.phases[matter.phase].label.to(language)
    if matter.board is None:
        return f"{label} {_period(matter)}"
    lower = track.title.to(language) if track.title else _in_a_sentence(label)
    return f"{_genitive(wheel.bodies[matter.board].name.to(language), language)} {lower} {_period(matter)}"


def _period(matter: Matter) -> str:
    """The years that it is about: of a mandate, from the election to the next one."""
    turn = matter.turn
    if turn.kind == "mandate":
        return f"{turn.year}–{turn.year + turn.definition.wheel.cycles['mandate'].every}"
    last = turn.year + matter.track.covers - 1
    return str(turn.year) if last == turn.year else f"{turn.year}–{last}"


def _in_a_sentence(label: str) -> str:
    """With a small letter, if it is no abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _genitive(name: str, language: str) -> str:
    if language == "en":
        return name + ("'" if name.endswith("s") else "'s")
    return name if name.endswith(("s", "x", "z")) else name + "s"
