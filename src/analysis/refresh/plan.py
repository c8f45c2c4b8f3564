"""What is stale and why: a run's key, in parts, against what is published.

A key is a SHA-256 over all that shapes a page: notebook, parameters, links, data, package, templates and
libraries; nothing volatile (a time, a host, a path). Its parts are kept, so that a stale run can say which
changed. A notebook that cannot be run is a problem in words and becomes one row of the recap.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import analysis
from analysis import project
from analysis.editions import Edition
from analysis.refresh.publish import Entry, Row, State, digest, load, record

GONE = "its edition or notebook is gone"
HASHED_BYTES = 100_000_000  # of a site; in a larger one, published files are compared by size alone
LIBRARIES = (
    *("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "adjusttext"),
    *("pylopdf-fonts-zh-cn", "jinja2", "nbconvert", "lxml", "markdown-it-py", "papermill"),
    *("nbclient", "ipykernel", "ipython"),
)
"""Distributions whose version shapes a page or the executed notebook."""
_UNSEEN = re.compile(r"(cli|ingest)/|accept\.py|refresh/(?!(engine|export|markup)\.py)")
"""Modules that no page depends on: the command line, the reader, the mechanics of a refresh."""
_UNREAD = re.compile(r"(^|/)\.|\.pyc$|(^|/)adopted\.csv$")
"""Files that are no input: hidden ones, byte code, and what `fazhi adopt` remembers."""
BY_REGION = ("observations/", "sources.csv", "corrections.csv")
Listed = Mapping[Edition, Mapping[str, Any]]  # in order, with what the index says of each


def hash_json(value: Any) -> str:
    """The SHA-256 of a plain value, the same whatever the order of its mappings."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())


def hash_files(files: Mapping[str, bytes]) -> str:
    """The SHA-256 over names and contents of files, whatever their order."""
    return hash_json({name: digest(body) for name, body in files.items()})


def input_files(folder: Path) -> dict[str, bytes]:
    """The files below a folder that can be inputs, by name (relative to it), sorted."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: found[name].read_bytes() for name in sorted(found) if not _UNREAD.search(name)}


@dataclass(frozen=True)
class Inputs:
    """What all runs of a refresh share."""

    common: Mapping[str, str]  # hash of data, source, template, libraries
    libraries: Mapping[str, str]
    cities: Mapping[str, str]  # region code -> hash of what its own pages see; empty where rows do not tell
    data_version: str
    folders: tuple[Path, Path]  # data and package

    def parts(self, city: str = "") -> dict[str, str]:
        """The parts of a key that come from here: of a page that reads one city, or all of data/."""
        return {**self.common, "data": self.cities.get(city, self.common["data"])}


def read_inputs(data: Path, package: Path | None = None) -> Inputs:
    """The common inputs of all runs, read from the data folder and the package's own folder."""
    root = package or Path(analysis.__file__).parent
    modules, tables = input_files(root), input_files(data)
    source = {name: body for name, body in modules.items() if not _UNSEEN.match(name)}
    template = {name: body for name, body in modules.items() if name.startswith("refresh/templates/")}
    libraries = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            libraries[name] = metadata.version(name)
    common = {"source": hash_files(source), "template": hash_files(template)}
    common |= {"libraries": hash_json(libraries), "data": hash_files(tables)}
    version = ""
    with suppress(ValueError, KeyError, TypeError):
        version = str(json.loads(tables["datapackage.json"])["version"])
    return Inputs(common, libraries, read_cities(tables), version, (data, root))


def read_cities(tables: Mapping[str, bytes]) -> dict[str, str]:
    """Region code -> hash of its rows, the sources they cite, and the tables that every page sees whole."""
    rows: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    cited: dict[str, set[str]] = defaultdict(set)
    common = hash_files({name: body for name, body in tables.items() if not name.startswith(BY_REGION)})
    for name in (name for name in tables if name.startswith(BY_REGION)):
        owner = "source_id" if name == "sources.csv" else "region_code"
        try:
            head, *lines = csv.reader(io.StringIO(tables[name].decode("utf-8-sig"), newline=""), strict=True)
            region, source, owned = (head.index(one) for one in ("region_code", "source_id", owner))
            for line in lines:
                cited[line[region]].add(line[source])
                rows[owner, line[owned]].append([name, *head, *line])
        except (ValueError, IndexError, csv.Error):
            return {}
    return {
        city: hash_json([common, rows["region_code", city], [rows["source_id", one] for one in sorted(ids)]])
        for city, ids in cited.items()
    }


@dataclass(frozen=True)
class NotebookSource:
    """What a plan needs of a notebook; `problem` is why it cannot be run ("" when it can)."""

    path: Path
    hash: str
    titles: Mapping[str, str]
    city_only: bool
    problem: str


@dataclass(frozen=True)
class Run:
    """One notebook of one edition: `entry` has the key, but no files yet, `context` is for `export`."""

    entry: Entry
    source: NotebookSource
    context: Mapping[str, Any]
    city: str = ""  # the region whose rows alone it is keyed on, else all of data/


