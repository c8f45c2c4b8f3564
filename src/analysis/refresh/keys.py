"""What all runs of a refresh rest on, as hashes: data, package source, templates, library versions.

Nothing volatile (a time, a host, a path) is hashed. Only what a page cannot depend on stays outside: the
command line, the ingest and the mechanics of a refresh. A page whose notebook says that it `reads` its city
(in the metadata, as `page.CITY_PAGES` narrows its panel) is keyed on that city's rows, their sources and
corrections, and the tables that are not of single regions; any other page on all of data/.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import analysis

LIBRARIES = (
    *(
        "pandas",
        "numpy",
        "scipy",
        "statsmodels",
        "matplotlib",
        "seaborn",
        "adjusttext",
        "pylopdf-fonts-zh-cn",
    ),
    *("jinja2", "nbconvert", "lxml", "markdown-it-py", "papermill", "ipython"),
)
"""Distributions whose version shapes a page or the executed notebook."""
SHAPING = ("engine.py", "shell.py", "content.py", "markup.py", "export.py")
"""The modules of `refresh` that shape a page; the others only make it come about."""
OUTSIDE = ("cli", "ingest", "adopt.py", "terminal.py")
TEMPLATES = "refresh/templates/"
BY_REGION = ("observations/", "sources.csv", "corrections.csv")
UNREAD = ("adopted.csv",)
"""Files of data/ that no page reads: what `fazhi adopt` remembers."""


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def hash_json(value: Any) -> str:
    """The SHA-256 of a plain value, the same whatever the order of its mappings."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())


def hash_files(folder: Path, files: Iterable[Path]) -> str:
    """The SHA-256 over names (relative to the folder) and bytes of files, in order of name."""
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def input_files(folder: Path) -> list[Path]:
    """The files below a folder that can be inputs: nothing hidden, no byte code."""
    return [
        path
        for path in folder.rglob("*")
        if path.suffix != ".pyc"
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]


@dataclass(frozen=True)
class Inputs:
    """What all runs of a refresh share.

    `common` has the hash of data, source, template and libraries, `cities` region code -> hash of the data
    that its own pages see (empty where rows cannot be told apart), `stamp` a hash of the sizes, inodes and
    times of all files, taken before they were read.
    """

    common: Mapping[str, str]
    libraries: Mapping[str, str]
    cities: Mapping[str, str]
    data_version: str
    folders: tuple[Path, Path]
    stamp: str

    def parts(self, city: str = "") -> dict[str, str]:
        """The parts of a key that come from here: of a page that reads one city, or all of data/."""
        return {**self.common, "data": self.cities.get(city, self.common["data"])}

    def current(self) -> Inputs:
        """The inputs as they are now, hashed again only where a file was touched."""
        return self if _stamp(*self.folders) == self.stamp else read_inputs(*self.folders)


def read_inputs(data: Path, package: Path | None = None) -> Inputs:
    """The common inputs of all runs, read from the data folder and the package's own folder."""
    root = package or Path(analysis.__file__).parent
    stamp = _stamp(data, root)
    groups: dict[str, list[Path]] = {"source": [], "template": []}
    for path in input_files(root):
        part = _package_part(path.relative_to(root))
        if part:
            groups[part].append(path)
    libraries = {name: _version(name) for name in LIBRARIES}
    libraries["python"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    common = {part: hash_files(root, files) for part, files in groups.items()}
    common["libraries"] = hash_json(libraries)
    common["data"] = hash_files(data, [path for path in input_files(data) if path.name not in UNREAD])
    return Inputs(common, libraries, read_cities(data), _data_version(data), (data, root), stamp)


def read_cities(data: Path) -> dict[str, str]:
    """Region code -> hash of its rows, the sources they cite, and the tables that every page sees whole."""
    rows: dict[str, list[list[str]]] = defaultdict(list)
    cited: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, list[list[str]]] = defaultdict(list)
    whole = []
    for path in sorted(path for path in input_files(data) if path.name not in UNREAD):
        name = path.relative_to(data).as_posix()
        if not name.startswith(BY_REGION) or path.suffix != ".csv":
            whole.append(path)
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                head, *lines = csv.reader(file, strict=True)
            region, source = head.index("region_code"), head.index("source_id")
            for line in lines:
                cited[line[region]].add(line[source])
                (sources[line[source]] if name == "sources.csv" else rows[line[region]]).append(
                    [name, *head, *line]
                )
        except (ValueError, IndexError, csv.Error):
            return {}
    common = hash_files(data, whole)
    return {
        one: hash_json([common, rows[one], [sources[key] for key in sorted(cited[one])]]) for one in cited
    }


def _package_part(path: Path) -> str | None:
    """The part of the key that a file of the package belongs to, or None."""
    if path.as_posix().startswith(TEMPLATES):
        return "template"
    mechanics = path.parts[0] == "refresh" and path.name not in SHAPING
    return None if mechanics or path.parts[0] in OUTSIDE else "source"


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
