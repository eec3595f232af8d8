"""The port through which notifications writes to the audit log."""

from collections.abc import Mapping
from typing import Protocol


class AuditLog(Protocol):
    """The audit log of the current transaction: its entries are committed or rolled back with it."""

    def add(self, action: str, subject: str, data: Mapping[str, object]) -> object:
        """`data` holds ids of people, never names or addresses: the log cannot be erased."""
