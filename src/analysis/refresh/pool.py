"""Runs on this machine: each in a fresh process, forked from one that has libraries, font and panel loaded.

The processes are the standard library's (`forkserver`, preloaded); a thread waits for each. What a run takes
is watched by its own process (`run`).
"""

from __future__ import annotations

import multiprocessing.forkserver
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Literal

Kernels = Literal["none", "cold"]  # cells run in a fork of this program, or in a kernel that papermill starts


@dataclass(frozen=True)
class Options:
    """How a refresh goes about it, and the limits of a run."""

    force: bool = False  # what is fresh, too
    kernels: Kernels = "none"
    wait: float = 0.0  # so many seconds for another refresh
    prune: bool = False  # what is published and no longer planned
    seconds: float = 600  # of all cells
    megabytes: int = 2048  # beyond what was loaded before; 0: any
    output_megabytes: int = 30


@dataclass(frozen=True)
class Task:
    """What is asked of a run: a notebook's path, its parameters, the place of its page (`export.export`)."""

    notebook: str
    parameters: Mapping[str, Any]
    context: Mapping[str, Any]
    options: Options


@dataclass(frozen=True)
class Outcome:
    """What came of a run, and how long all of it, its cells, and what it was forked from took."""

    reason: str  # why it failed; "" when it may be published
    files: Mapping[str, bytes] = field(default_factory=dict)  # by path in reports/; failed: its notebook
    page: Mapping[str, Any] = field(default_factory=dict)  # what it says of itself
    seconds: float = 0.0
    cell_seconds: float = 0.0
    preload_seconds: float = 0.0


Submit = Callable[[Task], "Future[Outcome]"]  # who does runs: this machine or a cluster


class Pool:
    """So many runs at a time on this machine (0: one a core); those that are left end when it is closed."""

    def __init__(self, jobs: int = 0) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", "analysis.refresh.preloaded"])
        self._threads = ThreadPoolExecutor(jobs or os.cpu_count() or 1)
        self._running: set[ForkServerProcess] = set()
        self._lock, self._closed = threading.Lock(), False

    def submit(self, task: Task) -> Future[Outcome]:
        """Has a run done as soon as a job is free."""
        return self._threads.submit(self.render, task)

    def render(self, task: Task) -> Outcome:
        """The outcome of a run, when its process has ended; raises OSError where none can be started."""
        answers, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=serve, args=(task, theirs))
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
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._closed = True
            for process in self._running:
                process.terminate()
        self._threads.shutdown()


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
    """A pool of so many jobs; with `soon`, libraries are loaded at once."""
    with closing(Pool(jobs)) as pool:
        if soon:
            multiprocessing.forkserver.ensure_running()
        yield pool.submit
