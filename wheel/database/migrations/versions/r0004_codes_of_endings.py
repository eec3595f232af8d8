"""Why a notice ended is a code and a detail; so far it was an English text, perhaps followed by ": " and a detail.

A mail that an administrator asks for is judged like all others before it leaves. A hold by hand keeps its reason.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# The codes that notifications/endings.py has for what was written so far.
CODES = {
    "The deadline was moved.": "deadline_moved",
    "The plan cannot be read.": "unreadable",
    "The plan has moved on.": "moved_on",
    "The plan is held.": "held",
    "The plan is out of play.": "out_of_play",
    "The plan was withdrawn.": "withdrawn",
    "The step was undone.": "undone",
    "a later reminder of the same deadline took its place": "newer_reminder",
    "it bounced": "bounced",
    "it could not be handed over": "broken",
    "it could not be sent in five days": "too_many_tries",
    "it could not leave for so long that it says nothing any more": "too_late",
    "it was withheld by hand": "withheld_by_hand",
    "the address has no @ with something on both sides": "address_sides",
    "the address is not written as an address": "address_form",
    "the mail server refused it": "refused",
    "the message could not be written": "not_written",
    "the part of the address before the @ has letters outside a to z": "address_letters",
    "the person has no e-mail address": "no_address",
    "the person has no role any more": "no_role",
    "the person has the role no longer, or a substitute has it; told instead": "role_passed_on",
    "the person is no administrator any more": "no_administrator",
    "the person is not known": "unknown_person",
}

NOTICE = sa.table("notice", sa.column("because"), sa.column("detail"))
MESSAGE = sa.table("message", sa.column("error"))


def upgrade() -> None:
    op.add_column("notice", sa.Column("detail", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("home", sa.Column("mail_hold_reason", sa.String(), nullable=False, server_default=sa.text("''")))
    op.drop_column("message", "as_written")
    texts_become_codes()


def texts_become_codes() -> None:
    because, error = NOTICE.c.because, MESSAGE.c.error
    for text, code in CODES.items():
        start = len(text) + 3  # SQL counts from one
        detail = sa.func.substr(because, start)
        op.execute(sa.update(NOTICE).where(because.startswith(f"{text}: ")).values(because=code, detail=detail))
        op.execute(sa.update(NOTICE).where(because == text).values(because=code))
        # Of a mail, the code and the detail stay in one text.
        rest = sa.literal(f"{code}: ").op("||")(sa.func.substr(error, start))
        op.execute(sa.update(MESSAGE).where(error.startswith(f"{text}: ")).values(error=rest))
        op.execute(sa.update(MESSAGE).where(error == text).values(error=code))
