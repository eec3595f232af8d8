"""The last call: how a message leaves this program."""

from collections.abc import Callable
from typing import Literal, Protocol

Kind = Literal["later", "refused", "stopped", "broken"]


class TransportError(Exception):
    """The message was not delivered, or nobody knows.

    `kind`: "later", try this message again; "refused", never again; "stopped", nothing is wrong with it but
    the way out is closed (no connection, no TLS, no login), for all messages; "broken", the program itself could not
    hand it over. `code` is the server's, if any. `passing`: it says more of the connection than of the message, and
    may be over in seconds. `maybe_delivered`: it was handed over, and the answer did not come.
    """

    def __init__(
        self,
        text: str,
        kind: Kind = "later",
        code: int | None = None,
        *,
        passing: bool = False,
        maybe_delivered: bool = False,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.kind: Kind = kind
        self.code = code
        self.passing = passing
        self.maybe_delivered = maybe_delivered


def nothing_to_see() -> None:
    pass


class Transport(Protocol):
    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        """Deliver to one recipient; returns when it is safe there. Raises TransportError alone.

        `last_look` is called just before there is no way back; the TransportError that it raises ends the delivery.
        """

    def close(self) -> None:
        """Nothing more will be sent for now."""
