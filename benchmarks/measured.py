"""Commands run on a copy of the project and measured: wall time, processor time, memory, load.

Memory is the proportional set size of a command and all below it, which only Linux tells.
"""

from __future__ import annotations

import compileall
import contextlib
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from analysis import project

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Timing:
    """One command: wall and processor seconds, peak memory in bytes, what it printed, load.

    The memory is that of all its processes; the load that of the machine before and after.
    """

    seconds: float
    processor: float
    memory: int
    output: str
    load: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Copy:
    """The copied project and how to run commands in it."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every contender: this copy's package, one thread a process, no leftovers."""
        own = {"PYTHONPATH": str(self.root / "src"), "FAZHI_ROOT": str(self.root)}
        own["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **own, "PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    @property
    def notebooks(self) -> list[Path]:
        """The notebooks of an edition, as `fazhi refresh` finds them."""
        folder = self.root / "notebooks"
        return sorted(folder.glob("[0-9][0-9]_*.ipynb")) + sorted(folder.glob("metrics.ipynb"))

    def time(self, *command: str, accept: Sequence[int] = (0,)) -> Timing:
        """Runs a command and measures it.

        Raises:
            RuntimeError: It ended with another exit code.
        """
        began, used, load = time.monotonic(), processor_seconds(), os.getloadavg()[0]
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=output, stderr=errors
            )
            with watched(process.pid) as peak:
                code = process.wait()
            seconds = time.monotonic() - began
            used = max(processor_seconds() - used, sum(peak[1].values()))
            output.seek(0)
            errors.seek(0)
            if code not in accept:
                said = f"{output.read()[-2000:]}\n{errors.read()[-2000:]}"
                raise RuntimeError(f"{command[0]} ended with {code}: {said}")
            loads = (load, os.getloadavg()[0])
            return Timing(seconds, used, peak[0], output.read(), loads)

    def fazhi(self, *words: str) -> Timing:
        """Runs the fazhi command."""
        return self.time(str(BIN / "fazhi"), *words)


def processor_seconds() -> float:
    """Processor seconds of all that this process has started and waited for, and what they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def watched(pid: int, every: float = 0.1) -> Iterator[list[Any]]:
    """Memory and processor time of a process and all below it, while they run.

    The peak of the proportional memory in bytes, and seconds by process: who is not waited for by its parent
    is in no other account.
    """
    peak: list[Any] = [0, {}]
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(every):
            with contextlib.suppress(psutil.Error):
                tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
                peak[0] = max(peak[0], sum(proportional(one.pid) for one in tree))
                for one in tree:
                    with contextlib.suppress(psutil.Error):
                        spent = one.cpu_times()
                        peak[1][one.pid] = spent.user + spent.system

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield peak
    finally:
        ended.set()
        sampler.join()


def proportional(pid: int) -> int:
    """The proportional set size of a process in bytes; 0 once it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def copy_project(root: Path) -> Copy:
    """The project copied to a folder, with its byte code compiled."""
    for name in ("src", "data", "notebooks"):
        shutil.copytree(
            project.root() / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    shutil.copy(project.editions_file(), root)
    compileall.compile_dir(root / "src", quiet=1)
    return Copy(root)


def machine() -> str:
    """The machine in a line."""
    cores, memory = os.cpu_count(), psutil.virtual_memory().total / (1 << 30)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    python = platform.python_version()
    return f"{cores} cores, {memory:.0f} GB, {platform.system()}, Python {python}; load {load}"
