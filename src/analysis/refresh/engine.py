"""A papermill engine that runs cells in this very process: `papermill --engine fazhi in.ipynb out.ipynb`.

An IPython shell without a kernel keeps what cells show as a kernel would send it: results, displays, streams
and errors in their order, with execution counts and a limit on their size. Nothing else limits a cell;
whoever needs walls round it runs the engine in a process of its own (`run`). Refused are parameters that the
notebook does not declare, and cells that ask for input or close standard output.
"""

from __future__ import annotations

import base64
import builtins
import getpass
import io
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from analysis.errors import InputError, suggest
from analysis.refresh.plan import parameter_names

if TYPE_CHECKING:
    from nbformat import NotebookNode

NAME = "fazhi"
OUTPUT_MEGABYTES = 30
SKIPPED, EXCUSED = "skip-execution", "raises-exception"
"""The tags by which nbclient skips a cell or goes on after its error; a refresh publishes neither."""
LANGUAGE = {
    "name": "python",
    "version": platform.python_version(),
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": 3},
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}
"""What a kernel says of its language."""
Bundle = dict[str, Any]
"""An output in all its forms, by MIME type."""


class FloodError(BaseException):
    """The cells put out more than they may; no `except Exception` of a cell holds it up."""


class Outputs:
    """The outputs of the cell at work, in their order; `flooded` once those of all cells are too much."""

    def __init__(self, megabytes: float) -> None:
        self.flooded = False
        self._limit, self._left = megabytes, megabytes * 1_000_000
        self._made: list[NotebookNode] = []
        self._displays: dict[str, list[NotebookNode]] = {}
        self._clear_before_next = False

    def take(self) -> list[NotebookNode]:
        """What was put out since the last time."""
        made, self._made = self._made, []
        for output in made:
            if output.output_type == "stream":
                output.text = "".join(output.text)
        return made

    def write(self, stream: str, text: str) -> None:
        """Takes text of stdout or stderr; what follows in the same stream joins it."""
        self._make_room(len(text))
        if text and not (self._made and self._made[-1].get("name") == stream):
            self.add("stream", name=stream, text=[])
        if text:
            self._made[-1].text.append(text)

    def show(self, kind: str, data: Bundle, display_id: str = "", update: bool = False, **more: Any) -> None:
        """Takes a result or display in all its forms, or puts it into all displays of this name."""
        forms = {
            mime: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
            for mime, value in data.items()
        }
        if update and display_id:
            for output in self._displays.get(display_id, []):
                output.data, output.metadata = forms, more["metadata"]
            return
        self._make_room(sum(len(value) for value in forms.values() if isinstance(value, str)))
        self._displays.setdefault(display_id, []).append(self.add(kind, data=forms, **more))

    def add(self, kind: str, **content: Any) -> NotebookNode:
        """Takes an output as it is."""
        made: NotebookNode = new_output(kind, **content)  # type: ignore[no-untyped-call]
        self._made.append(made)
        return made

    def clear(self, wait: bool) -> None:
        """Drops what the cell has put out, now or when the next output comes."""
        self._clear_before_next = wait
        if not wait:
            self._made.clear()

    def _make_room(self, size: int) -> None:
        if self._clear_before_next:
            self.clear(wait=False)
        self._left -= size
        if self._left < 0:
            self.flooded = True
            self.clear(wait=False)
            raise FloodError(f"the cells put out more than {self._limit:g} MB")


