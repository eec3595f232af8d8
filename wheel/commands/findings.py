"""What `arshjul check` finds: faults, which are errors, and numbered remarks with a cure."""

from importlib import metadata
from pathlib import Path
from typing import Any

from wheel.commands.asking import Door
from workflows.messages import N_


def findings(door: Door, folder: Path | None) -> dict[str, Any]:
    """Raises Faulty with every fault of the wheel's files and of the settings."""
    from config.faults import Fault, Faulty
    from config.municipality import VANERSBORG, load
    from config.settings import load as load_settings
    from wheel.home import HomeFolder
    from workflows.rules import not_held

    home = HomeFolder(door.home)
    in_home = home.settings.is_file()
    folder = folder or (home.municipality if in_home else VANERSBORG)
    faults: list[Fault] = []
    remarks = _environment()
    try:
        load(folder)
    except Faulty as faulty:
        faults += faulty.faults
    try:
        settings = load_settings(door.home) if in_home else None
        if settings is not None and settings.mail.mode != "smtp":
            remarks.append(("W002", *_MAIL[settings.mail.mode]))
    except Faulty as faulty:
        faults += faulty.faults
    if faults:
        raise Faulty(faults)
    said = [{"code": code, "message": door.texts(what), "cure": door.texts(cure)} for code, what, cure in remarks]
    return {"ok": True, "folder": str(folder), "findings": said, "not_held": not_held()}


_MAIL = {
    "folder": (N_("Mail goes into the folder mailbox/, to nobody."), N_("Set mode and [smtp] in arshjul.toml.")),
    "off": (N_("Mail is off: nobody is reminded."), N_("Set mode and [smtp] in arshjul.toml.")),
}


def _environment() -> list[tuple[str, str, str]]:
    try:
        metadata.distribution("wheel")
    except metadata.PackageNotFoundError:
        return []
    what = N_("PyPA's wheel is in this environment; its package bears the name of ours.")
    return [("W001", what, N_("Run `pip uninstall wheel`, then install arshjul again."))]
