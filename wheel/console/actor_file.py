"""Who acts, where neither --actor nor ARSHJUL_ACTOR says it: the id in a file of the person's own account."""

import os
import pwd
from contextlib import suppress
from pathlib import Path

from wheel.errors import Usage
from workflows.messages import N_

_WRITABLE = 0o022  # by group or others
_LONGEST = 200  # characters; an id is shorter


def actor_file() -> Path:
    """`~/.config/arshjul/actor`, or below XDG_CONFIG_HOME. Under sudo that of the person who has called sudo: the
    service's account, which runs the command, is nobody's own."""
    caller = _caller()
    if caller is not None:
        with suppress(KeyError):
            return Path(pwd.getpwuid(caller).pw_dir, ".config", "arshjul", "actor")
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (config if config.is_absolute() else Path.home() / ".config") / "arshjul" / "actor"


def actor_of_account(home: Path) -> str | None:
    """The id in that file; None if there is none that can be read.

    Raises Usage for a file in the home, which all who use it share, for one that others can write, and for one that
    does not have an id.
    """
    file = actor_file()
    try:
        with file.open("rb") as opened:
            said, states = opened.read(_LONGEST), [file.stat(), file.parent.stat()]
    except OSError:
        return None
    if file.resolve().is_relative_to(home.resolve()):
        text = N_("{file} is in the home, where several people work. Give --actor or ARSHJUL_ACTOR instead.")
        raise Usage(text, file=file)
    caller = _caller()
    own = {0, os.geteuid() if caller is None else caller}
    if any(state.st_mode & _WRITABLE or state.st_uid not in own for state in states):
        text = N_("Others can change {file} and could act as you. Run `chmod go-w` on it and on its folder.")
        raise Usage(text, file=file)
    words = said.decode("utf-8-sig", errors="replace").split()
    if len(words) != 1:
        raise Usage(N_("{file} must contain one id of a person and nothing else."), file=file)
    return words[0]


def _caller() -> int | None:
    """The user id of the person who has called sudo; None without sudo."""
    said = os.environ.get("SUDO_UID", "")
    return int(said) if said.isdecimal() and int(said) != os.geteuid() else None
