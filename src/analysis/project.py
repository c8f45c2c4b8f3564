"""Where the project's files are: in `FAZHI_ROOT`, else this package's checkout, else the command's.

It refuses a folder without data, and a file beside the notebooks that would hide the package from them.
"""

import os
from pathlib import Path

from analysis.errors import InputError


def root() -> Path:
    """The project's folder; an `InputError` when it holds no `data/`."""
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
    """The folder of the notebooks; an `InputError` when they would import something in it as the package."""
    folder = root() / "notebooks"
    for path in (folder / "analysis.py", folder / "analysis"):
        if path.exists():
            rule = "Nothing beside the notebooks may be called as the package that they import, analysis"
            raise InputError(rule, str(path), "give it another name.")
    return folder


def reports_folder() -> Path:
    """The folder a refresh publishes into."""
    return root() / "reports"


def editions_file() -> Path:
    """The list of editions that a refresh renders."""
    return root() / "editions.toml"
