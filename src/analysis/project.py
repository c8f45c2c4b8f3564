"""Where the project's files are.

The package works on a checkout: data, notebooks, editions and reports lie beside `src/`. Where it was
installed apart from one, the checkout is the one that the command is run in. The variable `FAZHI_ROOT` points
it at another folder of the same layout, which tests and clusters with shared storage use. It refuses a folder
without data, and a file beside the notebooks that would hide the package from them.
"""

from __future__ import annotations

import os
from pathlib import Path

from analysis.errors import InputError


def root() -> Path:
    """The project's folder: `FAZHI_ROOT` if set, else the checkout this package runs from or is run in.

    Raises:
        InputError: The folder holds no `data/`.
    """
    named = os.environ.get("FAZHI_ROOT")
    folder = Path(named).resolve() if named else Path(__file__).resolve().parents[2]
    if not named and not (folder / "data").is_dir():
        around = (Path.cwd(), *Path.cwd().parents)
        folder = next((place for place in around if (place / "data" / "datapackage.json").is_file()), folder)
    if not (folder / "data").is_dir():
        fix = "run from a checkout of Fazhi, or set FAZHI_ROOT to one."
        raise InputError("The project's folder must hold data/", str(folder), fix)
    return folder


def data_folder() -> Path:
    """The panel's folder."""
    return root() / "data"


def notebooks_folder() -> Path:
    """The folder of the notebooks.

    Raises:
        InputError: A file or folder in it is called as the package, which notebooks would import instead.
    """
    folder = root() / "notebooks"
    for name in ("analysis.py", "analysis"):
        if (folder / name).exists():
            rule = "Nothing beside the notebooks may be called as the package that they import, analysis"
            raise InputError(rule, str(folder / name), "give it another name.")
    return folder


def reports_folder() -> Path:
    """The folder a refresh publishes into."""
    return root() / "reports"


def editions_file() -> Path:
    """The list of editions that a refresh renders."""
    return root() / "editions.toml"
