"""One refresh at a time, and its end by a signal: a lock that ends with its process, one exception.

The state folder (.refresh/ beside reports/) holds the lock, what failed and the manifest's backup.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from analysis.errors import FazhiError, InputError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptError(FazhiError):
    """The refresh was ended by a signal; what was published before stands."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The refresh was ended by {signal.Signals(number).name}")
        self.exit_code = 128 + number


@contextmanager
def refresh_lock(state: Path, wait: float) -> Iterator[None]:
    """Holds the lock of a state folder, after waiting some seconds for it.

    Raises:
        InputError: Another refresh still holds it, or the folder cannot be written.
    """
    holder = state / "holder"
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = FileLock(state / "lock", timeout=wait)
        lock.acquire()
    except Timeout:
        who = "another process"
        with suppress(OSError):
            who = holder.read_text() or who
        rule, fix = "Only one refresh may run at a time", "wait for it to end, or give --wait SECONDS."
        raise InputError(rule, f"{who} is refreshing", fix) from None
    except OSError as error:
        rule, given = "The folder of the reports must be writable", f"{state}: {error.strerror}"
        raise InputError(rule, given, "free it or mount it writable.") from None
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises `InterruptError` on SIGINT and SIGTERM within the block."""
    before = {number: signal.signal(number, _raise) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    """Turns a signal into an exception; a second one must not cut the clean-up short."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    raise InterruptError(number)
