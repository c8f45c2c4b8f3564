"""Did a notebook run to its end: what an executed notebook must satisfy, as a list of what it breaks.

Judged from error outputs and execution counts, never from papermill's metadata, which says "completed"
after a time-out or a killed kernel. What a page must satisfy is the page's own affair (`page_check`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


def notebook_problems(notebook: NotebookNode) -> list[str]:
    """What keeps an executed notebook from being published: errors and cells that did not run."""
    problems = []
    counts = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        problems += [f"cell {index}: {error.ename}: {error.evalue}" for error in errors]
        if cell.source.strip():
            counts.append(cell.execution_count)
            if cell.execution_count is None:
                problems.append(f"cell {index} was not executed")
    executed = [count for count in counts if count is not None]
    if executed != sorted(set(executed)):
        problems.append("the cells were not executed in order")
    if not counts:
        problems.append("the notebook has no code")
    return problems
