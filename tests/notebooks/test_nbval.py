"""What `make test` relies on: nbval as it is called there fails on a changed output of a tagged cell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

SOURCE = "print('湛江 accepted', 100 + 11)"
FLAGS = ("--nbval-lax", "--nbval-current-env")


def save(path: Path, output: str, *tags: str) -> None:
    """Writes a notebook whose only cell prints a table, saved with this text as its output."""
    cell = new_code_cell(SOURCE, execution_count=1, metadata={"tags": [*tags]})
    cell.outputs = [new_output("stream", name="stdout", text=output)]
    book = new_notebook(cells=[cell])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)


def test_the_makefile_calls_nbval_this_way() -> None:
    makefile = (Path(__file__).resolve().parents[2] / "Makefile").read_text(encoding="utf-8")
    assert f"pytest {' '.join(FLAGS)} notebooks" in makefile


@pytest.mark.slow
def test_a_changed_output_fails_where_it_is_tagged_only(tmp_path: Path) -> None:
    save(tmp_path / "tagged-right.ipynb", "湛江 accepted 111\n", "nbval-check-output")
    save(tmp_path / "tagged-changed.ipynb", "湛江 accepted 112\n", "nbval-check-output")
    save(tmp_path / "untagged-changed.ipynb", "湛江 accepted 112\n")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *FLAGS, str(tmp_path)]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120, encoding="utf-8"
    )
    assert run.returncode == 1, run.stdout
    assert "FAILED tagged-changed.ipynb" in run.stdout
    assert "PASSED tagged-right.ipynb" in run.stdout
    assert "PASSED untagged-changed.ipynb" in run.stdout
