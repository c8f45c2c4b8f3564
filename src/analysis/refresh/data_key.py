"""The data part of a run's key: all of data/, or what a page that sees one city can see of it.

A notebook says in its metadata what its page reads: `city` or `panel`. The panel of a `city` page is narrowed
to the rows of its city (`report.open_page`), so its key covers those rows, their sources and corrections, and
every other table whole. Anything else, a missing word, and data that cannot be told apart row by row all
mean the whole panel: a page rendered once too often is better than one that fell behind unseen.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analysis.refresh.hashing import hash_files, hash_json, input_files

Reads = Literal["city", "panel"]
PANEL: Reads = "panel"
UNREAD = ("adopted.csv",)
"""Files of data/ that no page reads: what `fazhi adopt` remembers."""
OBSERVATIONS = "observations/"
BY_REGION = ("sources.csv", "corrections.csv")
Row = Mapping[str, str]


@dataclass(frozen=True)
class DataKey:
    """The hashes of a data folder.

    Attributes:
        panel: Of every file.
        common: Of the files that every page sees whole.
        regions: Region code -> hash of what only its pages see; None where rows cannot be told apart.
    """

    panel: str
    common: str = ""
    regions: Mapping[str, str] | None = None

    def part(self, reads: Reads, city: str) -> str:
        """The hash of the data that a page on a city may see."""
        if reads == PANEL or self.regions is None:
            return self.panel
        return hash_json([reads, self.common, self.regions.get(city, "")])


def read(folder: Path) -> DataKey:
    """The hashes of a data folder; never raises for what stands in its files."""
    files = [path for path in input_files(folder) if path.name not in UNREAD]
    panel = hash_files(folder, files)
    split = [path for path in files if _is_split(path.relative_to(folder).as_posix())]
    try:
        regions = _regions(folder, split)
    except (ValueError, KeyError, csv.Error):
        return DataKey(panel)
    return DataKey(panel, hash_files(folder, set(files) - set(split)), regions)


def _is_split(name: str) -> bool:
    """Whether a file's rows belong to regions one by one."""
    return name in BY_REGION or (name.startswith(OBSERVATIONS) and name.endswith(".csv"))


def _regions(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """Region code -> hash of its observations, the sources they cite and its own, and its corrections.

    Raises:
        ValueError, KeyError, csv.Error: A file is not a table with the columns this needs.
    """
    rows: dict[str, list[list[str]]] = defaultdict(list)
    cited: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, list[str]] = {}
    for path in sorted(files):
        name = path.relative_to(folder).as_posix()
        for row in _rows(path):
            region, source = row["region_code"], row["source_id"]
            cited[region].add(source)
            if name == "sources.csv":
                sources[source] = [*sources.get(source, []), *_cells(name, row)]
            else:
                rows[region].append(_cells(name, row))
    return {
        region: hash_json([rows[region], [sources.get(one, one) for one in sorted(cited[region])]])
        for region in cited
    }


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a table by column.

    Raises:
        ValueError, csv.Error: It is no table in UTF-8, or a row is not as wide as the head.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        head = next(reader, [])
        for cells in reader:
            yield dict(zip(head, cells, strict=True))


def _cells(name: str, row: Row) -> list[str]:
    """A row as plain values, with its file and the names of its columns."""
    return [name, *row.keys(), *row.values()]
