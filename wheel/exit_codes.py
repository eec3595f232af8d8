"""The exit code of a command and the HTTP status of pages and API, by the kind of an error."""

from typing import NamedTuple

from wheel.errors import ErrorKind


class Ending(NamedTuple):
    """How each door answers: the exit code of a command, the HTTP status of a page and of the API."""

    exit_code: int
    page: int
    api: int


# By the `kind` of an error, which is the word of its document.
ENDINGS: dict[ErrorKind, Ending] = {
    "unexpected": Ending(1, 500, 500),
    "usage": Ending(2, 422, 422),
    "refused": Ending(3, 409, 409),
    "not_found": Ending(4, 404, 404),
    "conflict": Ending(5, 409, 412),
    "faulty": Ending(6, 500, 500),
    "not_well": Ending(7, 503, 503),
}
