"""The health file: the document of `status`, for monitoring that reads a file."""

import json
import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.daemon_intervals import TICK_LATE
from wheel.database.store import Unavailable
from wheel.documents.base import as_json
from wheel.documents.status import StatusDocument
from wheel.errors import ArshjulError
from wheel.private_files import whole_file
from wheel.reads.status import status, unreachable
from workflows.visible import escaped_in_json

if TYPE_CHECKING:
    from wheel.app import App

logger = logging.getLogger(__name__)


class HealthFile:
    """Written at the end of every tick. If a tick hangs, the thread that watches the daemon writes it."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._lock = threading.Lock()
        self._written = time.monotonic()

    @property
    def path(self) -> Path | None:
        file = self._app.settings.health.file
        return self._app.home.root / file if file else None

    def write(self, failed: Unavailable | None = None) -> None:
        """`failed`: why the tick could not be committed. The file must say so: a database on a full disk can still
        be read. Never raises."""
        path = self.path
        if path is None:
            return
        with self._lock:
            self._written = time.monotonic()
            try:
                with whole_file(path, self._mode(path)) as file:
                    document = json.dumps(as_json(self._document(failed)), ensure_ascii=False, indent=1)
                    file.write(escaped_in_json(document) + "\n")
            except OSError:
                logger.exception("the health file %s could not be written", path)

    def _mode(self, path: Path) -> int:
        """Elsewhere than in the home the file is for monitoring by another user: the folder says who may."""
        inside = path.resolve().is_relative_to(self._app.home.root.resolve())
        return 0o600 if inside else 0o644

    def write_if_late(self) -> None:
        if time.monotonic() - self._written > TICK_LATE.total_seconds():
            self.write()

    def _document(self, failed: Unavailable | None) -> StatusDocument:
        app = self._app
        try:
            if failed is not None:
                raise failed
            with app.store.reading() as session:
                return status(session, app.mail, app.clock(), app.texts, app.own_files)
        except ArshjulError as error:
            return unreachable(app.texts(error.message, **error.facts))
        except Exception as error:
            logger.exception("status")
            return unreachable(f"{type(error).__name__}: {error}")
