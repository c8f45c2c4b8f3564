"""Runs on this machine: each in a fresh process, forked from one that has libraries, font and panel loaded.

The processes are the standard library's (`forkserver`, preloaded), a thread waits for each. pebble's pool was
measured beside it: 126 ms from one run to the next against 9 ms, 5 s to close, and it knows neither process
groups nor memory. What a run may take is watched by the run's own process (`run`); here is only who starts it
and who ends it.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.forkserver
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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

    So many `jobs` (0: one a core), what is fresh too (`force`), where cells run, within which limits, seconds
    to `wait` for another refresh, whether to `prune` what is published and not planned.
    """

    jobs: int = 0
    force: bool = False
    kernels: Kernels = "none"
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    prune: bool = False


@dataclass(frozen=True)
class Task:
    """What is asked of a run; `context` is for `export.export`, `root` the project's folder."""

    notebook: str
    edition: str
    parameters: Mapping[str, Any]
    context: Mapping[str, Any]
    limits: Limits = field(default_factory=Limits)
    kernels: Kernels = "none"
    root: str = ""

    @property
    def stem(self) -> str:
        """Name of the notebook without its suffix."""
        return Path(self.notebook).stem


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Why it failed ("" when it may be published), its files (path relative to reports/ -> bytes; of a failed
    one the notebook as far as it came), what the page says of itself, wall time, that of cells alone.
    """

    reason: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cell_seconds: float = 0.0


@dataclass(frozen=True)
class Workers:
    """Who does runs: takes calls, makes outcomes, tells how long it took to load what is forked."""

    executor: Executor
    render: Callable[[Task], Outcome]
    preload_seconds: Callable[[], float] = lambda: 0.0


class Pool:
    """Starts a process for each run, and ends those that are left when it is closed."""

    def __init__(self, kernels: Kernels = "none") -> None:
        self.kernels = kernels
        self.preload_seconds = 0.0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._running: set[ForkServerProcess] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._began = 0.0

    def start(self) -> None:
        """Has the libraries loaded, without waiting for it."""
        self._began = self._began or time.monotonic()
        multiprocessing.forkserver.ensure_running()

    def render(self, task: Task) -> Outcome:
        """The outcome of a run, when its process has ended.

        Raises:
            OSError, EOFError: No process could be started.
        """
        self.start()
        task = replace(task, kernels=self.kernels, root=os.environ.get("FAZHI_ROOT", ""))
        answers, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=serve, args=(task, theirs), name=f"fazhi {task.stem}")
        with self._lock, theirs:
            if self._closed:
                raise OSError("the refresh is over")
            try:
                process.start()
            except (OSError, EOFError):  # what it is forked from was killed: once more, from a new one
                process.start()
            self._running.add(process)
        with answers:
            try:
                answers.recv()
                self.preload_seconds = self.preload_seconds or time.monotonic() - self._began
                outcome: Outcome = answers.recv()
            except (EOFError, OSError):
                process.join()
                outcome = Outcome(f"the process that watches the run died (exit code {process.exitcode})")
        process.join()
        with self._lock:
            self._running.discard(process)
        return outcome

    def close(self) -> None:
        """Ends what still runs; each run takes what it has started with it."""
        with self._lock:
            self._closed = True
            for process in self._running:
                process.terminate()


def serve(task: Task, answers: Connection) -> None:
    """Says that this process is there, then sends the outcome of a task; called in a fresh process."""
    answers.send(None)
    try:
        from analysis.refresh import run

        outcome = run.render(task)
    except Exception as error:
        outcome = Outcome(f"the refresh itself failed: {type(error).__name__}: {error}".partition("\n")[0])
    answers.send(outcome)


@contextmanager
def local_workers(jobs: int = 0, kernels: Kernels = "none", soon: bool = False) -> Iterator[Workers]:
    """So many runs at a time on this machine (0: one a core); with `soon`, libraries are loaded at once."""
    pool = Pool(kernels)
    if soon:
        pool.start()
    executor = ThreadPoolExecutor(jobs or os.cpu_count() or 1, thread_name_prefix="fazhi")
    try:
        yield Workers(executor, pool.render, lambda: pool.preload_seconds)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        pool.close()
        executor.shutdown(wait=True)


def outcome_of(future: Future[Outcome]) -> Outcome:
    """The outcome of a run, also where whoever should have done it was lost."""
    error = future.exception()
    return future.result() if error is None else Outcome(f"the run was lost: {type(error).__name__}: {error}")
