"""A papermill engine that runs cells in this very process: `papermill --engine fazhi in.ipynb out.ipynb`.

There is no kernel, so nothing limits a cell but its output; whoever needs walls round it runs the engine in a
process of its own (`run`). It refuses parameters that the notebook does not declare.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from papermill.engines import Engine, NotebookExecutionManager

from analysis.errors import InputError, suggest
from analysis.refresh.plan import parameter_names
from analysis.refresh.shell import cells_shell

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


class InProcessEngine(Engine):  # type: ignore[misc]
    """papermill's way to the shell above."""

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """A name for papermill's translators; no kernel of this name need exist."""
        return name or str(nb.metadata.get("kernelspec", {}).get("name", "python3"))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """Python, whatever the notebook's metadata leave out."""
        return language or "python"

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        output_megabytes: float = OUTPUT_MEGABYTES,
        before_cell: Callable[[int], None] | None = None,
        after_cell: Callable[[int, NotebookNode], None] | None = None,
        **_: Any,
    ) -> None:
        """Runs the cells until one fails.

        Raises:
            InputError: A parameter was given that the notebook does not declare; no cell was run.
        """
        refuse_undeclared(nb_man.nb)
        with cells_shell(output_megabytes) as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                tags = cell.metadata.get("tags", [])
                runs = cell.cell_type == "code" and cell.source.strip() and SKIPPED not in tags
                nb_man.cell_start(cell, index)
                if before_cell:
                    before_cell(index)
                good = shell.run(cell) if runs else True
                if not good:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if after_cell:
                    after_cell(index, cell)
                if not good and (EXCUSED not in tags or shell.outputs.flooded):
                    break
        nb_man.nb.metadata["language_info"] = LANGUAGE


def refuse_undeclared(notebook: NotebookNode) -> None:
    """None where papermill was given only parameters that the cell tagged `parameters` sets.

    Raises:
        InputError: It was given others, which papermill itself lets pass with a warning.
    """
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    known = parameter_names(notebook.cells) or set()
    for name in given:
        if name not in known:
            rule = f"A notebook takes the parameters it declares: {', '.join(sorted(known)) or 'none'}"
            raise InputError(
                rule, name, suggest(name, known, "set it in the cell tagged parameters, or leave it out.")
            )
