"""How the entries of a rehearsed calendar are named to people, in lines and in calendar files."""

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
