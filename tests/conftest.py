"""What all tests share: the repository's panel, loaded once, and a small data folder to break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from data_folder import DataFolder

from analysis import panel as panels
from analysis.panel import Panel

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    """A figure that a test leaves open would be shown by a notebook that runs later in the same process."""
    yield
    plt.close("all")


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
