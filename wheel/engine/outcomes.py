"""How a body can have decided. A module of its own: the console's help lists them, and loads no engine for that."""

OUTCOMES = ("adopted", "adopted_with_changes", "rejected", "sent_back", "postponed", "noted")
