"""The labels of calendar entries, for the terminal and for calendar files."""

from workflows.messages import N_

WHAT = {
    "cycle_opened": N_("new cycle"),
    "opens": N_("opens"),
    "due": N_("deadline"),
    "decision_due": N_("not decided"),
    "decided": N_("decides"),
    "refused": N_("refused"),
    "late": N_("overdue"),
}
