"""The browser of the tests: Chromium of this machine, or else Debian's, unpacked beside our environment by any user.

`make test` runs this module, so that the browser is there before the first test: python -m tests.support.chromium
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

UNPACKED = Path(sys.prefix) / "chromium"  # in the environment, so `make clean` removes it
PROGRAM = "usr/lib/chromium/chromium"  # not the script usr/bin/chromium, which looks for it under /usr
PACKAGES = ("chromium", "fonts-dejavu-core", "fontconfig-config")
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/fonts</cachedir></fontconfig>
"""


class ChromiumMissingError(Exception):
    """No Chromium on this machine, and none could be had; the text says why."""


def installed() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def program() -> str:
    """The path of the browser's program. Raises ChromiumMissingError."""
    found = installed() or ((UNPACKED / PROGRAM).exists() and str(UNPACKED / PROGRAM))
    if not found:
        raise ChromiumMissingError(
            "The tests of the pages need Chromium. `make test` fetches Debian's; elsewhere put chromium on the PATH."
        )
    return found


def environment() -> dict[str, str | float | bool]:
    """The variables by which the program finds its libraries and fonts, beside the environment of this process."""
    if installed():
        return {}
    libraries = sorted({str(file.parent) for file in UNPACKED.glob("**/*.so*")})
    return {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf")}


def unpack(folder: Path, status: str = "/var/lib/dpkg/status") -> None:
    """Fetch what this machine lacks of Debian's Chromium into that folder. `status`: what it has, as dpkg lists it."""
    work = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    for part in ("lists/partial", "cache/archives/partial", "debs"):
        (work / part).mkdir(parents=True)
    ours = {  # no folder of the system is written to, so no right is needed
        "Dir::State::lists": work / "lists", "Dir::Cache": work / "cache", "Dir::State::status": status,
        "APT::Sandbox::User": "root", "Debug::NoLocking": "1",
    }  # fmt: skip
    apt = ["apt-get", "-qq", *(word for name, value in ours.items() for word in ("-o", f"{name}={value}"))]
    run([*apt, "update"], work)
    plan = run([*apt, "--simulate", "--no-install-recommends", "install", *PACKAGES], work)
    missing = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    run([*apt, "download", *missing], work / "debs")
    for package in sorted((work / "debs").iterdir()):
        run(["dpkg", "-x", package, work / "root"], work)
    (work / "root" / "fonts.conf").write_text(FONTS.format(folder=folder), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    (work / "root").rename(folder)
    shutil.rmtree(work)


def run(words: Sequence[str | Path], folder: Path) -> str:
    """Its version. Raises ChromiumMissingError with its complaint."""
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        complaint = getattr(error, "stderr", "") or str(error)
        raise ChromiumMissingError(f"Chromium is missing, and cannot be fetched:\n{complaint}") from None
    return done.stdout


if __name__ == "__main__" and not installed() and not (UNPACKED / PROGRAM).exists():
    try:
        unpack(UNPACKED)
    except ChromiumMissingError as missing:
        sys.exit(str(missing))