class _Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the cells; a cell that closes it has failed, the others still can write."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        super().__init__()
        self.stream, self.outputs, self.was_closed = name, outputs, False

    def write(self, text: str) -> int:
        self.outputs.write(self.stream, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return {"stdout": 1, "stderr": 2}[self.stream]

    def close(self) -> None:
        self.was_closed = True


class _Hook(DisplayHook):
    """Keeps the result of a cell's last expression."""

    def write_output_prompt(self) -> None:
        """Nothing: the count is part of the output."""

    def write_format_data(self, format_dict: Bundle, md_dict: Bundle | None = None) -> None:
        assert isinstance(self.shell, ZMQFreeShell)
        count = self.prompt_count
        self.shell.outputs.show("execute_result", format_dict, metadata=md_dict or {}, execution_count=count)


class _Publisher(DisplayPublisher):
    """Keeps what cells display, and changes what they update."""

    def publish(self, data: Bundle, metadata: Bundle | None = None, *_: Any, **how: Any) -> None:
        name, update = (how.get("transient") or {}).get("display_id", ""), how.get("update", False)
        self.shell.outputs.show("display_data", data, name, update, metadata=metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait)


class ZMQFreeShell(InteractiveShell):
    """A notebook's shell without ZMQ; pandas looks for these letters to know a notebook by."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs = AnyTrait()
    kernel = None
    """pandas takes a shell without this attribute for a terminal."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: no window is ever opened."""

    def ask_exit(self) -> NoReturn:
        """What `exit` in a cell does."""
        raise SystemExit("exit was called in a cell")

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.add("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))

    def run(self, cell: NotebookNode) -> bool:
        """Whether a cell ran without an error; its outputs and count are set."""
        result = self.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        cell.execution_count = result.execution_count
        if problem := _stream_problem():
            self.outputs.add("error", ename="ClosedStreamError", evalue=problem, traceback=[])
        cell.outputs = self.outputs.take()
        raised = result.error_before_exec or result.error_in_exec
        failed = any(output.output_type == "error" for output in cell.outputs)
        if raised and not failed:  # a magic that does not exist is only printed
            self._showtraceback(type(raised), raised, [])
            cell.outputs += self.outputs.take()
        return not (raised or failed)


@contextmanager
def cells_shell(output_megabytes: float) -> Iterator[ZMQFreeShell]:
    """A fresh shell, whose streams stand in for those of the process while it is at work."""
    quiet = Config()
    quiet.HistoryManager.enabled = False
    ZMQFreeShell.clear_instance()
    shell = ZMQFreeShell.instance(config=quiet, outputs=(outputs := Outputs(output_megabytes)))
    kept = (sys.stdout, sys.stderr, builtins.input, getpass.getpass)
    sys.stdout, sys.stderr = _Stream("stdout", outputs), _Stream("stderr", outputs)
    builtins.input = getpass.getpass = _refuse_input
    try:
        _show_as_a_kernel_does(shell)
        yield shell
    finally:
        sys.stdout, sys.stderr, builtins.input, getpass.getpass = kept
        shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
        ZMQFreeShell.clear_instance()


class InProcessEngine(Engine):  # type: ignore[misc]
    """papermill's way to the shell above."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        output_megabytes: float = OUTPUT_MEGABYTES,
        note: Callable[..., None] | None = None,
        **_: Any,
    ) -> None:
        """Runs the cells until one fails; `note` hears at which cell it is, and then what came of it.

        Raises:
            InputError: A parameter was given that the notebook does not declare; no cell was run.
        """
        refuse_undeclared(nb_man.nb)
        with cells_shell(output_megabytes) as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                tags = cell.metadata.get("tags", [])
                runs = cell.cell_type == "code" and cell.source.strip() and SKIPPED not in tags
                nb_man.cell_start(cell, index)
                if note:
                    note(at=index)
                good = shell.run(cell) if runs else True
                if not good:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if note:
                    note(at=index, cell=cell)
                if not good and (EXCUSED not in tags or shell.outputs.flooded):
                    break
        nb_man.nb.metadata["language_info"] = LANGUAGE


def refuse_undeclared(notebook: NotebookNode) -> None:
    """None where papermill was given only parameters that the cell tagged `parameters` sets.

    Raises:
        InputError: It was given others, which papermill itself lets pass with a warning.
    """
    known = parameter_names(notebook.cells) or set()
    for name in notebook.metadata.get("papermill", {}).get("parameters", {}):
        if name not in known:
            rule = f"A notebook takes the parameters it declares: {', '.join(sorted(known)) or 'none'}"
            fix = suggest(name, known, "set it in the cell tagged parameters, or leave it out.")
            raise InputError(rule, name, fix)


def _show_as_a_kernel_does(shell: ZMQFreeShell) -> None:
    """Has frames and figures shown as in a kernel, also by libraries that were imported before."""
    pandas = sys.modules.get("pandas")
    if pandas and pandas.get_option("display.max_columns") == 0:
        pandas.set_option("display.max_columns", 20)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    if "matplotlib" in sys.modules:
        from matplotlib_inline.backend_inline import configure_inline_support

        configure_inline_support.current_backend = "unset"  # type: ignore[attr-defined]  # of an earlier shell
        shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]


def _refuse_input(*_: Any, **__: Any) -> NoReturn:
    raise StdinNotImplementedError("a cell asks for input, and nobody is there to answer")


def _stream_problem() -> str:
    """What the cell did to standard output, in words; "" where it can still be written to."""
    if not isinstance(stream := sys.stdout, _Stream):
        return "the cell replaced sys.stdout and did not put it back"
    was_closed, stream.was_closed = stream.was_closed, False
    try:
        os.fstat(1)
    except OSError:
        return "the cell closed the standard output of the process"
    return "the cell closed sys.stdout" if was_closed else ""
