"""One run: a process for its cells, another that watches it from outside, judges what came and exports the page.

The watcher is a fresh fork that has everything loaded; it forks once more for the cells. They end at the limit of
wall time, at too much output, or when whoever asked for the run is gone; whatever they started ends with them. Judge
and export never share a process with the cells, so nothing that a cell changes reaches them. A cell that fails, a cell
that did not run, a thread or process left behind, and a page that breaks a promise are all failures.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import random
import resource
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import nbformat
import papermill
import psutil
from papermill.engines import papermill_engines

from analysis.errors import FazhiError
from analysis.refresh import engine, export
from analysis.refresh.content import where
from analysis.refresh.task import Limits, Outcome, Task

if TYPE_CHECKING:
    from nbformat import NotebookNode

TICK = 0.1
"""Seconds between two looks at what the cells take."""
GRACE = 1.0
"""Seconds that what the cells started has to end after them."""
SUBREAPER, DIE_WITH_PARENT = 36, 1
"""Linux's prctl: take in the orphans of one's descendants, and die when one's parent does."""


@dataclass
class Trail:
    """What is known of an execution: the notebook as far as it came, the cell at work, why it stopped, how long."""

    notebook: NotebookNode | None = None
    at: int | None = None
    reason: str = ""
    seconds: float = 0.0
    ended: bool = False


def render(task: Task) -> Outcome:
    """The outcome of a run; no exception of a notebook leaves here."""
    began = time.monotonic()
    trail = _watched(task)
    outcome = _concluded(task, trail)
    return Outcome(outcome.reason, outcome.files, outcome.page, time.monotonic() - began, trail.seconds)


def _concluded(task: Task, trail: Trail) -> Outcome:
    """What an execution is worth: its page, or why there is none."""
    notebook = trail.notebook
    if notebook is None:
        return Outcome(trail.reason or "the notebook could not be read")
    _tidy(notebook, task)
    reason = trail.reason or next(iter(notebook_problems(notebook)), "")
    if not reason:
        try:
            page, files = export.export(notebook, task.context)
            return Outcome("", files, page)
        except FazhiError as error:
            reason = error.message.replace("\n", " ")
        except Exception as error:
            reason = f"the page could not be made: {engine.summary(error)}"
    return Outcome(reason, {f"{task.edition}/{task.stem}.ipynb": export.notebook_bytes(notebook)})


def notebook_problems(notebook: NotebookNode) -> list[str]:
    """What keeps an executed notebook from being published; papermill's own word "completed" is not asked."""
    problems, counts = [], []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            errors = [output for output in cell.outputs if output.output_type == "error"]
            place = where(notebook, index)
            problems += [f"{place}: {error.ename}: {error.evalue}".partition("\n")[0] for error in errors]
            counts.append(cell.execution_count)
            if cell.execution_count is None:
                problems.append(f"{place} was not executed")
    executed = [count for count in counts if count is not None]
    if executed != sorted(set(executed)):
        problems.append("the cells were not executed in order")
    if not counts:
        problems.append("the notebook has no code")
    return problems


def _tidy(notebook: NotebookNode, task: Task) -> None:
    """Takes the machine's paths out of papermill's metadata."""
    record = notebook.metadata.get("papermill", {})
    record["input_path"] = f"notebooks/{task.stem}.ipynb"
    record["output_path"] = f"{task.edition}/notebooks/{task.stem}.ipynb"


