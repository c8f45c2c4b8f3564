"""What is stale and why: a run's key, in parts, against what is published.

A key is a SHA-256 over everything that shapes a page: notebook source, resolved parameters, the data its page
may see, the package's source, the narrative, the templates and the versions of the libraries that shape
output. The parts are kept apart so that a stale run can say which of them changed. It decides and starts
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.refresh.data_key import PANEL, Reads
from analysis.refresh.hashing import hash_json
from analysis.refresh.inputs import Inputs
from analysis.refresh.manifest import Entry, digest
from analysis.refresh.notebook_source import NotebookSource, read_notebook

if TYPE_CHECKING:
    from analysis.editions import Edition


HASHED_BYTES = 100_000_000
"""Up to this size of a site, published files are compared by content; beyond it, by size."""


@dataclass(frozen=True)
class Run:
    """One notebook of one edition.

    Attributes:
        notebook: Path of the notebook.
        edition: City-year with its peers and language.
        parts: Name of each part of the key -> its hash.
        context: The page's place among the others, for `page.PageContext`.
        reads: How much of the panel the page may see.
        problem: Why it cannot be run at all; empty when it can.
    """

    notebook: Path
    edition: Edition
    parts: Mapping[str, str]
    context: Mapping[str, Any]
    reads: Reads = PANEL
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


def page_context(
    edition: Edition,
    position: int,
    sources: Sequence[NotebookSource],
    known: Iterable[Edition],
    data_version: str,
) -> dict[str, Any]:
    """The place of a page among the others, as plain values for `page.PageContext`."""
    stem = sources[position].path.stem
    same = {other.language: other for other in known if other.subject == edition.subject}
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
                **inputs.parts(source.reads, edition.city),
                "notebook": source.hash,
                "parameters": hash_json(dict(edition.parameters)),
                "links": hash_json(context),
            }
            runs.append(Run(source.path, edition, parts, context, source.reads, source.problem))
    return tuple(runs)


def affordable(entries: Iterable[Entry]) -> bool:
    """Whether all published files can be hashed in well under a second, and not only measured."""
    return sum(record.size for entry in entries for record in entry.files.values()) <= HASHED_BYTES


def why_stale(run: Run, entry: Entry | None, reports: Path, hashed: bool = True) -> str:
    """Why a run must be done again, in words; "" when its published page is fresh.

    Args:
        run: The run with its key.
        entry: What is published of it, if anything is.
        reports: The published tree.
        hashed: Compare published files by content, not only by size.
    """
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
    return next((why for path in entry.files if (why := _damage(path, entry, reports, hashed))), "")


def _damage(path: str, entry: Entry, reports: Path, hashed: bool) -> str:
    """What is wrong with a published file, in words; "" where nothing is."""
    record = entry.files[path]
    try:
        same = (reports / path).stat().st_size == record.size
        if same and hashed:
            same = digest((reports / path).read_bytes()) == record.sha256
    except OSError:
        return f"{path} is missing"
    return "" if same else f"{path} was changed by hand"


def in_order(stale: Sequence[tuple[Run, str]], entries: Mapping[str, Entry]) -> list[tuple[Run, str]]:
    """The same runs by edition, in each those first that last took longest, so that jobs end together.

    In the first of several editions they come last: the hosts prepare what its pages share meanwhile.
    """
    place = {key: number for number, key in enumerate(dict.fromkeys(one.edition.key for one, _ in stale))}

    def order(pair: tuple[Run, str]) -> tuple[int, float]:
        entry, number = entries.get(pair[0].name), place[pair[0].edition.key]
        seconds = entry.seconds if entry else 0.0
        return number, seconds if number == 0 < len(place) - 1 else -seconds

    return sorted(stale, key=order)


def to_prepare(runs: Iterable[Run]) -> dict[str, list[Mapping[str, Any]]]:
    """Key of an edition -> its parameters and those of the edition whose runs come next."""
    editions: dict[str, Mapping[str, Any]] = {one.edition.key: one.edition.parameters for one in runs}
    order = list(editions.values())
    return {key: order[place : place + 2] for place, key in enumerate(editions)}
