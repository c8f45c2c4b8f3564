"""A papermill engine that runs cells in this very process: `papermill --engine fazhi in.ipynb out.ipynb`.

The shell is a kernel's (ipykernel) without its sockets: what it would send is put into the cells by nbclient,
up to a limit. Refused are parameters that a notebook does not declare, and cells that ask for input or close
standard output; whoever needs walls round a cell runs the engine in a process of its own (`run`).
"""

from __future__ import annotations

import builtins
import getpass
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Any, NoReturn

from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager
from traitlets.config import Config

from analysis.errors import InputError, suggest
from analysis.refresh.plan import parameter_names

NAME = "fazhi"
SKIPPED, EXCUSED = "skip-execution", "raises-exception"  # nbclient's tags; a refresh publishes neither


class FloodError(BaseException):
    """The cells put out more than they may; no `except Exception` of a cell holds it up."""


class Outputs(Session):
    """Where a shell sends what a kernel would: nbclient makes the outputs of the cell at work of it."""

    def __init__(self, notebook: NotebookNode, megabytes: float) -> None:
        super().__init__()
        self.written: list[tuple[str, str]] = []  # to which stream, what
        self.cell, self.index = NotebookNode(outputs=[]), 0  # type: ignore[no-untyped-call]  # at work
        self._client, self._limit, self._left = NotebookClient(notebook), megabytes, megabytes * 1_000_000
        self._client.clear_before_next_output = False

    def send(self, _: Any, made: Any, content: Any = None, *_rest: Any, **_more: Any) -> None:  # type: ignore[override]
        """Takes a message in the form that it would have after its way through a socket."""
        message = made if isinstance(made, dict) else self.msg(made, content)
        packed = self.pack(message["content"])
        message["content"] = self.unpack(packed)
        if "data" in message["content"]:
            self.make_room(len(packed))
        self._client.process_message(message, self.cell, self.index)

    def flush(self) -> None:
        """Takes what was written."""
        written, self.written = self.written, []
        for name, pieces in groupby(written, key=lambda one: one[0]):
            self.send(None, "stream", {"name": name, "text": "".join(text for _, text in pieces)})

    def make_room(self, size: int) -> None:
        """Raises `FloodError`, and drops what the cell has put out, where so much is too much."""
        self._left -= size
        if self._left < 0:
            self.written.clear()
            self.cell.outputs.clear()
            raise FloodError(f"the cells put out more than {self._limit:g} MB")


class _Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the cells."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        super().__init__()
        self.stream, self.outputs = name, outputs

    def write(self, text: str) -> int:
        self.outputs.make_room(len(text))
        self.outputs.written.append((self.stream, text))
        return len(text)

    def flush(self) -> None:
        self.outputs.flush()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return {"stdout": 1, "stderr": 2}[self.stream]


class SocketlessZMQShell(ZMQInteractiveShell):
    """A kernel's shell that needs no kernel; pandas looks for the letters ZMQ to know a notebook by."""

    outputs: Outputs

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: no window is ever opened."""

    def init_environment(self) -> None:
        """Nothing: the variables of the process stay as they are."""

    def ask_exit(self) -> NoReturn:
        """What `exit` in a cell does."""
        raise SystemExit("exit was called in a cell")

    def run(self, cell: NotebookNode, index: int) -> bool:
        """Whether a cell of the notebook ran without an error; its outputs and count are set."""
        if cell.cell_type != "code" or not cell.source.strip() or SKIPPED in cell.metadata.get("tags", []):
            return True
        self.outputs.cell, self.outputs.index, cell.outputs = cell, index, []
        result = self.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        cell.execution_count = result.execution_count
        self.outputs.flush()
        intact = False
        with suppress(OSError):
            os.fstat(1)
            intact = isinstance(sys.stdout, _Stream) and not sys.stdout.closed
        if not intact:
            said = "the cell closed or replaced standard output"
            self.outputs.send(None, "error", {"ename": "ClosedStreamError", "evalue": said, "traceback": []})
        raised = result.error_before_exec or result.error_in_exec
        failed = any(output.output_type == "error" for output in cell.outputs)
        if raised and not failed:  # a magic that does not exist is only printed
            self._showtraceback(type(raised), raised, [])  # type: ignore[no-untyped-call]
        return not (raised or failed)


@contextmanager
def cells_shell(notebook: NotebookNode, output_megabytes: float = 30) -> Iterator[SocketlessZMQShell]:
    """A fresh shell for a notebook, whose streams stand in for those of the process while it is at work."""
    SocketlessZMQShell.clear_instance()
    shell = SocketlessZMQShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.outputs = outputs = Outputs(notebook, output_megabytes)
    shell.displayhook.session = shell.display_pub.session = outputs  # type: ignore[attr-defined]
    kept = (sys.stdout, sys.stderr, builtins.input, getpass.getpass)
    sys.stdout, sys.stderr = _Stream("stdout", outputs), _Stream("stderr", outputs)
    builtins.input = getpass.getpass = _refuse_input
    try:
        # libraries that were imported before have not seen that they are in a notebook
        pandas = sys.modules.get("pandas")
        if pandas and pandas.get_option("display.max_columns") == 0:
            pandas.set_option("display.max_columns", 20)
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        if "matplotlib" in sys.modules:
            from matplotlib_inline.backend_inline import configure_inline_support

            configure_inline_support.current_backend = "unset"  # type: ignore[attr-defined]  # of another shell
            shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
        yield shell
    finally:
        sys.stdout, sys.stderr, builtins.input, getpass.getpass = kept
        shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
        SocketlessZMQShell.clear_instance()


class InProcessEngine(Engine):  # type: ignore[misc]
    """papermill's way to the shell above."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **how: Any) -> None:
        """Runs the cells until one fails; `note` hears at which cell it is, and then what came of it."""
        refuse_undeclared(nb_man.nb)
        note: Callable[..., object] = how.get("note", dict)
        with cells_shell(nb_man.nb, how.get("output_megabytes", 30)) as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                note(at=index)
                good = shell.run(cell, index)
                if not good:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                note(at=index, cell=cell)
                if not good and EXCUSED not in cell.metadata.get("tags", []):
                    break
        nb_man.nb.metadata["language_info"] = IPythonKernel.language_info


def refuse_undeclared(notebook: NotebookNode) -> None:
    """Raises InputError for a parameter that the cell tagged `parameters` does not set."""
    known = parameter_names(notebook.cells) or set()
    for name in notebook.metadata.get("papermill", {}).get("parameters", {}):
        if name not in known:
            rule = f"A notebook takes the parameters it declares: {', '.join(sorted(known)) or 'none'}"
            fix = suggest(name, known, "set it in the cell tagged parameters, or leave it out.")
            raise InputError(rule, name, fix)


def _refuse_input(*_: Any, **__: Any) -> NoReturn:
    raise StdinNotImplementedError("a cell asks for input, and nobody is there to answer")
