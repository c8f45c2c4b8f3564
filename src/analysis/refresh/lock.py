"""One refresh at a time: a lock on the state folder that ends with its process, whatever ends that.

The state folder (.refresh/ beside reports/) also keeps what failed and the manifest's backup.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.errors import FazhiError, InputError


class LockedError(FazhiError):
    """Another refresh holds the lock; nothing was started."""

    exit_code = 2


def _holder(path: Path) -> str:
    """Who holds the lock, as far as its note can be read."""
    try:
        note = json.loads(path.read_text())
        return f"process {note['process']} on {note['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


@contextmanager
def refresh_lock(state: Path, wait: float) -> Iterator[None]:
    """Holds the lock of a state folder, after waiting some seconds for it.

    Raises:
        LockedError: Another refresh still holds it.
        InputError: The folder cannot be written.
    """
    note = state / "holder.json"
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = FileLock(state / "lock", timeout=wait)
        lock.acquire()
    except Timeout:
        raise LockedError(
            "Only one refresh may run at a time",
            f"{_holder(note)} is refreshing",
            "wait for it to end, or give --wait SECONDS.",
        ) from None
    except OSError as error:
        raise InputError(
            "The folder of the reports must be writable",
            f"{state}: {error.strerror}",
            "free it or mount it writable.",
        ) from None
    try:
        note.write_text(json.dumps({"process": os.getpid(), "host": socket.gethostname()}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()
