"""The verbs of an administrator, one file a verb."""
