"""How an instant is written wherever a program reads it: documents, the log, exports."""

from datetime import UTC, datetime


def utc(instant: datetime) -> str:
    """`2027-01-11T07:00:00Z`, in UTC; with microseconds where it has any (RFC 3339). `instant` knows its zone."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
