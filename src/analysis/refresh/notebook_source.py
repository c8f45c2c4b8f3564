"""What a plan needs of a notebook file: the hash of its cells, its titles, what it reads, whether it can run.

It reads the file as JSON, without the notebooks' machinery, and never raises: a file that cannot be run is a
problem in words, which becomes one row of the recap.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.refresh.data_key import PANEL, Reads
from analysis.refresh.hashing import hash_json
from analysis.refresh.manifest import digest


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
        reads: How much of the panel its page may see, from the notebook's metadata; all when it does not say.
        problem: Why it cannot be run; empty when it can.
    """

    path: Path
    hash: str
    titles: Mapping[str, str]
    reads: Reads = PANEL
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
        return NotebookSource(path, "", {}, problem=f"the notebook cannot be read: {error.strerror}")
    try:
        raw = json.loads(content)
        cells = raw["cells"]
        key = hash_json([[cell["cell_type"], _source(cell), _tags(cell)] for cell in cells])
        ours = raw.get("metadata", {}).get("fazhi", {})
        titles = dict(ours.get("title", {}))
        reads: Reads = "city" if ours.get("reads") == "city" else PANEL
        known = _parameter_names(cells)
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
    return NotebookSource(path, key, titles, reads, problem)
