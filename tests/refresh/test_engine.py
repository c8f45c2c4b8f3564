"""The engine against papermill's own: the same outputs, for anybody who names it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from fixture_project import FIGURE, TEXT, write_notebook
from nbformat import NotebookNode

from analysis.errors import InputError
from analysis.refresh import engine

SHOWS_MUCH = (
    "print('one'); print('two'); import sys; print('aside', file=sys.stderr)",
    "import pandas as pd\npd.DataFrame({'城市': ['湛江'], 'n': range(1)})",
    "pd.DataFrame({f'column {n}': range(90) for n in range(30)})",
    "from IPython.display import *\ndisplay(HTML('<b>x</b>'), Markdown('# y'))",
    "handle = display('first', display_id='changing')",
    "update_display('second', display_id='changing')\n_",
    "print('gone'); clear_output(); print('stays')",
    "print('gone'); clear_output(wait=True); print('stays')",
    "%%bash\necho from a shell",
    "!echo from another\n'a result'",
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(1, 1)); axes.plot([1, 2])",
    "plt.plot([1]);",
    "async def later():\n    return 7\nawait later()",
    "%matplotlib inline\nIn[2][:4], Out.keys() and 1",
    "get_ipython().run_cell_magic('capture', 'kept', 'print(1)')\nkept.stdout",
    "pd.Series([1.5, None])",
    "",
)


def executed(path: Path, name: str, **parameters: Any) -> NotebookNode:
    """A notebook executed by an engine of papermill."""
    papermill.engines.papermill_engines.register(engine.NAME, engine.InProcessEngine)
    kernel = {"kernel_name": "python3"} if name == "nbclient" else {}
    return papermill.execute_notebook(
        str(path), None, parameters, engine_name=name, progress_bar=False, cwd=str(path.parent), **kernel
    )


def executed_afresh(path: Path, *outs: Path) -> list[NotebookNode]:
    """A notebook executed by our engine, once an output, in a process that no other test has drawn in."""
    code = (
        "import sys, papermill; from analysis.refresh import engine as e\n"
        "papermill.engines.papermill_engines.register(e.NAME, e.InProcessEngine)\n"
        "for out in sys.argv[3:]:\n"
        "    given = dict(engine_name=e.NAME, progress_bar=False, cwd=sys.argv[2])\n"
        "    papermill.execute_notebook(sys.argv[1], out, {'year': 2019}, **given)"
    )
    command = [sys.executable, "-c", code, str(path), str(path.parent), *map(str, outs)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [nbformat.read(out, as_version=4) for out in outs]


def told(notebook: NotebookNode) -> list[tuple[int | None, list[dict[str, Any]]]]:
    """Counts and outputs of the cells; a kernel cuts its streams by the clock, so neighbours are joined."""
    cells = []
    for cell in notebook.cells:
        joined: list[dict[str, Any]] = []
        for output in cell.get("outputs", []):
            plain = {name: value for name, value in output.items() if name != "traceback"}
            before = joined[-1] if joined else {}
            if plain["output_type"] == "stream" and plain.get("name") == before.get("name"):
                before["text"] += plain["text"]
            else:
                joined.append(plain)
        cells.append((cell.get("execution_count"), joined))
    return cells


def test_both_engines_give_equal_outputs(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", TEXT, FIGURE, *SHOWS_MUCH)
    ours, again = executed_afresh(path, tmp_path / "first.ipynb", tmp_path / "second.ipynb")
    theirs = executed(path, "nbclient", year=2019)
    for one, other in zip(told(ours), told(theirs), strict=True):
        assert without_addresses(one) == without_addresses(other)
    assert ours.metadata.papermill.keys() == theirs.metadata.papermill.keys()
    assert ours.metadata.language_info == theirs.metadata.language_info
    assert without_addresses(told(again)) == without_addresses(told(ours)), "a second run in the same process"


def without_addresses(value: Any) -> str:
    """A value as text, without what differs from process to process."""
    import json
    import re

    ordered = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return re.sub(r"0x[0-9a-f]+|ipykernel_\d+/\d+\.py|/tmp/\S+?\.py|<ipython-input\S+>", "", ordered)


def test_an_error_ends_the_notebook_and_is_kept(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "print('before')\n1 / 0", "never = 1")
    kept = []
    for name in (engine.NAME, "nbclient"):
        with pytest.raises(papermill.PapermillExecutionError, match="division by zero") as raised:
            executed(path, name)
        kept.append((raised.value.ename, raised.value.exec_count))
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("import sys\nsys.exit(1)", "SystemExit"),
        ("exit()", "SystemExit"),
        ("def (", "SyntaxError"),
        ("input('?')", "StdinNotImplementedError"),
        ("%nomagic", "UsageError"),
    ],
)
def test_what_is_no_success_is_an_error_output(tmp_path: Path, cell: str, name: str) -> None:
    with pytest.raises(papermill.PapermillExecutionError) as raised:
        executed(write_notebook(tmp_path / "a.ipynb", cell), engine.NAME)
    assert raised.value.ename == name


def test_a_parameter_that_the_notebook_does_not_declare_is_refused(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", "raise AssertionError('a cell was run')")
    with pytest.raises(InputError, match=r"declares: city(?s:.*)citty(?s:.*)type city"):
        executed(path, engine.NAME, citty="440100")


def test_the_process_is_as_it_was(tmp_path: Path) -> None:
    before = (sys.stdout, sys.stderr, input, sys.modules["__main__"], sys.displayhook)
    executed(write_notebook(tmp_path / "a.ipynb", "x = 1"), engine.NAME)
    assert before == (sys.stdout, sys.stderr, input, sys.modules["__main__"], sys.displayhook)


def test_papermills_command_knows_the_engine(tmp_path: Path) -> None:
    """As installed: the entry point is looked up by papermill itself."""
    path = write_notebook(tmp_path / "a.ipynb", "2 * year")
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "fazhi", str(path), str(out), "-p", "year", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert nbformat.read(out, 4).cells[-1].outputs[0].data["text/plain"] == "14"
