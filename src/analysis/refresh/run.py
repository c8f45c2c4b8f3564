"""Runs one notebook and turns it into its page, in a process of its own.

papermill executes, through an engine that adds what papermill lacks: a wall-clock limit for the whole
notebook, a limit on what cells may print, the notebook kept when a kernel dies, and one second attempt
where the kernel never came up. What comes back is an `Outcome`; no exception of a notebook leaves here.
A cell that fails, a cell that did not run and a page that breaks a promise are all failures.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError

from analysis.errors import FazhiError
from analysis.refresh import checks, content, export, kernels
from analysis.refresh.task import Limits, Outcome, Task, write_outcome

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE = "fazhi"


class Watch:
    """Follows one execution: when it must end, whether the kernel came up, what it put out."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.notebook: NotebookNode | None = None
        self.came_up = False
        self.output_bytes = 0
        self.cells_began = 0.0
        self.cell_seconds = 0.0

    @property
    def flooded(self) -> bool:
        """Whether the cells put out more than they may."""
        return self.output_bytes > self.limits.output_megabytes * 1_000_000

    def began(self, **_: Any) -> None:
        """Notes that the kernel answered; the wall-clock limit counts from here."""
        self.came_up = True
        self.cells_began = time.monotonic()

    def remaining(self, _cell: NotebookNode | None = None) -> int:
        """Whole seconds the cells have left, at least 1."""
        left = self.limits.seconds - (time.monotonic() - self.cells_began)
        return max(1, round(left)) if self.came_up else self.limits.start_seconds


class WatchedClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client with a limit on output: beyond it, the kernel is killed and the rest dropped."""

    watch: Watch

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Takes one message of the kernel, unless the notebook has put out too much already."""
        content = msg["content"]
        self.watch.output_bytes += len(content.get("text", "")) + sum(
            len(part) for part in content.get("data", {}).values() if isinstance(part, str)
        )
        if self.watch.flooded and msg["msg_type"] in ("stream", "display_data", "execute_result"):
            process = getattr(getattr(self.km, "provisioner", None), "process", None)
            if process is not None:
                process.kill()
            return None
        return super().process_message(msg, cell, cell_index)


class WatchedEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine, run through `WatchedClient` with a kernel of the host process."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, log_output: bool = False, **options: Any
    ) -> NotebookNode:
        """Executes the cells under the watch given in the options."""
        watch: Watch = options["watch"]
        watch.notebook = nb_man.nb
        client = WatchedClient(
            nb_man,
            km=options["kernel"],
            kernel_name=kernel_name,
            log=logging.getLogger("papermill"),
            timeout_func=watch.remaining,
            startup_timeout=watch.limits.start_seconds,
            shutdown_kernel="immediate",
            shell_timeout_interval=1,
            on_notebook_start=watch.began,
        )
        client.watch = watch
        client.owns_km = True
        try:
            executed: NotebookNode = client.execute(cwd=options["folder"])
            return executed
        finally:
            if watch.came_up:
                watch.cell_seconds = time.monotonic() - watch.cells_began


def _execute(task: Task, watch: Watch, kernel: kernels.HostKernelManager) -> NotebookNode:
    """The notebook executed by papermill; raises whatever stopped it."""
    papermill_engines.register(ENGINE, WatchedEngine)
    executed: NotebookNode = papermill.execute_notebook(
        task.notebook,
        None,
        parameters=dict(task.parameters),
        engine_name=ENGINE,
        kernel_name=kernels.KERNEL_NAME,
        progress_bar=False,
        watch=watch,
        kernel=kernel,
        folder=str(Path(task.notebook).resolve().parent),
    )
    return executed


def _reason(error: Exception, watch: Watch) -> str:
    """Why an execution stopped, on one line."""
    if watch.flooded:
        return f"the cells put out more than {watch.limits.output_megabytes} MB"
    if isinstance(error, PapermillExecutionError):
        return f"cell {error.cell_index}: {error.ename}: {error.evalue}".partition("\n")[0]
    if isinstance(error, CellTimeoutError):
        return f"the cells took longer than {watch.limits.seconds} s"
    if isinstance(error, DeadKernelError):
        return "the kernel died"
    if not watch.came_up:
        return f"the kernel did not start: {error}".partition("\n")[0]
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _tidy(notebook: NotebookNode, task: Task) -> None:
    """Takes the machine's paths out of papermill's metadata."""
    record = notebook.metadata.get("papermill", {})
    record["input_path"] = f"notebooks/{task.stem}.ipynb"
    record["output_path"] = f"{task.edition}/notebooks/{task.stem}.ipynb"


