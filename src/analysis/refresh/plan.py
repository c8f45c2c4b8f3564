"""What is stale and why: a run's key, in parts, against what is published.

A key is a SHA-256 over everything that shapes a page: notebook source, resolved parameters, links to other
pages, and what all runs share (`keys`). The parts are kept apart so that a stale run can say which of them
changed. It decides and starts nothing; a notebook that cannot be run is a problem in words, which becomes one
row of the recap.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.refresh.keys import Inputs, digest, hash_json
from analysis.refresh.manifest import Entry

if TYPE_CHECKING:
    from analysis.editions import Edition


HASHED_BYTES = 100_000_000
"""Up to this size of a site, published files are compared by content; beyond it, by size."""


@dataclass(frozen=True)
class NotebookSource:
    """What a plan needs of a notebook file.

    The hash of its cells (sources and tags, not outputs), short titles by language, whether its page reads
    nothing but its city, and why it cannot be run ("" when it can).
    """

    path: Path
    hash: str
    titles: Mapping[str, str]
    city_only: bool = False
    problem: str = ""

    def title(self, language: str) -> str:
        """The short title in a language, else one made of the file's name."""
        made = self.path.stem.lstrip("0123456789_").replace("_", " ").capitalize()
        return self.titles.get(language) or made


@dataclass(frozen=True)
class Run:
    """One notebook of one edition.

    The parts of its key, its page's place (`export.export`), and the rest as in `NotebookSource`.
    """

    notebook: Path
    edition: Edition
    parts: Mapping[str, str]
    context: Mapping[str, Any]
    city_only: bool = False
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


def plan(
    editions: Sequence[Edition], notebooks: Sequence[Path], inputs: Inputs, known: Iterable[Edition] = ()
) -> tuple[Run, ...]:
    """Every run of these editions and notebooks, by edition and then by notebook, with its key in parts.

    `known` are further editions that have pages, so that a page can link to its other language.
    """
    others: dict[tuple[str, int, str], dict[str, Edition]] = {}
    for one in (*known, *editions):
        others.setdefault(one.subject, {})[one.language] = one
    names = editions[0].parameters if editions else {}
    sources = [read_notebook(path, names) for path in notebooks]
    runs = []
    for edition in editions:
        for position, source in enumerate(sources):
            context = page_context(edition, position, sources, others[edition.subject], inputs.data_version)
            parts = {
                **inputs.parts(edition.city if source.city_only else ""),
                "notebook": source.hash,
                "parameters": hash_json(dict(edition.parameters)),
                "links": hash_json(context),
            }
            runs.append(Run(source.path, edition, parts, context, source.city_only, source.problem))
    return tuple(runs)


def page_context(
    edition: Edition,
    position: int,
    sources: Sequence[NotebookSource],
    languages: Mapping[str, Edition],
    data_version: str,
) -> dict[str, Any]:
    """The place of a page among the others, as plain values for `export.export`."""
    stem = sources[position].path.stem
    other = next((one for language, one in sorted(languages.items()) if language != edition.language), None)
    return {
        "edition": edition.key,
        "language": edition.language,
        "stem": stem,
        "pages": [[f"{one.path.stem}.html", one.title(edition.language)] for one in sources],
        "position": position + 1,
        "other_language": f"../{other.key}/{stem}.html" if other else None,
        "index": "../index.html",
        "data_version": data_version,
        "notebook": f"notebooks/{stem}.ipynb",
    }


def read_notebook(path: Path, parameters: Iterable[str]) -> NotebookSource:
    """What a plan needs of a notebook that must take these parameters; never raises."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return NotebookSource(path, "", {}, problem=f"the notebook cannot be read: {error.strerror}")
    try:
        raw = json.loads(content)
        cells = raw["cells"]
        key = hash_json([[cell["cell_type"], _source(cell), _tags(cell)] for cell in cells])
        ours = raw.get("metadata", {}).get("fazhi", {})
        titles, city_only = dict(ours.get("title", {})), ours.get("reads") == "city"
        known = parameter_names(cells)
    except SyntaxError as error:
        problem = f"the parameters cell is not Python: {error.msg}"
        return NotebookSource(path, digest(content), {}, problem=problem)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"the file is not a notebook: {type(error).__name__}: {error}"
        return NotebookSource(path, digest(content), {}, problem=problem)
    missing = sorted(set(parameters) - (known or set()))
    problem = f"the parameters cell does not set {', '.join(missing)}" if missing else ""
    if known is None:
        problem = "the notebook has no cell tagged parameters"
    return NotebookSource(path, key, titles, city_only, problem)


def parameter_names(cells: Sequence[Mapping[str, Any]]) -> set[str] | None:
    """The names that the cell tagged `parameters` assigns, or None where there is no such cell."""
    tagged = [cell for cell in cells if cell["cell_type"] == "code" and "parameters" in _tags(cell)]
    if not tagged:
        return None
    names = set()
    for one in ast.parse(_source(tagged[0])).body:
        targets = (
            one.targets
            if isinstance(one, ast.Assign)
            else [one.target]
            if isinstance(one, ast.AnnAssign)
            else []
        )
        for target in targets:
            names |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
    return names


def affordable(entries: Iterable[Entry]) -> bool:
    """Whether all published files can be hashed in well under a second, and not only measured."""
    return sum(record.size for entry in entries for record in entry.files.values()) <= HASHED_BYTES


def why_stale(run: Run, entry: Entry | None, reports: Path, hashed: bool = True) -> str:
    """Why a run must be done again: first run, changed (what), missing, failed; "" when its page is fresh.

    With `hashed`, published files are compared by content, not only by size.
    """
    if entry is None or not entry.key:
        return "first run"
    if entry.key != run.key:
        names = sorted({*run.parts, *entry.parts})
        return f"changed: {', '.join(name for name in names if run.parts.get(name) != entry.parts.get(name))}"
    if entry.failure is not None:
        return f"the last attempt failed: {entry.failure.reason}"
    return next((why for path in entry.files if (why := _damage(path, entry, reports, hashed))), "")


def _damage(path: str, entry: Entry, reports: Path, hashed: bool) -> str:
    """What is wrong with a published file, in words; "" where nothing is."""
    record = entry.files[path]
    try:
        same = (reports / path).stat().st_size == record.size
        if same and hashed:
            same = digest((reports / path).read_bytes()) == record.sha256
    except OSError:
        return f"missing: {path}"
    return "" if same else f"changed by hand: {path}"


def in_order(stale: Sequence[tuple[Run, str]], entries: Mapping[str, Entry]) -> list[tuple[Run, str]]:
    """The same runs by edition, in each those first that last took longest, so that jobs end together."""
    place = {key: number for number, key in enumerate(dict.fromkeys(one.edition.key for one, _ in stale))}

    def order(pair: tuple[Run, str]) -> tuple[int, float]:
        entry = entries.get(pair[0].name)
        return place[pair[0].edition.key], -(entry.seconds if entry else 0.0)

    return sorted(stale, key=order)


def _source(cell: Mapping[str, Any]) -> str:
    """The source of a raw cell, which a file may hold as a text or as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: Mapping[str, Any]) -> list[str]:
    """The tags of a raw cell, sorted."""
    return sorted(cell.get("metadata", {}).get("tags", []))
