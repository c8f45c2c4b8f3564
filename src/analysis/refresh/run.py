"""One run: a process for its cells, another that watches from outside, judges what came and exports.

The watcher is a fresh fork that has everything loaded; it forks once more for the cells, and ends them with
all that they started. Each cell is written down as it ends, so that a death loses nothing. Refused are cells
that fail, take too much, did not run or leave something running, and pages that break a promise.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing.connection
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

import nbformat
import papermill
import psutil
from nbformat import NotebookNode
from papermill.engines import NBClientEngine

from analysis.errors import FazhiError
from analysis.refresh import engine, export
from analysis.refresh.pool import Options, Outcome, Task

TICK, GRACE = 0.1, 1.0  # seconds between two looks at the cells, and for what they started to end after them
SUBREAPER, DIE_WITH_PARENT = 36, 1  # Linux's prctl: take in descendants' orphans, die when one's parent does


def render(task: Task) -> Outcome:
    """The outcome of a run: its page, or why there is none; no exception of a notebook leaves here."""
    began = time.monotonic()
    found = _watched(task)
    reason: str = found["reason"]
    page: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    if notebook := found.get("notebook"):
        edition, stem = task.context["edition"], task.context["stem"]
        record = notebook.metadata.get("papermill", {})  # without the machine's paths
        record["input_path"] = f"notebooks/{stem}.ipynb"
        record["output_path"] = f"{edition}/notebooks/{stem}.ipynb"
        try:
            reason = reason or next(notebook_problems(notebook), "")
            if not reason:
                page, files = export.export(notebook, task.context)
        except FazhiError as error:
            reason = error.message.replace("\n", " ")
        except Exception as error:
            reason = f"the page could not be made: {type(error).__name__}: {error}".partition("\n")[0]
        files = files or {f"{edition}/{stem}.ipynb": export.notebook_bytes(notebook)}
    seconds = round(time.monotonic() - began, 3)
    return Outcome(reason, files, page, seconds, round(found.get("seconds", 0.0), 3))


def notebook_problems(notebook: NotebookNode) -> Iterator[str]:
    """What keeps an executed notebook from being published; papermill's own word "completed" is not asked."""
    last = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            place = export.where(notebook, index)
            for output in cell.outputs:
                if output.output_type == "error":
                    yield f"{place}: {output.ename}: {output.evalue}".partition("\n")[0]
            if cell.execution_count is None:
                yield f"{place} was not executed"
            elif cell.execution_count <= last:
                yield f"{place} was not executed in order"
            last = cell.execution_count or last
    if not last:
        yield "the notebook has no code"


def _watched(task: Task) -> dict[str, Any]:
    """What cells left in their journal, and the reason why they ended; nothing of them runs any more."""
    with tempfile.TemporaryFile() as journal, tempfile.TemporaryFile() as log:
        _prctl(SUBREAPER, 1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cells = multiprocessing.get_context("fork").Process(target=_run_cells, args=(task, journal, log))
        cells.start()

        def give_up(*_: object) -> NoReturn:
            _end_below(cells, 0)
            os._exit(1)

        signal.signal(signal.SIGTERM, give_up)
        problem = _watch(cells, task.options, log)
        found: dict[str, Any] = {"reason": ""}
        journal.seek(0)
        with suppress(ValueError):  # its last line may be half written
            for line in journal:
                entry = nbformat.from_dict(json.loads(line))  # type: ignore[no-untyped-call]
                if "cell" in entry:
                    found["notebook"].cells[entry["at"]] = entry.pop("cell")
                found |= entry
        left = _end_below(cells, GRACE if "seconds" in found else 0)
    if "seconds" not in found:
        at = f" in {export.where(found['notebook'], found['at'])}" if "at" in found else ""
        found["reason"] = problem + at
    elif left and not found["reason"]:
        names = ", ".join(left)
        found["reason"] = f"the cells left a process behind: {names}; end it in the cell that starts it"
    return found


def _watch(cells: multiprocessing.process.BaseProcess, options: Options, log: IO[bytes]) -> str:
    """Waits for the cells; why they ended before they said so: the journal tells whether they had."""
    asker = multiprocessing.parent_process()
    deadline = time.monotonic() + options.seconds
    while cells.exitcode is None:
        ready = multiprocessing.connection.wait([cells.sentinel, *([asker.sentinel] if asker else [])], TICK)
        if asker and asker.sentinel in ready:  # nobody waits for the run any more
            signal.raise_signal(signal.SIGTERM)
        if time.monotonic() > deadline:
            return f"the cells took longer than {options.seconds:g} s"
        if os.fstat(log.fileno()).st_size > options.output_megabytes * 1_000_000:
            return f"the cells put out more than {options.output_megabytes} MB"
    if cells.exitcode < 0:
        return f"the process died of {signal.Signals(-cells.exitcode).name}"
    return f"the process ended itself with exit code {cells.exitcode}"


def _end_below(cells: multiprocessing.process.BaseProcess, grace: float) -> list[str]:
    """Kills what the cells left running, and what that has started; the names of what outlived its grace."""
    assert cells.pid
    _, left = psutil.wait_procs(psutil.Process().children(recursive=True), grace)
    names = []
    for one in left:
        with suppress(psutil.Error):
            names.append(one.name())
    with suppress(OSError):
        os.killpg(cells.pid, signal.SIGKILL)
    while left := psutil.Process().children(recursive=True):
        for one in left:
            with suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(left, TICK)
    return names


def _run_cells(task: Task, journal: IO[bytes], log: IO[bytes]) -> NoReturn:
    threads: dict[threading.Thread, int | None] = {}  # and the cells that started them
    began = time.monotonic()

    def note(**entry: Any) -> None:
        for one in threading.enumerate():
            threads.setdefault(one, entry.get("at"))
        journal.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        journal.flush()

    end: dict[str, Any] = {"reason": ""}
    try:
        try:
            _enclose(task, log)
            began = time.monotonic()
            kernel = {"kernel_name": "python3", "language": "python"}  # a stripped notebook names neither
            given = dict(task.parameters)
            notebook = papermill.execute_notebook(task.notebook, None, given, prepare_only=True, **kernel)
            end["notebook"] = notebook
            note(**end)
            engine.refuse_undeclared(notebook)
            chosen, more = NBClientEngine, {}
            if task.options.kernels == "none":
                more = {"output_megabytes": task.options.output_megabytes, "note": note}
                chosen = engine.InProcessEngine
            chosen.execute_notebook(notebook, "python3", progress_bar=False, **more)
            for one in threading.enumerate():
                if (index := threads.get(one)) is not None:
                    place = export.where(notebook, index)
                    end["reason"] = f"{place} left a thread behind: {one.name}; join it in the same cell"
        except BaseException as error:
            end["reason"] = f"{type(error).__name__}: {error}".partition("\n")[0]
        note(**end, seconds=time.monotonic() - began)
    finally:
        os._exit(0)


def _enclose(task: Task, log: IO[bytes]) -> None:
    """Makes this process one for cells: with limits, alone, nothing to read, and dead when its watcher is."""
    os.setsid()
    _prctl(DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, descriptor in enumerate((nothing, log.fileno(), log.fileno())):
        os.dup2(descriptor, target)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if megabytes := task.options.megabytes:
        limit = (megabytes << 20) + getattr(psutil.Process().memory_info(), "data", 0)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    os.chdir(Path(task.notebook).resolve().parent)
    sys.path.insert(0, str(Path.cwd()))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":  # elsewhere, a group of processes must do
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
