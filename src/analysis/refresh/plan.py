"""What is stale and why: a run's key, in parts, against what is published.

A key is a SHA-256 over everything that shapes a page: notebook source, resolved parameters, the bytes of
the data, the package's source, the narrative, the templates and the versions of the libraries that shape
output. Nothing volatile (a time, a host, a path) is in it. The parts are kept apart so that a stale run
can say which of them changed. Only the modules that a page cannot depend on stay outside: the command
line, the ingest and the mechanics of a refresh (floor 8 and above; a notebook imports from floor 7 down).

Reads bytes only: it imports neither pandas nor the notebooks' machinery, so that asking costs nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import analysis
from analysis.refresh.manifest import Entry, digest

if TYPE_CHECKING:
    from analysis.editions import Edition

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
    "checks",
    "child",
    "engine",
    "host",
    "interrupt",
    "kernels",
    "lock",
    "manifest",
    "overview",
    "plan",
    "progress",
    "publish",
    "recap",
    "status",
    "task",
    "workshop",
)
OUTSIDE = ("cli.py", "ingest/", *(f"refresh/{name}.py" for name in MECHANICS))
"""Package files that no page depends on."""

NARRATIVE = "narrative/"
TEMPLATES = "refresh/templates/"


@dataclass(frozen=True)
class Inputs:
    """What all runs of a refresh share: the hash of each common part, and the library versions.

    Attributes:
        parts: data, source, narrative, template, libraries -> hash.
        libraries: Library -> version, as hashed.
        data_version: The version the panel gives itself; "" where it gives none.
    """

    parts: Mapping[str, str]
    libraries: Mapping[str, str]
    data_version: str = ""


@dataclass(frozen=True)
class Run:
    """One notebook of one edition.

    Attributes:
        notebook: Path of the notebook.
        edition: City-year with its peers and language.
        parts: Name of each part of the key -> its hash.
        context: The page's place among the others, for `page.PageContext`.
        problem: Why it cannot be run at all; empty when it can.
    """

    notebook: Path
    edition: Edition
    parts: Mapping[str, str]
    context: Mapping[str, Any]
    problem: str = ""

    @property
    def stem(self) -> str:
        """Name of the notebook without its suffix."""
        return self.notebook.stem

    @property
    def name(self) -> str:
        """Edition and notebook, unique in a plan; also the name of its manifest entry."""
        return f"{self.edition.key}/{self.stem}"

    @property
    def key(self) -> str:
        """SHA-256 over the parts."""
        return hash_json(sorted(self.parts.items()))

    @property
    def page(self) -> str:
        """Path of the page, relative to reports/."""
        return f"{self.edition.key}/{self.stem}.html"

    @property
    def saved_notebook(self) -> str:
        """Path of the executed notebook, relative to reports/."""
        return f"{self.edition.key}/notebooks/{self.stem}.ipynb"


def hash_json(value: Any) -> str:
    """The SHA-256 of a plain value, the same whatever the order of its mappings."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return digest(text.encode())


