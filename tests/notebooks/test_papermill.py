"""A notebook runs on its own from the command line, as the README says, and refuses there as everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]


def run(out: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    """What papermill says of notebook 3 with some parameters."""
    notebook = ROOT / "notebooks" / "03_other_cities.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), str(out), *parameters]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_an_unknown_city_stops_the_run_with_advice(tmp_path: Path) -> None:
    made = run(tmp_path / "out.ipynb", "-p", "city", "zhanjang")
    assert made.returncode != 0
    assert "440800 (Zhanjiang 湛江市)" in made.stderr


def test_a_code_that_papermill_takes_for_a_number_is_the_city(tmp_path: Path) -> None:
    made = run(tmp_path / "out.ipynb", "-p", "city", "440100")
    assert made.returncode == 0, made.stderr[-2000:]
    outputs = [output for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for output in cell.get("outputs", [])]
    assert any("Guangzhou" in str(output.get("data", {}).get("text/markdown", "")) for output in outputs)
