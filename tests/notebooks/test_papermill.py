"""A notebook runs on its own from the command line, as the README says, and refuses there as everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"papermill notebooks/04_other_cities\.ipynb out\.ipynb (-p city (\w+)[^\n#]*)")
NAME = {"421200": "Xianning"}


def promised(document: str) -> str:
    """The parameters of the README's experiment."""
    found = COMMAND.search((ROOT / document).read_text(encoding="utf-8"))
    assert found, f"{document} shows no experiment"
    return found[1].strip()


def run(out: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    """What papermill says of notebook 04 with some parameters."""
    notebook = ROOT / "notebooks" / "04_other_cities.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), str(out), *parameters]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, encoding="utf-8")


def shown(path: Path, kind: str) -> list[str]:
    """The outputs of a kind as text."""
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
    return [item.data["text/plain"] for item in outputs if item.get("metadata", {}).get("fazhi") == kind]


def test_both_readmes_promise_the_same_experiment() -> None:
    assert promised("README.md") == promised("README.zh.md")


@pytest.mark.slow
def test_the_first_experiment_shows_a_place_and_a_figure(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    parameters = promised("README.md").split()
    assert parameters[:2] == ["-p", "city"]
    made = run(out, *parameters)
    assert made.returncode == 0, made.stderr[-2000:]
    (head,) = shown(out, "head")
    assert NAME[parameters[2]] in head
    assert [
        text for text in shown(out, "text") if re.search(r"(lowest|highest|\d(st|nd|rd|th)) of \d+", text)
    ]
    assert len(shown(out, "figure")) >= 2


def test_an_unknown_city_stops_the_run_with_advice(tmp_path: Path) -> None:
    made = run(tmp_path / "out.ipynb", "-p", "city", "zhanjang")
    assert made.returncode != 0
    assert "440800 (Zhanjiang 湛江市)" in made.stderr


def test_a_misspelt_parameter_stops_the_run(tmp_path: Path) -> None:
    made = run(tmp_path / "out.ipynb", "-p", "citty", "440100")
    assert made.returncode != 0
    assert "type city" in made.stderr
    assert shown(tmp_path / "out.ipynb", "head") == []


def test_a_code_keeps_the_zeros_that_papermill_takes(tmp_path: Path) -> None:
    made = run(tmp_path / "out.ipynb", "-p", "city", "000000")
    assert made.returncode != 0, "the nation has no peers in Guangdong"
    assert "China 全国 among guangdong" in made.stderr
