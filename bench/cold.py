"""Cold start of commands, compared with a Python process that does nothing."""

import os
import subprocess
import sys
from pathlib import Path

from bench.databases import folder
from bench.measure import Figure, Figures, Scale, at_most, ratio_of

ARSHJUL = Path(sys.executable).parent / "arshjul"


def measure(scale: Scale) -> Figures:
    with folder() as base:
        home = base / "home"
        asked: tuple[tuple[str, list[str], int], ...] = (("--version", [], 15), ("status", ["--home", str(home)], 40))
        made = run([str(ARSHJUL), "init", "--practice", "--home", str(home)])
        if made.returncode != 0:
            yield Figure("cold start: no home could be made", made.stderr.decode().strip()[-60:], "", False)
            return
        for word, more, goal in asked:
            command = [str(ARSHJUL), word, *more]
            run(command)
            ours, bare, ratio = ratio_of(scale.rounds, lambda: run(command), lambda: run([sys.executable, "-c", ""]))  # noqa: B023 - called at once
            yield at_most(f"cold start: arshjul {word}", ratio, goal, "x python")
            yield Figure("  ours and bare python", f"{ours * 1e3:.0f} / {bare * 1e3:.0f} ms")


def run(command: list[str]) -> "subprocess.CompletedProcess[bytes]":
    env = {name: value for name, value in os.environ.items() if not name.startswith("ARSHJUL_")}
    return subprocess.run(command, capture_output=True, env=env, check=False)
