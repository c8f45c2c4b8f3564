"""Where the project's files are.

The package works on a checkout: data, notebooks, editions and reports lie beside `src/`. The variable
`FAZHI_ROOT` points it at another folder of the same layout, which tests and clusters with shared storage use.
"""

from __future__ import annotations

import os
from pathlib import Path

from analysis.errors import InputError


def root() -> Path:
    """The project's folder: `FAZHI_ROOT` if set, else the checkout this package runs from.

    Raises:
        InputError: The folder holds no `data/`.
    """
    named = os.environ.get("FAZHI_ROOT")
    folder = Path(named).resolve() if named else Path(__file__).resolve().parents[2]
    if not (folder / "data").is_dir():
        raise InputError(
            "The project's folder must hold data/",
            str(folder),
            "run from a checkout of Fazhi, or set FAZHI_ROOT to one.",
        )
    return folder


def data_folder() -> Path:
    """The panel's folder."""
    return root() / "data"


def notebooks_folder() -> Path:
    """The folder of the notebooks."""
    return root() / "notebooks"


def reports_folder() -> Path:
    """The folder a refresh publishes into."""
    return root() / "reports"


def editions_file() -> Path:
    """The list of editions that a refresh renders."""
    return root() / "editions.toml"
