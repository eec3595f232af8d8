"""Wheels to draw that no municipality has: many plans or few, a day long or over new year, beside each other."""

from datetime import date, timedelta

from wheel.drawing.picture import Arc, Bead, MeetingDay, Next, Ring, WheelPicture
from wheel.engine.plan import Status

MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
    "december",
)  # fmt: skip
STATUSES: tuple[Status, ...] = ("done", "in_progress", "upcoming", "sent_back", "overdue")


def an_arc(plan: str, first: date, last: date, status: Status = "upcoming", label: str = "Nämndernas förslag") -> Arc:
    return Arc(plan, "open", status, status, label, "Pågår", f"{label}: pågår", label, first, last)


def a_bead(day: date, letters: str = "KS", status: Status = "upcoming") -> Bead:
    return Bead(
        day, f"{day.day} {day.month}", letters, "kommunstyrelsen", status, ("2028/mrp",), (("Mål- och resursplan", ""),)
    )


def a_picture(*rings: Ring, today: date | None, year: int = 2026, label: str = "") -> WheelPicture:
    coming = Next(date(year, 10, 14), "Nästa hålltid", "14 okt KS", label or "Delårsrapport augusti", "om 2 dagar")
    return WheelPicture(
        year, today, False, "sv", "Sjöviks kommun", f"Årshjul {year}", f"Läget {today}", rings,
        (MeetingDay(date(year, 3, 2), council=False), MeetingDay(date(year, 6, 16), council=True)), MONTHS,
        "i dag måndag 12 oktober" if today else "", "12 okt" if today else "", coming if today else None,
        tuple((status, status) for status in STATUSES), (("KS", "kommunstyrelsen"),),
        ("fullmäktiges sammanträde", "styrelsens"), f"Årshjul {year}", "2 ringar.",
    )  # fmt: skip


def a_year(year: int, plans: int, rings: int) -> tuple[Ring, ...]:
    """Rings with so many plans in all: of a day, of weeks, over new year, beside each other."""
    found = []
    for n in range(rings):
        arcs, beads = [], []
        for k in range(n, plans, rings):
            first = date(year, 1, 1) + timedelta(days=(k * 53) % 380 - 10)
            last = first + timedelta(days=(0, 1, 6, 20, 45, 90)[k % 6])
            if last.year >= year and first.year <= year:
                arcs.append(an_arc(f"2028/p{k}", first, last, STATUSES[k % 5]))
                if last.year == year:
                    beads.append(a_bead(last, ("KF", "KS", "N")[k % 3], STATUSES[k % 5]))
        arcs.sort(key=lambda arc: (arc.first, arc.last))
        beads.sort(key=lambda bead: bead.day)
        found.append(Ring(f"{2026 + n}", f"Planering {2026 + n}", tuple(arcs), tuple(beads)))
    return tuple(found)
