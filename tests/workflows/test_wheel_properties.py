"""Random wheels: `check` reports an error exactly for those that a rehearsal cannot finish."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.municipality.municipality import Municipality, catalog
from config.municipality.people import PersonSeed, RoleSeed
from notifications.mail_settings import MailSettings
from wheel.rehearsal.policy import ON_TIME, Policy
from wheel.rehearsal.rehearse import rehearse
from wheel.rehearsal.replica import Span, of_files
from workflows.checks.all_problems import problems
from workflows.dates.months import MONTHS
from workflows.definition.definition import Definition, Wheel

NAMES = ("a", "b", "c", "d")
HEAD: dict[str, Any] = {
    "name": {"sv": "Provby", "en": "Provby"},
    "version": "1",
    "country": "SE",
    "zone": "Europe/Stockholm",
    "rules_source": "invented",
    "cycle": {"budget": {"name": "{year}", "opens": {"date": "1 December Y-2", "source": "invented"}}},
    "body": {
        "kf": {"name": {"sv": "KF", "en": "KF"}, "kind": "council"},
        "office": {"name": {"sv": "Kontoret", "en": "The office"}, "kind": "office"},
    },
    "ladder": {"standard": [{"days": -3, "to": ["responsible"]}]},
}
PEOPLE = {
    "officer": PersonSeed(name="Asta Provberg", email="asta@example.se", roles=(
        RoleSeed(role="officer", body="office"), RoleSeed(role="administrator"),
    )),
    "secretary": PersonSeed(name="Bo Mallgren", email="bo@example.se", roles=(RoleSeed(role="secretary", body="kf"),)),
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A phase: prepared from one day, handed in by a second, decided by a third; or opened after another phase."""

    opens: int
    prepared: int
    decided: int
    follows: str | None
    after: str | None

    def table(self) -> dict[str, Any]:
        preparing = {"last": _on(self.prepared)} | ({} if self.follows else {"opens": _on(self.opens)})
        steps: dict[str, Any] = {}
        if self.follows:
            steps["open"] = {"follows": {"phase": self.follows, "reached": "decided"}}
        if self.after:
            steps["decide"] = {"rules": [{"rule": "R2", "phase": self.after, "reached": "decided"}]}
        return {
            "label": {"sv": "Fas", "en": "Phase"},
            "workflow": "beslut",
            "source": "invented",
            "parties": {"prepares": "office", "decides": "kf"},
            "state": {"preparing": preparing, "deciding": {"last": _on(self.decided)}},
            "step": steps,
        }


def _on(day: int) -> dict[str, str]:
    on = date(2027, 1, 1) + timedelta(days=day)
    return {"date": f"{on.day} {MONTHS[on.month - 1]} Y-1", "source": "invented"}


@st.composite
def wheels(draw: st.DrawFn) -> dict[str, Slot]:
    names = NAMES[: draw(st.integers(1, 4))]
    other = st.one_of(st.none(), st.sampled_from(names))
    return {
        name: Slot(
            opens := draw(st.integers(20, 150)), draw(st.integers(opens - 15, 220)), draw(st.integers(220, 330)),
            draw(other), draw(other),
        )
        for name in names
    }  # fmt: skip


def municipality(slots: dict[str, Slot]) -> Municipality:
    wheel = Wheel.model_validate({**HEAD, "phase": {name: slot.table() for name, slot in slots.items()}})
    return Municipality(Definition(wheel=wheel, workflows={"beslut": catalog()["beslut"]}), PEOPLE, {})


@given(wheels())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_errors_of_a_check_are_the_wheels_that_a_rehearsal_cannot_finish_in_time(slots: dict[str, Slot]) -> None:
    whole = municipality(slots)
    errors = {problem.code for problem in problems(whole.definition, [("budget", 2028)])}
    (year,) = rehearse(of_files(whole, Span(2027), MailSettings()), ON_TIME)
    decided = {entry.address for entry in year.calendar if entry.what == "decided" and entry.step == "decide"}
    assert ({f"2028/{name}" for name in slots} <= decided) == ("circle" not in errors)
    if "date_order" in errors:
        assert year.lateness or "circle" in errors


def test_a_phase_that_opens_after_a_late_one_is_late_because_of_it() -> None:
    slots = {"a": Slot(20, 60, 220, None, None), "b": Slot(0, 200, 230, "a", None)}
    late = Policy("late", days=90, everybody=True)
    (year,) = rehearse(of_files(municipality(slots), Span(2027), MailSettings()), late)
    because = {each.address: each.because for each in year.lateness if each.state == "preparing"}
    assert "2028/a" in because["2028/b"]
