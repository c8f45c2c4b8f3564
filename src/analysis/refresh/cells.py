"""The process of a run's cells: walls round it, papermill in it, and a journal that outlives it.

Nothing comes back from here but the journal; `run` watches, judges and exports in a process of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import resource
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import papermill
from papermill.engines import papermill_engines

from analysis.refresh import engine
from analysis.refresh.content import where
from analysis.refresh.pool import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

SUBREAPER, DIE_WITH_PARENT = 36, 1
"""Linux's prctl: take in the orphans of one's descendants, and die when one's parent does."""


class Journal:
    """What the process of the cells writes down as it goes, so that its death loses nothing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._began = time.monotonic()
        self._threads: dict[int | None, str] = {one.ident: "" for one in threading.enumerate()}

    def note(self, **entry: Any) -> None:
        """Writes a line."""
        self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()

    def begins(self, index: int) -> None:
        """Notes the cell at work."""
        self.note(at=index)

    def ends(self, index: int, cell: NotebookNode) -> None:
        """Notes a cell that was run, and which threads it started."""
        self.note(at=index, cell=cell)
        for one in threading.enumerate():
            self._threads.setdefault(one.ident, str(index))

    def close(self, notebook: NotebookNode, reason: str = "") -> None:
        """Notes that the cells came to their end, and what of theirs did not."""
        for one in threading.enumerate():
            index = self._threads.get(one.ident, "")
            if index and not reason:
                place = where(notebook, int(index))
                reason = f"{place} left a thread behind: {one.name}; join it in the same cell"
        self.note(metadata=notebook.metadata, reason=reason, seconds=time.monotonic() - self._began)


def run_cells(task: Task, file: IO[bytes], log: IO[bytes]) -> NoReturn:
    """Runs the cells in this process, which ends with them."""
    code = 1
    try:
        _enclose(task, log)
        journal = Journal(file)
        notebook = _prepared(task)
        journal.note(notebook=notebook)
        try:
            _execute(task, notebook, journal)
            journal.close(notebook)
        except Exception as error:
            journal.close(notebook, summary(error))
        code = 0
    except BaseException as error:
        with contextlib.suppress(Exception):
            Journal(file).note(reason=summary(error), seconds=0.0)
    finally:
        os._exit(code)


def _enclose(task: Task, log: IO[bytes]) -> None:
    """Makes this process one for cells: with limits, alone, nothing to read, and dead when its watcher is."""
    os.setsid()
    prctl(DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, descriptor in enumerate((nothing, log.fileno(), log.fileno())):
        os.dup2(descriptor, target)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if task.limits.megabytes:
        size = Path("/proc/self/statm")
        loaded = int(size.read_text().split()[5]) * resource.getpagesize() if size.is_file() else 0
        limit = (task.limits.megabytes << 20) + loaded
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    folder = Path(task.notebook).resolve().parent
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    if task.root:
        os.environ["FAZHI_ROOT"] = task.root


def _prepared(task: Task) -> NotebookNode:
    """The notebook with its parameters, as papermill puts them in."""
    papermill_engines.register(engine.NAME, engine.InProcessEngine)
    parameters = dict(task.parameters)
    name = engine.NAME
    made: NotebookNode = papermill.execute_notebook(
        task.notebook, None, parameters, engine_name=name, prepare_only=True
    )
    return made


def _execute(task: Task, notebook: NotebookNode, journal: Journal) -> None:
    """Runs the cells by the engine of this package, or by papermill's own and a kernel."""
    if task.kernels == "none":
        options: Mapping[str, Any] = {"before_cell": journal.begins, "after_cell": journal.ends}
        limit = task.limits.output_megabytes
        engine.InProcessEngine.execute_notebook(
            notebook, engine.NAME, progress_bar=False, output_megabytes=limit, **options
        )
        return
    engine.refuse_undeclared(notebook)
    try:
        papermill_engines.execute_notebook_with_engine("nbclient", notebook, "python3", progress_bar=False)
    finally:
        for index, cell in enumerate(notebook.cells):
            journal.note(at=index, cell=cell)


def summary(error: BaseException) -> str:
    """An exception on one line."""
    return "".join(traceback.format_exception_only(error)).strip().partition("\n")[0]


def prctl(option: int, value: int) -> None:
    """Asks Linux for something that other systems do not have; there, a group of processes must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
