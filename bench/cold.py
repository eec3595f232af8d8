"""Cold start of commands in a home with one cycle, compared with a Python process that does nothing.

The import of the tables alone (SQLModel, SQLAlchemy, pydantic) is the least for a command that asks the database.
"""

import os
import subprocess
import sys
from pathlib import Path

from bench.databases import folder
from bench.measure import Figure, Figures, Scale, at_most, ratio_of
from wheel.exit_codes import ENDINGS

ARSHJUL = str(Path(sys.executable).parent / "arshjul")
COMMANDS = {"--version": 15, "status": 40, "show 2028/tidsplan": 40}  # and their goals
TABLES = "import wheel.database.tables"
ANSWERED = (0, ENDINGS["not_well"].exit_code)  # `status`: no daemon runs


def measure(scale: Scale) -> Figures:
    with folder() as home:
        run(home, ARSHJUL, "init", "--practice")
        run(home, ARSHJUL, "open", "2028", "--actor", "admin")
        for words, goal in COMMANDS.items():
            ours, bare, ratio = _against_bare(scale, home, ARSHJUL, *words.split())
            yield at_most(f"cold start: arshjul {words}", ratio, goal, "x python")
            yield Figure("  ours and bare python", f"{ours * 1e3:.0f} / {bare * 1e3:.0f} ms")
        yield Figure(
            f"  of it: {TABLES}", f"{_against_bare(scale, home, sys.executable, '-c', TABLES)[2]:.2f} x python"
        )


def _against_bare(scale: Scale, home: Path, *command: str) -> tuple[float, float, float]:
    run(home, *command)
    return ratio_of(scale.rounds, lambda: run(home, *command), lambda: run(home, sys.executable, "-c", ""))


def run(home: Path, *command: str) -> None:
    """Raises CalledProcessError if it fails."""
    # Bytecode is written, as it is where the program is installed.
    env = {k: v for k, v in os.environ.items() if not k.startswith("ARSHJUL_") and k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, env=env | {"ARSHJUL_HOME": str(home)}, check=False)
    if done.returncode not in ANSWERED:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
