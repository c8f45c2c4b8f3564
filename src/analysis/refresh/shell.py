"""An IPython shell without a kernel: what cells show is kept as a kernel would send it.

Results, displays, streams and errors stay in their order, with execution counts and a limit on their size. A
cell that asks for input, or closes standard output, fails.
"""

from __future__ import annotations

import base64
import builtins
import getpass
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from nbformat import NotebookNode


class FloodError(BaseException):
    """The cells put out more than they may; no `except Exception` of a cell holds it up."""


class Outputs:
    """The outputs of the cell at work, in their order.

    Attributes:
        flooded: Whether the cells of the notebook have put out more than they may; the rest is dropped.
    """

    def __init__(self, megabytes: float) -> None:
        self.flooded = False
        self._left = megabytes * 1_000_000
        self._limit = megabytes
        self._made: list[NotebookNode] = []
        self._text: list[str] = []
        self._stream = ""
        self._clear_before_next = False
        self._displays: dict[str, list[NotebookNode]] = {}

    def take(self) -> list[NotebookNode]:
        """What was put out since the last time."""
        self._end_stream()
        made, self._made = self._made, []
        return made

    def write(self, stream: str, text: str) -> None:
        """Takes text of stdout or stderr; what follows in the same stream joins it."""
        self._make_room(len(text))
        if self._stream != stream:
            self._end_stream()
            self._stream = stream
        self._text.append(text)

    def add(self, kind: str, size: int = 0, display_id: str | None = None, **content: Any) -> None:
        """Takes an output that is no text of a stream."""
        if kind != "error":
            self._make_room(size)
        self._end_stream()
        output = new_output(kind, **content)  # type: ignore[no-untyped-call]
        self._made.append(output)
        if display_id:
            self._displays.setdefault(display_id, []).append(output)

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        """Puts other data into all displays of this name."""
        for output in self._displays.get(display_id, []):
            output.data, output.metadata = data, metadata

    def clear(self, wait: bool) -> None:
        """Drops what the cell has put out, now or when the next output comes."""
        self._clear_before_next = wait
        if not wait:
            self._text.clear()
            self._made.clear()

    def _make_room(self, size: int) -> None:
        if self._clear_before_next:
            self.clear(wait=False)
        self._left -= size
        if self._left < 0:
            self.flooded = True
            self.clear(wait=False)
            raise FloodError(f"the cells put out more than {self._limit:g} MB")

    def _end_stream(self) -> None:
        if self._text:
            made = new_output("stream", name=self._stream, text="".join(self._text))  # type: ignore[no-untyped-call]
            self._made.append(made)
        self._text, self._stream = [], ""


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the cells; a cell that closes it has failed, the others still can write."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        super().__init__()
        self.stream, self.outputs, self.was_closed = name, outputs, False

    def write(self, text: str) -> int:
        """Takes some text."""
        self.outputs.write(self.stream, text)
        return len(text)

    def writable(self) -> bool:
        """True."""
        return True

    def fileno(self) -> int:
        """The descriptor of the process, for what is started with this stream."""
        return {"stdout": 1, "stderr": 2}[self.stream]

    def close(self) -> None:
        """Notes that it was asked for."""
        self.was_closed = True


class Hook(DisplayHook):
    """Keeps the result of a cell's last expression."""

    def write_output_prompt(self) -> None:
        """Nothing: the count is part of the output."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Keeps the result in all its forms."""
        data = plain(format_dict)
        count = self.prompt_count
        assert isinstance(self.shell, ZMQFreeShell)
        self.shell.outputs.add(
            "execute_result", size_of(data), data=data, metadata=md_dict or {}, execution_count=count
        )

    def finish_displayhook(self) -> None:
        """Nothing is left to write."""


class Publisher(DisplayPublisher):
    """Keeps what cells display, and changes what they update."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: object = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Keeps a display."""
        name, shown = (transient or {}).get("display_id"), plain(data)
        if update and name:
            self.shell.outputs.update(name, shown, metadata or {})
        else:
            self.shell.outputs.add("display_data", size_of(shown), name, data=shown, metadata=metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        """Drops what the cell has put out."""
        self.shell.outputs.clear(wait)


class ZMQFreeShell(InteractiveShell):
    """A notebook's shell without ZMQ; pandas looks for these letters to know a notebook by."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
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
        problem = _stream_problem()
        if problem:
            self.outputs.add("error", ename="ClosedStreamError", evalue=problem, traceback=[])
        cell.outputs = self.outputs.take()
        raised = result.error_before_exec or result.error_in_exec
        failed = any(output.output_type == "error" for output in cell.outputs)
        if raised and not failed:  # a magic that does not exist is only printed
            shown = {"ename": type(raised).__name__, "evalue": str(raised), "traceback": []}
            cell.outputs.append(new_output("error", **shown))  # type: ignore[no-untyped-call]
        return not (raised or failed)


@contextmanager
def cells_shell(output_megabytes: float) -> Iterator[ZMQFreeShell]:
    """A fresh shell, whose streams stand in for those of the process while it is at work."""
    quiet = Config()
    quiet.HistoryManager.enabled = False
    ZMQFreeShell.clear_instance()
    shell = ZMQFreeShell.instance(config=quiet, outputs=(outputs := Outputs(output_megabytes)))
    kept = (sys.stdout, sys.stderr, builtins.input, getpass.getpass)
    sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
    builtins.input = getpass.getpass = _refuse_input
    try:
        _show_as_a_kernel_does(shell)
        yield shell
    finally:
        sys.stdout, sys.stderr, builtins.input, getpass.getpass = kept
        shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
        ZMQFreeShell.clear_instance()


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an output as JSON can hold them: bytes as base64."""
    return {
        mime: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for mime, value in data.items()
    }


def size_of(data: Mapping[str, Any]) -> int:
    """About how many bytes the data of an output take."""
    return sum(len(value) for value in data.values() if isinstance(value, str))


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
    stream = sys.stdout
    if not isinstance(stream, Stream):
        return "the cell replaced sys.stdout and did not put it back"
    if stream.was_closed:
        stream.was_closed = False
        return "the cell closed sys.stdout"
    try:
        os.fstat(1)
    except OSError:
        return "the cell closed the standard output of the process"
    return ""