def _watched(task: Task) -> Trail:
    """The trail of the cells, which ran in a process of their own; nothing of it runs any more."""
    with tempfile.TemporaryFile() as journal, tempfile.TemporaryFile() as log:
        _prctl(SUBREAPER, 1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        pid = os.fork()
        if not pid:
            _run_cells(task, journal, log)
        signal.signal(signal.SIGTERM, lambda *_: _end_everything(pid))
        problem = _watch(pid, task.limits, log)
        journal.seek(0)
        trail = _read(journal)
        left = _lingering() if trail.ended else []
        _kill_below(pid)
    if not trail.ended:
        at = f" in {where(trail.notebook, trail.at)}" if trail.notebook and trail.at is not None else ""
        trail.reason = problem + at
    elif left and not trail.reason:
        trail.reason = (
            f"the cells left a process behind: {', '.join(left)}; end it in the cell that starts it"
        )
    return trail


def _watch(pid: int, limits: Limits, log: IO[bytes]) -> str:
    """Waits for the cells; why they were ended, or "" when they came to an end of their own."""
    asker = multiprocessing.parent_process()
    sentinels = [asker.sentinel] if asker else []
    handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    deadline = time.monotonic() + limits.seconds
    while True:
        ready, _, _ = select.select([*sentinels, *([handle] if handle is not None else [])], [], [], TICK)
        if any(one in ready for one in sentinels):
            _end_everything(pid)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return _cause(status)
        if time.monotonic() > deadline:
            return f"the cells took longer than {limits.seconds:g} s"
        if os.fstat(log.fileno()).st_size > limits.output_megabytes * 1_000_000:
            return f"the cells put out more than {limits.output_megabytes} MB"


def _cause(status: int) -> str:
    """Why a process of cells ended before it said so; the trail tells whether it had."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"the process died of {signal.Signals(-code).name}"
    return f"the process ended itself with exit code {code}"


def _lingering() -> list[str]:
    """The names of processes that outlive the cells."""
    until = time.monotonic() + GRACE
    while (left := psutil.Process().children(recursive=True)) and time.monotonic() < until:
        _reap()
        time.sleep(0.02)
    names = []
    for one in left:
        with contextlib.suppress(psutil.Error):
            names.append(one.name())
    return names


def _reap() -> bool:
    """Takes note of children that have ended; whether there are others."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _kill_below(pid: int) -> None:
    """Kills all that this process has started, and what that has started."""
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    while _reap():
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
        time.sleep(0.005)


def _end_everything(pid: int) -> NoReturn:
    """Ends this process with all below it: nobody waits for the run any more."""
    _kill_below(pid)
    os._exit(1)


def _read(journal: IO[bytes]) -> Trail:
    """The trail that the cells left in their journal; its last line may be half written."""
    trail = Trail()
    for line in journal:
        try:
            entry = json.loads(line)
        except ValueError:
            break
        if "notebook" in entry:
            trail.notebook = nbformat.from_dict(entry["notebook"])  # type: ignore[no-untyped-call]
        elif "cell" in entry and trail.notebook is not None:
            trail.notebook.cells[entry["at"]] = nbformat.from_dict(entry["cell"])  # type: ignore[no-untyped-call]
        elif "metadata" in entry and trail.notebook is not None:
            trail.notebook.metadata = nbformat.from_dict(entry["metadata"])  # type: ignore[no-untyped-call]
        trail.at = entry.get("at", trail.at)
        trail.reason = entry.get("reason", trail.reason)
        trail.seconds = entry.get("seconds", trail.seconds)
        trail.ended = trail.ended or "seconds" in entry
    return trail


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
                reason = f"{where(notebook, int(index))} left a thread behind: {one.name}; join it in the same cell"
        self.note(metadata=notebook.metadata, reason=reason, seconds=time.monotonic() - self._began)


def _run_cells(task: Task, file: IO[bytes], log: IO[bytes]) -> NoReturn:
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
            journal.close(notebook, engine.summary(error))
        code = 0
    except BaseException as error:
        with contextlib.suppress(Exception):
            Journal(file).note(reason=engine.summary(error), seconds=0.0)
    finally:
        os._exit(code)


def _enclose(task: Task, log: IO[bytes]) -> None:
    """Makes this process one for cells: with limits, alone, nothing to read, and dead when its watcher is."""
    os.setsid()
    _prctl(DIE_WITH_PARENT, signal.SIGKILL)
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
    return papermill.execute_notebook(task.notebook, None, parameters, engine_name=name, prepare_only=True)


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


def _prctl(option: int, value: int) -> None:
    """Asks Linux for something that other systems do not have; there, a group of processes must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def warm_up() -> None:
    """Does once what every run would do for the first time, before any is forked: schemas, templates, a first cell."""
    words = dict.fromkeys(("page_id", "title", "lead", "kicker", "city_name", "description"), "-")
    context = {"edition": "-", "stem": "-", "pages": [["-", "-"]], "position": 1, "other_language": None}
    for language in export.LANGUAGES:
        head = {"application/vnd.fazhi.page+json": {**words, "language": language, "year": 2000}}
        source = (
            f"from IPython.display import display\ndisplay({head!r}, raw=True, metadata={{'fazhi': 'head'}})"
        )
        cells = [
            nbformat.v4.new_code_cell("city = 1", metadata={"tags": ["parameters"]}),  # type: ignore[no-untyped-call]
            nbformat.v4.new_code_cell(source),  # type: ignore[no-untyped-call]
        ]
        made = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
        made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "-"}
        papermill_engines.register(engine.NAME, engine.InProcessEngine)
        done = papermill.execute_notebook(
            made, None, {"city": 2}, engine_name=engine.NAME, progress_bar=False
        )
        export.export(done, {**context, "language": language, "index": "-", "data_version": "-"})
