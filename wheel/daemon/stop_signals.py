"""SIGTERM and SIGINT end the service. Loads nothing, because they may come while everything else is loaded."""

import _thread
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def stop_signals(stop: Event) -> Iterator[None]:
    """Have SIGTERM and SIGINT set `stop` meanwhile, in place of ending the process at once."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        # Not here: the signal may come while this very thread holds the event's lock, for example in `stop.wait`. Nor
        # by threading.Thread, whose own locks it may hold as well.
        _thread.start_new_thread(stop.set, ())

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
