"""The permissions of the roles, from roles.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflows.definition.definition import Text

DAEMON = "daemon"  # the name of the scheduler, as an actor in the log and as a role


@dataclass(frozen=True)
class RoleRule:
    label: Text
    anywhere: frozenset[str]
    own: frozenset[str]
    reads: frozenset[str]


@cache
def roles() -> dict[str, RoleRule]:
    found = tomllib.loads(Path(__file__).with_name("roles.toml").read_text(encoding="utf-8"))
    return {
        name: RoleRule(Text(**rule["label"]), *(frozenset(rule.get(key, ())) for key in ("anywhere", "own", "reads")))
        for name, rule in found.items()
    }


def may(role: str, verb: str, own: bool) -> bool:
    """Whether `role` permits `verb`. `own`: the plan belongs to the body in which the person has the role."""
    rule = roles().get(role)
    return rule is not None and (verb in rule.anywhere or (own and verb in rule.own))
