"""What all tests share: the repository's panel, loaded once, and a small data folder to break."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folder import DataFolder

from analysis import panel as panels
from analysis.panel import Panel

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The repository's data folder, to be read only."""
    return ROOT / "data"


@pytest.fixture(scope="session")
def panel(data: Path) -> Panel:
    """The repository's panel, to be read only."""
    return panels.load(data)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A small data folder in a temporary place; `write` it after changing its tables."""
    return DataFolder(tmp_path / "data")
