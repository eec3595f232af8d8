"""The home that `make run` makes for somebody who looks at Årshjul for the first time."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_first_home_has_nothing_to_be_warned_of(tmp_path: Path) -> None:
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "ARSHJUL_LANG": "en"}
    made = subprocess.run(
        ["sh", ROOT / "docs" / "first-home.sh", tmp_path / "var"], env=env, capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert "tidsplan" in made.stdout
    assert "Noted" not in made.stdout
