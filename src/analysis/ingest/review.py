"""Candidates made ready for a person: held against the panel, written as CSV and as a page to look at.

`accept` says yes where nothing speaks against a candidate, ? where a person must look, no where there is no
metric or the text says the same twice. It never decides between two figures, and a report whose figures the
panel has already is refused.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Hashable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import pandas as pd

from analysis import audit, tables
from analysis.catalog import Catalog
from analysis.errors import InputError
from analysis.ingest.candidates import candidates
from analysis.ingest.document import Block, Document
from analysis.ingest.patterns import Patterns
from analysis.panel import FACT, Panel
from analysis.quantity import Interval, reading

SURE = 0.75
"""Confidence from which a candidate needs no second look."""
FAR = 10
"""Times the median of its metric and scope from which a figure is looked at."""
FEW = 3
"""Figures that a median needs."""
COLUMNS = (
    *("accept", *tables.OBSERVATIONS, "kind", "unit", "confidence", "reason"),
    *("flags", "clash", "block", "start", "end"),
)
_KINDS = {
    "annual_report": "法治政府|依法行政",
    "disclosure_report": "信息公开",
    "bulletin": "公报",
    "statistics": "统计",
}
_PLACE = [name for name in FACT if name != "scope_as_reported"]
_TEMPLATES = Path(__file__).parent / "templates"


def source_row(document: Document, address: str, panel: Panel) -> dict[str, str]:
    """The row of sources.csv for a document; the row that is there where its address is known already.

    A page of a government is its own original; anything else, a local file too, is a copy.
    """
    for known in panel.catalog.sources.values():
        if address in (known.url, known.mirror_url):
            row = {name: str(getattr(known, name)) for name in tables.SOURCES}
            return row | {"note": "; ".join(filter(None, (known.note, f"text sha256 {document.text_hash}")))}
    kind = next((kind for kind, words in _KINDS.items() if re.search(words, document.title)), "other_report")
    stem = f"{document.region_code or '000000'}-{document.published[:4] or document.year}-{kind}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, len(panel.catalog.sources) + 3)))
    source_id = next(name for name in names if name not in panel.catalog.sources)
    host = urlsplit(address).hostname or ""
    official = host.endswith((".gov.cn", "court.gov.cn"))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    cells = (
        *(source_id, document.title, document.issuer or "not named", document.region_code),
        *(str(document.year), document.published, today),
        *((address, "", kind, "official") if official else ("", address, kind, "mirror")),
        f"text sha256 {document.text_hash}",
    )
    return dict(zip(tables.SOURCES, cells, strict=True))


def refuse_known(document: Document, source: dict[str, str], panel: Panel) -> None:
    """Returns when the panel has no figures of this document yet.

    Raises:
        InputError: It has: a source with the same text, address or title.
    """
    counts = panel.observations["source_id"].value_counts()
    for known in panel.catalog.sources.values():
        same = document.text_hash in known.note or known.source_id == source["source_id"]
        same |= known.title == document.title and known.year == str(document.year)
        if same and known.source_id in counts:
            given = f"{known.source_id} ({known.title}) with {counts[known.source_id]} facts"
            fix = f"run `fazhi verify {known.source_id} FILE` to compare it, or add --again."
            raise InputError("A report that is in the panel already is not read again", given, fix)


def judge(document: Document, source: dict[str, str], panel: Panel, patterns: Patterns) -> pd.DataFrame:
    """The candidates of a document with `COLUMNS`: what audit and panel say of each, and a decision.

    Raises:
        InputError: It holds no figure.
    """
    found = candidates(document, panel.catalog, patterns).astype({"year": str, "value": str})
    if found.empty:
        raise InputError("A report must hold figures", document.title, "check that it is the whole text.")
    found["source_id"] = source["source_id"]
    if source["reliability"] == "mirror":
        found["status"] = found["status"].replace("A", "U")
    said = pd.DataFrame({"audit": _audit(found, panel), "far": _far(found, panel), "twice": _twice(found)})
    found["flags"] = ["; ".join(filter(None, row)) for row in said.itertuples(index=False, name=None)]
    found["clash"] = _clashes(found, panel)
    doubtful = (found["confidence"] < SURE) | (found["flags"] != "") | (found["clash"] != "")
    found["accept"] = doubtful.map({True: "?", False: "yes"})
    found.loc[(found["metric_id"] == "") | said["twice"].str.startswith("same"), "accept"] = "no"
    return found[list(COLUMNS)]


def _audit(found: pd.DataFrame, panel: Panel) -> list[str]:
    """What does not agree with the other figures of the document, or with other years and sources."""
    mine = found[found["metric_id"] != ""].drop_duplicates(_PLACE)
    numbers = {name: pd.to_numeric(mine[name]) for name in ("value", "resolution", "year")}
    mine = mine.assign(printed=mine["value"], derived=False, correction="", file="", line=0, **numbers)
    others = panel.facts()
    others = others[others["region_code"].isin(mine["region_code"])]
    others = others[~others["source_id"].isin(mine["source_id"])]
    others.index = pd.RangeIndex(len(found), len(found) + len(others))
    seen = audit.findings(pd.concat([mine[others.columns], others]), panel.identities, panel.catalog)
    failed = seen[seen["result"] == "fail"]
    said = dict(zip(failed["rows"].str[0], failed["sentence_en"], strict=True))
    return [said.get(row, "") for row in found.index]


def _far(found: pd.DataFrame, panel: Panel) -> list[str]:
    """Figures that are ten times the median of their metric and scope."""
    known = panel.observations.groupby(["metric_id", "scope"])["value"].agg(["median", "size"])
    beside = found[["metric_id", "scope", "value"]].join(known, on=["metric_id", "scope"])
    return [
        f"{float(value) / middle:.0f} times the median {middle:g} of {size:.0f} figures"
        if size >= FEW and middle > 0 and float(value) >= FAR * middle
        else ""
        for value, middle, size in zip(beside["value"], beside["median"], beside["size"], strict=True)
    ]


def _twice(found: pd.DataFrame) -> list[str]:
    """Facts that stand in the document before: with the same value, or with another one."""
    seen: dict[tuple[str, ...], tuple[int, str]] = {}
    said = []
    for line, row in enumerate(found.to_dict("records"), start=2):
        fact = tuple(str(row[name]) for name in (FACT if row["scope"] == "other" else _PLACE))
        first, value = seen.setdefault(fact, (line, row["value"])) if row["metric_id"] else (line, "")
        words = f"same fact as line {first}" if value == row["value"] else f"line {first} has {value} for it"
        said.append("" if first == line else words)
    return said


def _clashes(found: pd.DataFrame, panel: Panel) -> list[str]:
    """What other sources say of the same fact, where their figure cannot be the same."""
    mine = found.assign(at=found.index, year=found["year"].astype(int))
    both = mine.merge(panel.facts(), on=_PLACE, suffixes=("", "_there"))
    both = both[both["source_id"] != both["source_id_there"]]
    said = dict.fromkeys(found.index, "")
    for row in both.to_dict("records"):
        here = _values(row["value"], row["qualifier"], row["resolution"])
        if not here.meets(_values(row["printed"], row["qualifier_there"], row["resolution_there"])):
            said[row["at"]] += f"the panel has {row['printed']} ({row['source_id_there']}); "
    return [words.removesuffix("; ") for words in said.values()]


def _values(printed: str, qualifier: str, resolution: Any) -> Interval:
    """All values that a figure can stand for; a resolution is text in candidates, a float in the panel."""
    step = "0" if resolution == "" or pd.isna(resolution) else str(resolution)
    return reading(Decimal(printed), qualifier, Decimal(step))


def write(
    document: Document, source: dict[str, str], found: pd.DataFrame, catalog: Catalog, folder: Path
) -> Path:
    """Writes candidates.csv, source.csv and review.html into a folder, the candidates last.

    Raises:
        InputError: The folder holds candidates, on which somebody may have decided already.
    """
    path = folder / "candidates.csv"
    if path.exists():
        fix = "name another --out, or move it away."
        raise InputError("Candidates are never overwritten", str(path), fix)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "review.html").write_text(page(document, source, found, catalog), encoding="utf-8")
    pd.DataFrame([source]).map(tables.inert).to_csv(folder / "source.csv", index=False, encoding="utf-8-sig")
    found.astype(str).map(tables.inert).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def page(document: Document, source: dict[str, str], found: pd.DataFrame, catalog: Catalog) -> str:
    """The document with each figure marked in its place: one HTML page, offline and without script."""
    lines = found.assign(line=range(2, len(found) + 2)).to_dict("records")
    rows = [[row for row in lines if row["block"] == at] for at in range(len(document.blocks))]
    pieces = map(_pieces, document.blocks, rows)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("review.html.j2").render(
        document=document,
        source=source,
        blocks=zip(document.blocks, pieces, rows, strict=True),
        counts=found["accept"].value_counts(),
        doubtful=[row["line"] for row in lines if row["accept"] == "?"],
        labels={name: metric.label_zh for name, metric in catalog.metrics.items()},
        total=len(found),
    )


def _pieces(
    block: Block, rows: list[dict[Hashable, Any]]
) -> Iterator[tuple[str, dict[Hashable, Any] | None]]:
    """The text of a block in pieces: plain ones, and figures with their candidate."""
    at = 0
    for row in sorted(rows, key=lambda row: int(row["start"])):
        start, end = int(row["start"]), int(row["end"])
        if start >= at:
            yield block.text[at:start], None
            yield block.text[start:end], row
            at = end
    yield block.text[at:], None
