"""SIGINT and SIGTERM as one exception, so that a refresh can end what it started and free its lock."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from analysis.errors import FazhiError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptError(FazhiError):
    """The refresh was ended by a signal; what was published before stands."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The refresh was ended by {signal.Signals(number).name}")
        self.exit_code = 128 + number

    def __reduce__(self) -> tuple[type[FazhiError], tuple[int]]:  # type: ignore[override]
        """How the error travels between processes."""
        return (type(self), (self.exit_code - 128,))


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    """Turns a signal into an exception; a second one must not cut the clean-up short."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise InterruptError(number)


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises `InterruptError` on SIGINT and SIGTERM within the block, where it runs in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _raise) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
