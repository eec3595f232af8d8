"""The names of the outcomes that a body can decide. The console lists them in its help without loading the engine.

Which of them take a step: `Step.taken_by` in workflow.py. What the others do: wheel/actions/advance.py.
"""

OUTCOMES = ("adopted", "adopted_with_changes", "rejected", "sent_back", "postponed", "noted", "dropped")
