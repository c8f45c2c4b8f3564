"""Runs on this machine: each in a fresh process, forked from one that has libraries, font and panel loaded.

The processes are the standard library's (`forkserver`, preloaded), a thread waits for each; what a run may
take is watched by the run's own process (`run`). docs/architecture.md says why it is not pebble.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Literal

Kernels = Literal["none", "cold"]
"""Cells run in a fork of a process with all loaded, or in a kernel (ipykernel) that papermill starts."""
PRELOAD = ["__main__", "analysis.refresh.preloaded"]


@dataclass(frozen=True)
class Limits:
    """What a run may take: wall time of all cells, memory beyond what was loaded before (0: any), output."""

    seconds: float = 600
    megabytes: int = 2048
    output_megabytes: int = 30


@dataclass(frozen=True)
class Options:
    """How a refresh goes about it.

    What is fresh too (`force`), where cells run, within which limits, seconds to `wait` for another refresh,
    whether to `prune` what is published and not planned.
    """

    force: bool = False
    kernels: Kernels = "none"
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    prune: bool = False


@dataclass(frozen=True)
class Task:
    """What is asked of a run; `context` is for `export.export`."""

    notebook: str
    edition: str
    parameters: Mapping[str, Any]
    context: Mapping[str, Any]
    limits: Limits = field(default_factory=Limits)
    kernels: Kernels = "none"

    @property
    def stem(self) -> str:
        """Name of the notebook without its suffix."""
        return Path(self.notebook).stem


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Why it failed ("" when it may be published), its files (path relative to reports/ -> bytes; of a failed
    one the notebook as far as it came), what the page says of itself, wall time, that of cells alone, and the
    time it took to load what it was forked from.
    """

    reason: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cell_seconds: float = 0.0
    preload_seconds: float = 0.0


Submit = Callable[[Task], "Future[Outcome]"]
"""Who does runs, this machine or a cluster: takes a task, promises its outcome."""


class Pool:
    """Starts a process for each run, and ends those that are left when it is closed."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._running: set[ForkServerProcess] = set()
        self._lock = threading.Lock()
        self._closed = False

    def render(self, task: Task) -> Outcome:
        """The outcome of a run, when its process has ended.

        Raises:
            OSError, EOFError: No process could be started.
        """
        answers, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=serve, args=(task, theirs), name=f"fazhi {task.stem}")
        with self._lock, theirs:
            if self._closed:
                raise OSError("the refresh is over")
            process.start()
            self._running.add(process)
        with answers:
            try:
                outcome: Outcome | None = answers.recv()
            except (EOFError, OSError):
                outcome = None
        process.join()
        with self._lock:
            self._running.discard(process)
        return outcome or Outcome(f"the process that watches the run died (exit code {process.exitcode})")

    def close(self) -> None:
        """Ends what still runs; each run takes what it has started with it."""
        with self._lock:
            self._closed = True
            for process in self._running:
                process.terminate()


def serve(task: Task, answers: Connection) -> None:
    """Sends the outcome of a task; called in a fresh process."""
    try:
        from analysis.refresh import preloaded, run

        outcome = replace(run.render(task), preload_seconds=preloaded.SECONDS)
    except Exception as error:
        outcome = Outcome(f"the refresh itself failed: {type(error).__name__}: {error}".partition("\n")[0])
    answers.send(outcome)


@contextmanager
def local_workers(jobs: int = 0, soon: bool = False) -> Iterator[Submit]:
    """So many runs at a time on this machine (0: one a core); with `soon`, libraries are loaded at once."""
    pool, threads = Pool(), ThreadPoolExecutor(jobs or os.cpu_count() or 1, thread_name_prefix="fazhi")
    if soon:
        multiprocessing.forkserver.ensure_running()
    try:
        yield lambda task: threads.submit(pool.render, task)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        pool.close()
        threads.shutdown(wait=True)
