"""The reader: from a city's document to candidates for `data/`, which a person reviews and accepts."""

from __future__ import annotations

from pathlib import Path

from analysis.catalog import Catalog
from analysis.ingest import extract, fetch
from analysis.ingest.document import Document, structure


def read(
    place: str, catalog: Catalog, *, city: str = "", year: int = 0, cache: Path | None = None,
    private: bool = False,
) -> tuple[Document, str]:  # fmt: skip
    """The document at a place, and its address or `file:NAME`, never a path.

    Raises:
        FazhiError: The document cannot be had or is refused; the message says why.
    """
    content = fetch.read(place, cache=cache, private=private)
    document = structure(extract.extract(content), catalog, city=city, year=year)
    return document, place if "://" in place else f"file:{Path(place).name}"
