"""The home that `make run` makes for somebody who looks at Årshjul for the first time."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_first_home_asks_nobody_to_check_a_date(tmp_path: Path) -> None:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "ARSHJUL_LANG": "en"}
    made = subprocess.run(
        ["sh", ROOT / "docs" / "first-home.sh", tmp_path / "var"], env=env, capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert "tidsplan" in made.stdout
    # Cycles that are opened in their middle have passed their timetable's day; nothing else is to be noted.
    assert set(re.findall(r"Noted:\n  (\w+)", made.stdout)) <= {"R1"}
    assert "Check the date" not in made.stdout
