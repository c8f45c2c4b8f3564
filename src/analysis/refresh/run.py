"""One run: a process for its cells, another that watches from outside, judges what came and exports.

The watcher is a fresh fork that has everything loaded; it forks once more for the cells. They end at the
limit of wall time, at too much output, or when whoever asked for the run is gone; whatever they started ends
with them. Judge and export never share a process with the cells, so nothing that a cell changes reaches them.
A cell that fails, a cell that did not run, a thread or process left behind, and a page that breaks a promise
are all failures.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import select
import signal
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NoReturn

import nbformat
import papermill
import psutil
from papermill.engines import papermill_engines

from analysis.errors import FazhiError
from analysis.refresh import cells, engine, export
from analysis.refresh.content import where
from analysis.refresh.pool import Limits, Outcome, Task

if TYPE_CHECKING:
    from nbformat import NotebookNode

TICK = 0.1
"""Seconds between two looks at what the cells take."""
GRACE = 1.0
"""Seconds that what the cells started has to end after them."""


@dataclass
class Trail:
    """What is known of an execution: the notebook as far as it came, the cell at work, why it stopped."""

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
            reason = f"the page could not be made: {cells.summary(error)}"
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
        cells.prctl(cells.SUBREAPER, 1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        pid = os.fork()
        if not pid:
            cells.run_cells(task, journal, log)
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


def warm_up() -> None:
    """Does once, before any run is forked, what each would do first: schemas, templates, a first cell."""
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
