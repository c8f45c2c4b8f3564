"""Goes round the known reports: fetches those whose figures the panel lacks, and verifies those it has.

A round can be ended and begun again at any time: what was read and has not changed since is left alone,
decisions of a person are never overwritten, and one report that fails harms no other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from analysis.catalog import Source
from analysis.errors import FazhiError, InputError
from analysis.ingest import extract, fetch, review
from analysis.ingest.candidates import candidates
from analysis.ingest.document import Document, structure
from analysis.ingest.patterns import Patterns
from analysis.panel import Panel

PAUSE = 1.0
"""Seconds between two requests to one host."""


@dataclass(frozen=True)
class Visit:
    """What became of one source: read, unchanged, changed (read anew, the old candidates kept) or failed."""

    source_id: str
    state: str
    detail: str


def missing(panel: Panel, region: str | None = None) -> list[Source]:
    """The known sources with an address and without figures in the panel; of all regions when None."""
    told = set(panel.observations["source_id"])
    sources = [one for one in panel.catalog.sources.values() if region in (None, one.region_code)]
    return [one for one in sources if one.link and one.source_id not in told]


def visit(
    sources: Iterable[Source], panel: Panel, patterns: Patterns, folder: Path, *, private: bool = False
) -> Iterator[Visit]:
    """Reads each source into a folder of its own below `folder`, and says what became of it."""
    asked: dict[str | None, float] = {}
    for source in sources:
        host = urlsplit(source.link).hostname
        time.sleep(max(0.0, asked.get(host, 0.0) + PAUSE - time.monotonic()))
        try:
            yield Visit(source.source_id, *_read(source, panel, patterns, folder, private))
        except FazhiError as error:
            yield Visit(source.source_id, "failed", error.message.replace("\n", " "))
        except Exception as error:  # one page that nobody foresaw must not end the round
            yield Visit(source.source_id, "failed", f"{type(error).__name__}: {error}"[:300])
        asked[host] = time.monotonic()


def _read(source: Source, panel: Panel, patterns: Patterns, folder: Path, private: bool) -> tuple[str, str]:
    """The state and detail of a `Visit`."""
    fetched = fetch.read(source.link, cache=folder / ".pages", private=private)
    extracted = extract.extract(fetched.content, fetched.charset)
    document = structure(extracted, panel.catalog, year=int(source.year))
    document = document if document.region_code else replace(document, region_code=source.region_code)
    target, state = folder / source.source_id, "read"
    if (target / "candidates.csv").exists():
        if document.text_hash in (target / "source.csv").read_text(encoding="utf-8"):
            return "unchanged", "the candidates of the last visit stand"
        number = sum(1 for _ in folder.glob(f"{source.source_id}.before-*")) + 1
        target.rename(folder / f"{source.source_id}.before-{number}")
        state = "changed"
    row = review.source_row(document, source.link, panel)
    found = review.judge(document, row, panel, patterns)
    review.write(document, row, found, panel.catalog, target)
    counts = found["accept"].value_counts()
    return state, f"{len(found)} figures, {counts.get('yes', 0)} sure, {counts.get('?', 0)} doubtful"


def verify(source_id: str, document: Document, panel: Panel, patterns: Patterns) -> pd.DataFrame:
    """Each fact that the panel has of a source, held against the document; `detail` is what is found.

    `confirmed`: it finds the same. `elsewhere`: the figure is there, with another metric, period or scope.
    `differs`: the fact is there, with another figure. `missing`: neither is.

    Raises:
        InputError: The panel has no fact of this source.
    """
    stored = panel.observations[panel.observations["source_id"] == source_id]
    if stored.empty:
        raise InputError("A source to verify must have facts in the panel", source_id, "see `fazhi sources`.")
    found = candidates(document, panel.catalog, patterns)
    fact = ["metric_id", "period", "scope"]
    rows = []
    for _, known in stored.iterrows():
        same = (found[fact] == known[fact]).all(axis=1) & (found["year"].astype(int) == known["year"])
        equal = pd.to_numeric(found["value"]) == known["value"]
        states = {"confirmed": same & equal, "elsewhere": equal, "differs": same}
        state = next((name for name, some in states.items() if some.any()), "missing")
        shown = found[states[state]].head(3) if state in ("elsewhere", "differs") else found.head(0)
        cells = shown[["locator", "value", *fact]].itertuples(index=False, name=None)
        detail = "; ".join(" ".join(filter(None, map(str, row))) for row in cells)
        rows.append((*known[[*fact, "printed"]], state, detail))
    return pd.DataFrame(rows, columns=["metric", "period", "scope", "value", "state", "detail"])
