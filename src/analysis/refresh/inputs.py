"""What all runs of a refresh share, as hashes: data, package source, narrative, templates, library versions.

Nothing volatile (a time, a host, a path) is hashed. Only the modules that a page cannot depend on stay
outside: the command line, the ingest and the mechanics of a refresh (floor 8 and above; a notebook imports
from floor 7 down). It reads bytes only and imports no pandas, so that asking costs nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import analysis
from analysis.refresh import data_key
from analysis.refresh.data_key import DataKey, Reads
from analysis.refresh.hashing import hash_files, hash_json, input_files

LIBRARIES = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "matplotlib",
    "pylopdf-fonts-zh-cn",
    "jinja2",
    "nbconvert",
    "mistune",
    "papermill",
    "ipykernel",
)
"""Distributions whose version shapes a page or the executed notebook."""

MECHANICS = (
    "__init__",
    "checked",
    "checks",
    "child",
    "cluster",
    "data_key",
    "engine",
    "hashing",
    "host",
    "index_page",
    "inputs",
    "interrupt",
    "kernels",
    "lock",
    "manifest",
    "notebook_source",
    "notification",
    "options",
    "overview",
    "plan",
    "progress",
    "provenance",
    "publish",
    "recap",
    "status",
    "task",
    "workshop",
)
OUTSIDE = (
    "cli/",
    "adopt.py",
    "terminal.py",
    "ingest/",
    *(f"refresh/{name}.py" for name in MECHANICS),
)
"""Package files that no page depends on."""

NARRATIVE = "narrative/"
TEMPLATES = "refresh/templates/"


@dataclass(frozen=True)
class Inputs:
    """What all runs of a refresh share: the hash of each common part, and the library versions.

    Attributes:
        common: source, narrative, template, libraries -> hash.
        data: The hashes of the data, of which a run's key takes what its page may see.
        libraries: Library -> version, as hashed.
        data_version: The version the panel gives itself; "" where it gives none.
        folders: The data folder and the package's own.
        stamp: Hash of the sizes, inodes and times of all files, taken before they were read.
    """

    common: Mapping[str, str]
    data: DataKey
    libraries: Mapping[str, str]
    data_version: str
    folders: tuple[Path, Path]
    stamp: str

    def parts(self, reads: Reads, city: str) -> dict[str, str]:
        """The common parts of the key of a run on a city whose page reads this much."""
        return {**self.common, "data": self.data.part(reads, city)}

    def current(self) -> Inputs:
        """The inputs as they are now, hashed again only where a file was touched."""
        return self if _stamp(*self.folders) == self.stamp else read_inputs(*self.folders)


def _package_part(name: str) -> str | None:
    """The part of the key that a file of the package (relative, POSIX) belongs to, or None."""
    if name.startswith(TEMPLATES):
        return "template"
    if name.startswith(NARRATIVE) and not name.endswith(".py"):
        return "narrative"
    if name.startswith(OUTSIDE):
        return None
    return "source"


def read_inputs(data: Path, package: Path | None = None) -> Inputs:
    """The common inputs of all runs, read from the data folder and the package's own folder."""
    root = package or Path(analysis.__file__).parent
    stamp = _stamp(data, root)
    groups: dict[str, list[Path]] = {"source": [], "narrative": [], "template": []}
    for path in input_files(root):
        part = _package_part(path.relative_to(root).as_posix())
        if part:
            groups[part].append(path)
    libraries = {name: _version(name) for name in LIBRARIES}
    libraries["python"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    common = {part: hash_files(root, files) for part, files in groups.items()}
    common["libraries"] = hash_json(libraries)
    return Inputs(common, data_key.read(data), libraries, _data_version(data), (data, root), stamp)


def _stamp(*folders: Path) -> str:
    """Hash of what the system notes of every file; writing one, even with an old time, changes it."""
    noted = []
    for folder in folders:
        for path in sorted(input_files(folder)):
            state = path.stat()
            noted.append([str(path), state.st_size, state.st_ino, state.st_mtime_ns, state.st_ctime_ns])
    return hash_json(noted)


def _data_version(data: Path) -> str:
    """The version in the panel's own description, or "" where it cannot be read."""
    try:
        return str(json.loads((data / "datapackage.json").read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _version(name: str) -> str:
    """The installed version of a distribution, or "" where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
