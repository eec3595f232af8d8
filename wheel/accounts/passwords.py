"""Passwords: which are good enough, and their argon2id hashes."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from wheel.errors import Usage
from workflows.messages import N_

SHORTEST, LONGEST = 12, 200  # characters; the longest protects the hasher from megabytes
_FEWEST_CHARACTERS = 5  # that differ, beside names: "aaaaaaaaaaaa" is long and no secret


class WeakPassword(Usage):
    """The password is too easy to guess."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id, 64 MiB


@cache
def _nobodys() -> str:
    return _hasher().hash("of nobody")


def hashed(password: str, *known: str) -> str:
    """The hash to keep. `known`: words that everybody can guess of this person. Raises WeakPassword."""
    if len(password) < SHORTEST:
        raise WeakPassword(N_("The password has to be at least {n} characters long."), n=SHORTEST)
    if len(password) > LONGEST:
        raise WeakPassword(N_("The password can be at most {n} characters long."), n=LONGEST)
    rest = password.casefold()
    guessed = (*known, "arshjul", "årshjul", "password", "lösenord", "123456", "qwerty")
    for word in sorted(guessed, key=len, reverse=True):  # a whole name before its parts
        rest = rest.replace(word.casefold(), "") if len(word) > 2 else rest
    if len(set(rest)) < _FEWEST_CHARACTERS:
        raise WeakPassword(N_("The password is too easy to guess: a name, or the same few characters."))
    return _hasher().hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash it takes as long to refuse: nobody learns who has one."""
    try:
        _hasher().verify(kept or _nobodys(), password[: LONGEST + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None
