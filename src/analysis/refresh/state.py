"""What lies in .refresh/ beside reports/: the lock of a refresh, and a note of data that passed their checks.

One refresh at a time; a signal ends it as one exception. The note is believed only while everything that the
verdict rests on is the same: all of data/, editions.toml, the package's source and its libraries.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from analysis import project
from analysis.editions import Edition
from analysis.errors import FazhiError, InputError
from analysis.refresh import index
from analysis.refresh.plan import Inputs, Listed, hash_json
from analysis.refresh.publish import digest

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptError(FazhiError):
    """The refresh was ended by a signal; what was published before stands."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The refresh was ended by {signal.Signals(number).name}")
        self.exit_code = 128 + number


def folder() -> Path:
    """The state folder; also the manifest's backup and notebooks that failed lie in it."""
    return project.reports_folder().parent / ".refresh"


@contextmanager
def refresh_lock(wait: float) -> Iterator[None]:
    """Holds the lock of a refresh, after waiting some seconds for it.

    Raises:
        InputError: Another refresh still holds it, or the folder cannot be written.
    """
    holder, lock = folder() / "holder", FileLock(folder() / "lock", timeout=wait)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        who = "another process"
        with suppress(OSError):
            who = holder.read_text() or who
        rule, fix = "Only one refresh may run at a time", "wait for it to end, or give --wait SECONDS."
        raise InputError(rule, f"{who} is refreshing", fix) from None
    except OSError as error:
        rule, given = "The folder of the reports must be writable", f"{folder()}: {error.strerror}"
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

    def interrupt(number: int, _: FrameType | None) -> NoReturn:
        for one in SIGNALS:  # a second one must not cut the clean-up short
            signal.signal(one, signal.SIG_IGN)
        raise InterruptError(number)

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listed_editions(inputs: Inputs, checking: bool = True) -> Listed:
    """The editions of editions.toml, once the data have passed their checks, which `checking` asks for.

    Raises:
        DataError: A row of data/ breaks a rule.
        InputError: editions.toml is missing or malformed, or an entry is not acceptable.
    """
    if (known := remembered(inputs)) is not None:
        return known
    from analysis import check, editions, panel

    if checking:
        check.require(project.data_folder())
    loaded = panel.load()
    listed = {one: index.describe(one, loaded) for one in editions.load(project.editions_file(), loaded)}
    if checking:
        note = {"rests_on": _rests_on(inputs), "editions": [[asdict(one), listed[one]] for one in listed]}
        with suppress(OSError):  # a folder that cannot be written is left for the refresh to refuse
            folder().mkdir(parents=True, exist_ok=True)
            (folder() / "checked.json").write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    return listed


def remembered(inputs: Inputs) -> Listed | None:
    """The listed editions as they were noted, or None where anything they rest on is different now."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads((folder() / "checked.json").read_bytes())
        if note["rests_on"] == _rests_on(inputs):
            return {Edition(**one): about for one, about in note["editions"]}
    return None


def _rests_on(inputs: Inputs) -> str:
    return hash_json([dict(inputs.common), digest(project.editions_file().read_bytes())])
