"""All acts on a plan, by the last part of their address, in the order of their buttons."""

from wheel.web.acts.act import Act
from wheel.web.acts.decision import Correct, Decide, Postpone, SendBack
from wheel.web.acts.upkeep import (
    Done,
    Hold,
    LookedAt,
    MoveDeadline,
    Release,
    Remind,
    Reopen,
    Snooze,
    Undo,
    Withdraw,
)

_ALL: list[Act] = [
    Decide(), Done(), SendBack(), Postpone(), Remind(), MoveDeadline(), LookedAt(), Undo(), Correct(),
    Hold(), Release(), Snooze(), Reopen(), Withdraw(),
]  # fmt: skip
ACTS = {act.path: act for act in _ALL}
