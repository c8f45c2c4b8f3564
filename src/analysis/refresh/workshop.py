"""Where runs are done: two host processes, and a function that hands them one run and waits.

`Workshop.render` may be called from many threads at once; each call is one process for the run and one for
its kernel. It returns an outcome, whatever happens to them. Closing a workshop ends them all.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, get_args

from analysis.errors import FazhiError
from analysis.refresh.child import Child, wait_until
from analysis.refresh.host_process import HostProcess
from analysis.refresh.preload import Role
from analysis.refresh.task import Outcome, Task, read_outcome

Kernels = Literal["warm", "cold"]
Render = Callable[[Task], Outcome]
GRACE = 30.0
"""Seconds beyond its limits after which a run that has not ended by itself is killed."""


class Workshop:
    """Two host processes with a private directory, started when first needed and again should one die.

    Attributes:
        program: What Python is given to become a host.
        hosts: The hosts that were started, by role.
        note: What the recap should say of the hosts; empty when all is as asked.
        preload_seconds: How long they took to be ready.
    """

    program: tuple[str, ...] = ("-m", "analysis.refresh.host")

    def __init__(self, kernels: Kernels = "warm", ready_seconds: float = 120.0) -> None:
        self.kernels = kernels
        self.ready_seconds = ready_seconds
        self.folder = Path(tempfile.mkdtemp(prefix="fazhi-"))
        self.note = ""
        self.preload_seconds = 0.0
        self._address = str(self.folder / "host")
        self.hosts: dict[Role, HostProcess] = {}
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Workshop:
        """The workshop itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    def launch(self) -> None:
        """Starts the hosts without waiting for them, so that they load their libraries while others work."""
        with self._lock:
            if not self._closed:
                self._launch()

    def start(self) -> str:
        """The address of the running hosts, started if need be, once they are ready.

        Raises:
            FazhiError: One of them does not come up.
        """
        with self._lock:
            self._refuse_if_closed()
            self._launch()
            for role, host in list(self.hosts.items()):
                self._refuse_if_closed()
                try:
                    host.wait(self.ready_seconds)
                except FazhiError:
                    self.hosts.pop(role).close()
                    raise
                self.preload_seconds = max(self.preload_seconds, host.ready_seconds)
                if host.used != self.kernels:
                    self.note = f"cold kernels were used: {host.used}"
            return self._address

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise FazhiError("The refresh was interrupted")

    def _launch(self) -> None:
        """Starts the hosts that do not run."""
        for role in get_args(Role):
            if role in self.hosts and self.hosts[role].lost:
                self.hosts.pop(role).close()
            if role not in self.hosts:
                self.hosts[role] = HostProcess(self.program, role, self._address, self.kernels)

    def render(self, task: Task) -> Outcome:
        """The outcome of one run; a run that cannot be started or does not end is a failed one."""
        folder = self.folder / uuid.uuid4().hex[:8]
        folder.mkdir()
        began = time.monotonic()
        try:
            outcome, reason = self._supervise(task, folder)
        except (OSError, FazhiError) as error:
            outcome, reason = None, f"the run could not be started: {error}".replace("\n", " ")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome or Outcome(reason, seconds=time.monotonic() - began)

    def _supervise(self, task: Task, folder: Path) -> tuple[Outcome | None, str]:
        """The outcome a run process left, or None and why there is none."""
        address = self.start()
        (folder / "task.json").write_text(json.dumps(asdict(task)))
        request = {
            "role": "run",
            "cold": False,
            "arguments": [sys.executable, "-P", "-m", "analysis.refresh.run", str(folder), address],
            "folder": str(folder),
            "environment": {},
            "log": str(folder / "run.log"),
            "megabytes": 0,
        }
        child = Child(address, request)
        limits = task.limits
        deadline = time.monotonic() + limits.seconds + 2 * limits.start_seconds + GRACE
        code = wait_until(deadline, child)
        child.close()
        if code is None:
            return None, f"the run did not end in {limits.seconds} s and was killed"
        return read_outcome(folder), f"the process of the run ended with {code} before its work was done"

    def close(self) -> None:
        """Ends the hosts with everything they have started, and removes the private directory."""
        self._closed = True  # who holds the lock shall not begin to wait for a host that it launches now
        for host in list(self.hosts.values()):
            host.stop_loading()  # nor go on to wait for one
        with self._lock:
            for host in self.hosts.values():
                host.close()
            self.hosts.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Workers:
    """Who does the runs.

    Attributes:
        executor: Takes `render` and a task and gives a future.
        start: Makes them ready, which otherwise the first run does.
        render: Does one run, wherever the executor calls it.
        note: What the recap should say of them, known once they have worked.
        preload_seconds: How long they took to be ready, known once they have worked; 0 where nobody measured.
    """

    executor: Executor
    start: Callable[[], object]
    render: Render
    note: Callable[[], str]
    preload_seconds: Callable[[], float] = lambda: 0.0


def outcome_of(future: Future[Outcome]) -> Outcome:
    """What came of a run; where those who did it were lost, that is a failure like any other."""
    if future.cancelled():
        return Outcome("the run was lost: its scheduler is gone")
    error = future.exception()
    if error is not None:
        return Outcome(f"the run was lost: {type(error).__name__}: {error}".partition("\n")[0])
    return future.result()


@contextmanager
def local_workers(jobs: int, kernels: Kernels, soon: bool = False) -> Iterator[Workers]:
    """Workers on this machine; every process they started ends with the block.

    Args:
        jobs: Runs at the same time; 0 for as many as there are cores.
        kernels: warm or cold.
        soon: They will be needed: begin to make them ready, and do not wait for the first run.
    """
    executor = ThreadPoolExecutor(jobs or os.cpu_count() or 1)
    workshop = Workshop(kernels)
    try:
        if soon:
            workshop.launch()
        yield Workers(
            executor,
            workshop.start,
            workshop.render,
            lambda: workshop.note,
            lambda: workshop.preload_seconds,
        )
    finally:
        workshop.close()
        executor.shutdown(cancel_futures=True)