def hash_files(folder: Path, files: Iterable[Path]) -> str:
    """The SHA-256 over names (relative to the folder) and bytes of files, in order of name."""
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _input_files(folder: Path) -> list[Path]:
    """The files below a folder that can be inputs: nothing hidden, no byte code."""
    return [
        path
        for path in folder.rglob("*")
        if path.suffix != ".pyc"
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]


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
    groups: dict[str, list[Path]] = {"source": [], "narrative": [], "template": []}
    for path in _input_files(root):
        part = _package_part(path.relative_to(root).as_posix())
        if part:
            groups[part].append(path)
    libraries = {name: _version(name) for name in LIBRARIES}
    libraries["python"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    parts = {part: hash_files(root, files) for part, files in groups.items()}
    parts["data"] = hash_files(data, _input_files(data))
    parts["libraries"] = hash_json(libraries)
    return Inputs(parts, libraries, _data_version(data))


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


def _source(cell: Mapping[str, Any]) -> str:
    """The source of a raw cell, which a file may hold as a text or as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: Mapping[str, Any]) -> list[str]:
    """The tags of a raw cell, sorted."""
    return sorted(cell.get("metadata", {}).get("tags", []))


def _parameter_names(cells: Sequence[Mapping[str, Any]]) -> set[str] | None:
    """The names that the parameters cell assigns, or None where there is no such cell."""
    tagged = [cell for cell in cells if cell["cell_type"] == "code" and "parameters" in _tags(cell)]
    if not tagged:
        return None
    statements = ast.parse(_source(tagged[0])).body
    assigned = [one for one in statements if isinstance(one, ast.Assign | ast.AnnAssign)]
    targets = [
        target
        for one in assigned
        for target in (one.targets if isinstance(one, ast.Assign) else [one.target])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


@dataclass(frozen=True)
class NotebookSource:
    """What a plan needs of a notebook file.

    Attributes:
        path: Where it is.
        hash: Hash of its cells: sources and tags, not outputs.
        titles: Language -> short title for links to its pages, from the notebook's metadata.
        problem: Why it cannot be run; empty when it can.
    """

    path: Path
    hash: str
    titles: Mapping[str, str]
    problem: str = ""

    def title(self, language: str) -> str:
        """The short title in a language, else one made of the file's name."""
        return (
            self.titles.get(language) or self.path.stem.lstrip("0123456789_").replace("_", " ").capitalize()
        )


def read_notebook(path: Path, parameters: Iterable[str]) -> NotebookSource:
    """What a plan needs of a notebook that must take these parameters; never raises."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return NotebookSource(path, "", {}, f"the notebook cannot be read: {error.strerror}")
    try:
        raw = json.loads(content)
        cells = raw["cells"]
        key = hash_json([[cell["cell_type"], _source(cell), _tags(cell)] for cell in cells])
        titles = dict(raw.get("metadata", {}).get("fazhi", {}).get("title", {}))
        known = _parameter_names(cells)
    except SyntaxError as error:
        return NotebookSource(path, digest(content), {}, f"the parameters cell is not Python: {error.msg}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"the file is not a notebook: {type(error).__name__}: {error}"
        return NotebookSource(path, digest(content), {}, problem)
    missing = sorted(set(parameters) - (known or set()))
    problem = f"the parameters cell does not set {', '.join(missing)}" if missing else ""
    if known is None:
        problem = "the notebook has no cell tagged parameters"
    return NotebookSource(path, key, titles, problem)


def page_context(
    edition: Edition,
    position: int,
    sources: Sequence[NotebookSource],
    known: Iterable[Edition],
    data_version: str,
) -> dict[str, Any]:
    """The place of a page among the others, as plain values for `page.PageContext`."""
    stem = sources[position].path.stem
    same = {
        other.language: other
        for other in known
        if (other.city, other.year, other.peers) == (edition.city, edition.year, edition.peers)
    }
    others = [other for language, other in sorted(same.items()) if language != edition.language]
    return {
        "edition": edition.key,
        "language": edition.language,
        "stem": stem,
        "pages": [[f"{one.path.stem}.html", one.title(edition.language)] for one in sources],
        "position": position + 1,
        "other_language": f"../{others[0].key}/{stem}.html" if others else None,
        "index": "../index.html",
        "data_version": data_version,
        "notebook": f"notebooks/{stem}.ipynb",
    }


def plan(
    editions: Sequence[Edition], notebooks: Sequence[Path], inputs: Inputs, known: Iterable[Edition] = ()
) -> tuple[Run, ...]:
    """Every run of these editions and notebooks, by edition and then by notebook, with its key in parts.

    Args:
        editions: The editions to run.
        notebooks: All notebooks of an edition, in the order of its pages.
        inputs: The common inputs.
        known: Further editions that have pages, so that a page can link to its other language.
    """
    everything = [*known, *editions]
    names = editions[0].parameters if editions else {}
    sources = [read_notebook(path, names) for path in notebooks]
    runs = []
    for edition in editions:
        for position, source in enumerate(sources):
            context = page_context(edition, position, sources, everything, inputs.data_version)
            parts = {
                **inputs.parts,
                "notebook": source.hash,
                "parameters": hash_json(dict(edition.parameters)),
                "links": hash_json(context),
            }
            runs.append(Run(source.path, edition, parts, context, source.problem))
    return tuple(runs)


def why_stale(run: Run, entry: Entry | None, reports: Path) -> str:
    """Why a run must be done again, in words; "" when its published page is fresh."""
    if entry is None or not entry.key:
        return "never published"
    if entry.key != run.key:
        names = [
            name
            for name in sorted({*run.parts, *entry.parts})
            if run.parts.get(name) != entry.parts.get(name)
        ]
        return f"changed: {', '.join(names)}"
    if entry.failure is not None:
        return f"the last attempt failed: {entry.failure.reason}"
    for path, record in entry.files.items():
        try:
            size = (reports / path).stat().st_size
        except OSError:
            return f"{path} is missing"
        if size != record.size:
            return f"{path} was changed by hand"
    return ""
