"""What is stale and why: a run's key, in parts, against what is published.

A key is a SHA-256 over everything that shapes a page: notebook source, resolved parameters, links to other
pages, and what all runs share (`keys`). The parts are kept apart so that a stale run can say which of them
changed. It decides and starts nothing; a notebook that cannot be run is a problem in words, which becomes one
row of the recap.
"""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from analysis.editions import Edition
from analysis.refresh.keys import Inputs, digest, hash_json
from analysis.refresh.publish import Entry

State = Literal["fresh", "stale", "failed", "rendered", "removed", "orphan"]
HASHED_BYTES = 100_000_000
"""Up to this size of a site, published files are compared by content; beyond it, by size."""


@dataclass(frozen=True)
class NotebookSource:
    """What a plan needs of a notebook file.

    The hash of its cells (sources and tags, not outputs), short titles by language, whether its page reads
    nothing but its city, and why it cannot be run ("" when it can).
    """

    path: Path
    hash: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    city_only: bool = False
    problem: str = ""

    def title(self, language: str) -> str:
        """The short title in a language, else one made of the file's name."""
        made = self.path.stem.lstrip("0123456789_").replace("_", " ").capitalize()
        return self.titles.get(language) or made


@dataclass(frozen=True)
class Run:
    """One notebook of one edition.

    Its `entry` has the key, but no files yet; `context` is its page's place (see `export.export`), `city` the
    region whose rows alone it is keyed on ("": all of data/).
    """

    entry: Entry
    source: NotebookSource
    context: Mapping[str, Any]
    city: str = ""


def plan(
    editions: Mapping[Edition, Mapping[str, Any]],
    notebooks: Sequence[Path],
    inputs: Inputs,
    known: Iterable[Edition] = (),
) -> list[Run]:
    """Every run of these editions and notebooks, by edition and then by notebook, with its key in parts.

    `known` are further editions that have pages, so that a page can link to its other language.
    """
    subjects = defaultdict(set)
    for edition in (*known, *editions):
        subjects[edition.subject].add(edition)
    sources = [read_notebook(path) for path in notebooks]
    runs = []
    for edition, about in editions.items():
        language = edition.language
        pages = [[f"{one.path.stem}.html", one.title(language)] for one in sources]
        other = next((one for one in subjects[edition.subject] if one.language != language), None)
        for position, source in enumerate(sources, start=1):
            stem = source.path.stem
            context: dict[str, Any] = {
                "edition": edition.key,
                "language": language,
                "stem": stem,
                "pages": pages,
                "position": position,
                "other_language": f"../{other.key}/{stem}.html" if other else None,
                "index": "../index.html",
                "data_version": inputs.data_version,
                "notebook": f"notebooks/{stem}.ipynb",
            }
            city = edition.city if source.city_only else ""
            parts = {"parameters": hash_json(edition.parameters), "links": hash_json(context)}
            parts |= {"notebook": source.hash, **inputs.parts(city)}
            entry = Entry(edition.key, stem, edition.parameters, hash_json(parts), parts, about=about)
            runs.append(Run(entry, source, context, city))
    return runs


def read_notebook(path: Path) -> NotebookSource:
    """What a plan needs of a notebook; never raises."""
    try:
        raw = json.loads(path.read_bytes())
        cells, ours = raw["cells"], raw.get("metadata", {}).get("fazhi", {})
        key = hash_json([[cell["cell_type"], _source(cell), _tags(cell)] for cell in cells])
        titles, known = dict(ours.get("title", {})), parameter_names(cells)
    except OSError as error:
        return NotebookSource(path, problem=f"the notebook cannot be read: {error.strerror}")
    except SyntaxError as error:
        return NotebookSource(path, problem=f"the parameters cell is not Python: {error.msg}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return NotebookSource(path, problem=f"the file is not a notebook: {type(error).__name__}: {error}")
    missing = sorted({one.name for one in fields(Edition)} - (known or set()))
    problem = f"the parameters cell does not set {', '.join(missing)}" if missing else ""
    if known is None:
        problem = "the notebook has no cell tagged parameters"
    return NotebookSource(path, key, titles, ours.get("reads") == "city", problem)


def parameter_names(cells: Iterable[Mapping[str, Any]]) -> set[str] | None:
    """The names that the cell tagged `parameters` assigns, or None where there is no such cell."""
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" in _tags(cell):
            names = [node for node in ast.walk(ast.parse(_source(cell))) if isinstance(node, ast.Name)]
            return {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return None


def standings(
    runs: Iterable[Run], entries: Mapping[str, Entry], reports: Path
) -> Iterator[tuple[Run, State, str]]:
    """Each run, how its page stands, and why: first run, changed (what), missing, failed."""
    size = sum(record["size"] for entry in entries.values() for record in entry.files.values())
    for run in runs:
        yield run, *_standing(run, entries.get(run.entry.name), reports, size <= HASHED_BYTES)


def _standing(run: Run, entry: Entry | None, reports: Path, hashed: bool) -> tuple[State, str]:
    new, failure = run.entry, entry.failure if entry else None
    if run.source.problem:
        return "failed", run.source.problem
    if failure and failure["key"] == new.key:
        return "failed", f"the last attempt failed: {failure['reason']}"
    if entry is None or not entry.files:
        return "stale", "first run"
    if entry.key != new.key:
        names = sorted({*new.parts, *entry.parts})
        changed = [name for name in names if new.parts.get(name) != entry.parts.get(name)]
        return "stale", f"changed: {', '.join(changed)}"
    if failure:
        return "stale", f"the last attempt failed: {failure['reason']}"
    damages = (_damage(reports, path, record, hashed) for path, record in entry.files.items())
    damage = next(filter(None, damages), "")
    return ("stale", damage) if damage else ("fresh", "")


def _damage(reports: Path, name: str, record: Mapping[str, Any], hashed: bool) -> str:
    """What is wrong with a published file, in words; "" where nothing is."""
    path = reports / name
    try:
        same = path.stat().st_size == record["size"]
        same = same and (not hashed or digest(path.read_bytes()) == record["sha256"])
    except OSError:
        return f"missing: {name}"
    return "" if same else f"changed by hand: {name}"


def _source(cell: Mapping[str, Any]) -> str:
    """The source of a raw cell, which a file may hold as a text or as a list of lines."""
    return "".join(cell["source"])


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return sorted(cell.get("metadata", {}).get("tags", []))
