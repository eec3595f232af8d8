"""The interface of a transport, which sends one message, and the errors that it raises."""

from collections.abc import Callable
from typing import Literal, Protocol

Kind = Literal["later", "refused", "doubtful", "route_closed", "broken"]


class TransportError(Exception):
    """The message was not delivered, or nobody knows whether it was.

    `kind` is one of
    - "later": try this message again,
    - "refused": never try it again,
    - "doubtful": refused, and the answer does not show whether the recipient or our own way of sending is at fault,
    - "route_closed": the message is in order, but the server takes none (no connection, no TLS, no login, no right to
      send),
    - "broken": this program could not hand the message over.

    `code` is the server's answer, if there was one. `transient`: the connection is at fault rather than the message,
    and it may be well again in seconds. `maybe_delivered`: the message was handed over and no answer came.
    """

    def __init__(
        self,
        text: str,
        kind: Kind = "later",
        code: int | None = None,
        *,
        transient: bool = False,
        maybe_delivered: bool = False,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.kind: Kind = kind
        self.code = code
        self.transient = transient
        self.maybe_delivered = maybe_delivered


class LapsedError(TransportError):
    """The claim is no longer ours, or we cannot find out whether it is. The message was not handed over."""

    def __init__(self, text: str = "somebody else has taken it over") -> None:
        super().__init__(text, "route_closed")


def no_check() -> None:
    """The `before_data` of a caller that has no claim to check."""


class Transport(Protocol):
    """One connection to a mail server, or to a folder."""

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        """Deliver to one recipient; returns when the message is safe there. Raises only TransportError.

        `before_data` is called at the last moment at which the delivery can still be given up. If it raises a
        TransportError, that ends the delivery.
        """

    def close(self) -> None:
        """Close the connection."""