def _failure(task: Task, watch: Watch, reason: str) -> Outcome:
    """The outcome of a run that stopped: its reason and the notebook as far as it came."""
    files: dict[str, bytes] = {}
    if watch.notebook is not None:
        _tidy(watch.notebook, task)
        files[f"{task.edition}/{task.stem}.ipynb"] = export.notebook_bytes(watch.notebook)
    return Outcome(reason, files, cell_seconds=watch.cell_seconds)


def _attempt(task: Task, host: kernels.HostAddress, cold: bool) -> tuple[Outcome, bool]:
    """The outcome of one attempt, and whether its kernel came up."""
    watch = Watch(task.limits)
    kernel = kernels.HostKernelManager(host, cold=cold, megabytes=task.limits.megabytes, ahead=task.ahead)
    try:
        notebook = _execute(task, watch, kernel)
    except Exception as error:
        return _failure(task, watch, _reason(error, watch)), watch.came_up
    problems = checks.notebook_problems(notebook)
    if problems:
        return _failure(task, watch, problems[0]), True
    _tidy(notebook, task)
    try:
        page, files = export.export(notebook, task.context)
    except FazhiError as error:
        return _failure(task, watch, error.message.replace("\n", " ")), True
    return Outcome("", files, page, cell_seconds=watch.cell_seconds), True


def execute(task: Task, host: kernels.HostAddress) -> Outcome:
    """The outcome of a run, with a second attempt in a cold kernel if the first kernel did not start."""
    began = time.monotonic()
    outcome, came_up = _attempt(task, host, cold=False)
    attempts = 1
    if not came_up:
        outcome, came_up = _attempt(task, host, cold=True)
        attempts = 2
    return Outcome(
        outcome.reason,
        outcome.files,
        outcome.page,
        time.monotonic() - began,
        outcome.cell_seconds,
        attempts,
    )


def warm_up() -> None:
    """Does once what every run would do for the first time: compile schemas and templates, load plug-ins.

    Called in a process before it forks.
    """
    for language in ("en", "zh"):
        _export_one(language)


def _export_one(language: str) -> None:
    """Prepares and exports a notebook of one cell."""
    words = dict.fromkeys(("page_id", "title", "lead", "kicker", "city_name", "description"), "-")
    header = {content.PAGE_MIME: {**words, "language": language, "year": 2000}}
    output = {"output_type": "display_data", "data": header, "metadata": {}}
    cell = {"id": "a", "cell_type": "code", "source": "city = 1", "execution_count": 1, "outputs": [output]}
    python = {"kernelspec": {"name": kernels.KERNEL_NAME, "display_name": "-", "language": "python"}}
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": python}
    cells = [{**cell, "metadata": {"tags": ["parameters"]}}]
    notebook = nbformat.from_dict({**raw, "cells": cells})  # type: ignore[no-untyped-call]
    papermill.execute_notebook(notebook, None, {"city": 2}, prepare_only=True)
    context = {"edition": "-", "language": language, "stem": "-", "pages": [["-", "-"]], "position": 1}
    export.export(notebook, {**context, "other_language": None, "index": "-", "data_version": "-"})


def main(folder: Path, address: str) -> None:
    """Does the task in a folder, with kernels of the host at an address, and leaves its outcome there.

    The process ends with it, before a search for garbage would pay.
    """
    gc.disable()
    task = Task.from_json(json.loads((folder / "task.json").read_text()))
    try:
        outcome = execute(task, kernels.HostAddress(address, folder))
    except Exception as error:
        traceback.print_exc()
        outcome = Outcome(f"the refresh itself failed: {type(error).__name__}: {error}".partition("\n")[0])
    write_outcome(outcome, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