def plan(
    editions: Listed, notebooks: Sequence[Path], inputs: Inputs, known: Iterable[Edition] = ()
) -> list[Run]:
    """Every run of these editions and notebooks, by edition and then by notebook, with its key in parts.

    `known` are further editions that have pages, so that a page can link to its other language.
    """
    there = {*known, *editions}
    sources = [read_notebook(path) for path in notebooks]
    runs = []
    for edition, about in editions.items():
        language = edition.language
        other = replace(edition, language="en" if language == "zh" else "zh")
        pages = [[f"{one.path.stem}.html", one.titles[language]] for one in sources]
        for position, source in enumerate(sources, start=1):
            stem = source.path.stem
            here = {"edition": edition.key, "language": language, "stem": stem, "position": position}
            other_language = f"../{other.key}/{stem}.html" if other in there else None
            links = {"pages": pages, "index": "../index.html", "other_language": other_language}
            context = {**here, **links, "data_version": inputs.data_version}
            city = edition.city if source.city_only else ""
            parts = {"parameters": hash_json(edition.parameters), "links": hash_json(context)}
            parts |= {"notebook": source.hash, **inputs.parts(city)}
            entry = Entry(edition.key, stem, edition.parameters, hash_json(parts), parts, about=about)
            runs.append(Run(entry, source, context, city))
    return runs


def read_notebook(path: Path) -> NotebookSource:
    """What a plan needs of a notebook; never raises."""
    made = path.stem.lstrip("0123456789_").replace("_", " ").capitalize()
    key, titles, city_only = "", {"en": made, "zh": made}, False
    try:
        raw = json.loads(path.read_bytes())
        cells, ours = raw["cells"], raw.get("metadata", {}).get("fazhi", {})
        key = hash_json([[cell["cell_type"], "".join(cell["source"]), _tags(cell)] for cell in cells])
        titles, city_only = titles | ours.get("title", {}), ours.get("reads") == "city"
        problem, known = "the notebook has no cell tagged parameters", parameter_names(cells)
        if known is not None:
            missing = sorted({one.name for one in fields(Edition)} - known)
            problem = f"the parameters cell does not set {', '.join(missing)}" if missing else ""
    except OSError as error:
        problem = f"the notebook cannot be read: {error.strerror}"
    except SyntaxError as error:
        problem = f"the parameters cell is not Python: {error.msg}"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"the file is not a notebook: {type(error).__name__}: {error}"
    return NotebookSource(path, key, titles, city_only, problem)


def parameter_names(cells: Iterable[Mapping[str, Any]]) -> set[str] | None:
    """The names that the cell tagged `parameters` assigns, or None where there is no such cell."""
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" in _tags(cell):
            nodes = ast.walk(ast.parse("".join(cell["source"])))
            return {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return None


def standings(
    runs: Iterable[Run], entries: Mapping[str, Entry], reports: Path
) -> Iterator[tuple[Run, State, str]]:
    """Each run, how its page stands, and why: first run, changed (what), missing, failed."""
    size = sum(one["size"] for entry in entries.values() for one in entry.files.values())
    for run in runs:
        yield run, *_standing(run, entries.get(run.entry.name), reports, size <= HASHED_BYTES)


def status(editions: Listed, notebooks: Sequence[Path], inputs: Inputs | None = None) -> list[Row]:
    """How every run of these editions stands, then what is published of no other edition or notebook."""
    reports = project.reports_folder()
    entries = load(reports)[0].entries
    runs = plan(editions, notebooks, inputs or read_inputs(project.data_folder()))
    stand = standings(runs, entries, reports)
    rows = [Row.of(entries.get(run.entry.name, run.entry), state, why) for run, state, why in stand]
    gone = sorted(entries.keys() - {row.name for row in rows})
    return rows + [Row.of(entries[name], "orphan", GONE) for name in gone]


def _standing(run: Run, entry: Entry | None, reports: Path, hashed: bool) -> tuple[State, str]:
    new, failure = run.entry, entry.failure if entry else None
    told = f"the last attempt failed: {failure['reason']}" if failure else ""
    if run.source.problem or (failure and failure["key"] == new.key):
        return "failed", run.source.problem or told
    if entry is None or not entry.files:
        return "stale", "first run"
    if entry.key != new.key:
        names = sorted({*new.parts, *entry.parts})
        changed = [name for name in names if new.parts.get(name) != entry.parts.get(name)]
        return "stale", f"changed: {', '.join(changed)}"
    if told:
        return "stale", told
    for name, noted in entry.files.items():
        path = reports / name
        try:
            same = record(path.read_bytes()) == noted if hashed else path.stat().st_size == noted["size"]
        except OSError:
            return "stale", f"missing: {name}"
        if not same:
            return "stale", f"changed by hand: {name}"
    return "fresh", ""


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return sorted(cell.get("metadata", {}).get("tags", []))
