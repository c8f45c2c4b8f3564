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
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import analysis

LIBRARIES: tuple[str, ...] = (
    *("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "adjusttext"),
    *("pylopdf-fonts-zh-cn", "jinja2", "nbconvert", "lxml", "markdown-it-py", "papermill", "ipython"),
)
"""Distributions whose version shapes a page or the executed notebook."""
SHAPING = ("engine.py", "content.py", "markup.py", "export.py")
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
    """The SHA-256 over names (relative to the folder) and bytes of files, whatever their order."""
    return hash_json({path.relative_to(folder).as_posix(): digest(path.read_bytes()) for path in files})


def input_files(folder: Path) -> list[Path]:
    """The files below a folder that can be inputs, sorted: nothing hidden, no byte code, nothing unread."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix != ".pyc"
        and path.name not in UNREAD
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]


@dataclass(frozen=True)
class Inputs:
    """What all runs of a refresh share.

    `common` has the hash of data, source, template and libraries, `cities` region code -> hash of the data
    that its own pages see (empty where rows cannot be told apart), `folders` data and package.
    """

    common: Mapping[str, str]
    libraries: Mapping[str, str]
    cities: Mapping[str, str]
    data_version: str
    folders: tuple[Path, Path]

    def parts(self, city: str = "") -> dict[str, str]:
        """The parts of a key that come from here: of a page that reads one city, or all of data/."""
        return {**self.common, "data": self.cities.get(city, self.common["data"])}


def read_inputs(data: Path, package: Path | None = None) -> Inputs:
    """The common inputs of all runs, read from the data folder and the package's own folder."""
    root = package or Path(analysis.__file__).parent
    parts = defaultdict(list)
    for path in input_files(root):
        parts[_package_part(path.relative_to(root))].append(path)
    libraries = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            libraries[name] = metadata.version(name)
    common = {part: hash_files(root, parts[part]) for part in ("source", "template")}
    common |= {"libraries": hash_json(libraries), "data": hash_files(data, input_files(data))}
    version = ""
    with suppress(OSError, ValueError, KeyError, TypeError):
        version = str(json.loads((data / "datapackage.json").read_bytes())["version"])
    return Inputs(common, libraries, read_cities(data), version, (data, root))


def read_cities(data: Path) -> dict[str, str]:
    """Region code -> hash of its rows, the sources they cite, and the tables that every page sees whole."""
    rows: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    cited: dict[str, set[str]] = defaultdict(set)
    whole = []
    for path in input_files(data):
        name = path.relative_to(data).as_posix()
        if not name.startswith(BY_REGION):
            whole.append(path)
            continue
        owner = "source_id" if name == "sources.csv" else "region_code"
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                head, *lines = csv.reader(file, strict=True)
            region, source, owned = (head.index(one) for one in ("region_code", "source_id", owner))
            for line in lines:
                cited[line[region]].add(line[source])
                rows[owner, line[owned]].append([name, *head, *line])
        except (ValueError, IndexError, csv.Error):
            return {}
    common = hash_files(data, whole)
    return {
        city: hash_json([common, rows["region_code", city], [rows["source_id", one] for one in sorted(ids)]])
        for city, ids in cited.items()
    }


def _package_part(path: Path) -> str:
    """The part of the key that a file of the package belongs to, or "" where no page depends on it."""
    if path.as_posix().startswith(TEMPLATES):
        return "template"
    mechanics = path.parts[0] == "refresh" and path.name not in SHAPING
    return "" if mechanics or path.parts[0] in OUTSIDE else "source"
