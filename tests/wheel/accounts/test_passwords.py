"""Passwords: how they are kept, and which are good enough."""

import pytest

from wheel.accounts.passwords import LONGEST, WeakPassword, fits, hashed

GOOD = "en hemlighet om hjul"


def test_a_password_is_kept_as_argon2id_with_64_mebibytes() -> None:
    kept = hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,")
    assert fits(kept, GOOD)
    assert not fits(kept, GOOD.upper())
    assert not fits(None, GOOD)
    assert not fits("no hash", GOOD)


@pytest.mark.parametrize("password", ["kort", "abababababababab", "Einar Teststrand", "x" * (LONGEST + 1)])
def test_what_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        hashed(password, "einar", "Einar Teststrand")
