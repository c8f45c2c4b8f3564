"""A project with the true data and two trivial notebooks, driven by the command line in other processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fixture_project import FIGURE, TEXT, write_notebook

from analysis import project as true_project

DRIVER = Path(__file__).parent / "drive.py"
SLIM = "slim"
"""Runs of this command are forked from a process that has not loaded what true pages need."""


@dataclass(frozen=True)
class Commanded:
    """A project folder and commands in it."""

    root: Path

    @property
    def reports(self) -> Path:
        """The published tree."""
        return self.root / "reports"

    @property
    def state(self) -> Path:
        """The folder beside the published tree."""
        return self.root / ".refresh"

    def notebook(self, name: str, *cells: str) -> Path:
        """Writes a notebook of this name."""
        return write_notebook(self.root / "notebooks" / f"{name}.ipynb", *cells)

    def start(self, *words: str, preload: str = SLIM) -> subprocess.Popen[str]:
        """`fazhi` with these words, started in a session of its own."""
        return subprocess.Popen(
            [sys.executable, str(DRIVER), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "FAZHI_ROOT": str(self.root), "FAZHI_PRELOAD": preload},
            start_new_session=True,
        )

    def run(self, *words: str, preload: str = SLIM) -> subprocess.CompletedProcess[str]:
        """`fazhi` with these words, when it has ended."""
        process = self.start(*words, preload=preload)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)


def lay_out(root: Path) -> Commanded:
    """A project in this folder of which nothing is published."""
    made = Commanded(root)
    shutil.copytree(true_project.data_folder(), root / "data")
    edition = 'city = "440800"\nyear = 2020\npeers = "guangdong"\nlanguages = ["en", "zh"]\n'
    (root / "editions.toml").write_text(f"[[edition]]\n{edition}")
    (root / "package").mkdir()
    (root / "package/check.py").write_text("first")
    made.notebook("01_plain", TEXT, FIGURE)
    made.notebook("02_more", TEXT)
    return made
