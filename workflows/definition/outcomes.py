"""The outcomes that a body can decide. The console lists them in its help without loading the engine."""

OUTCOMES = ("adopted", "adopted_with_changes", "rejected", "sent_back", "postponed", "noted", "dropped")
