"""Candidates made ready for a person: held against the panel, written as CSV and as a page to look at.

`accept` says yes where nothing speaks against a candidate, ? where a person must look, no where there is no
metric or the text says the same twice. A round over known reports can be ended and begun again at any time:
decisions of a person are never overwritten, and one report that fails harms no other.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import jinja2
import pandas as pd

from analysis import audit, tables
from analysis.catalog import Catalog, Source
from analysis.errors import InputError
from analysis.ingest import read
from analysis.ingest.candidates import candidates
from analysis.ingest.document import Document
from analysis.ingest.figures import STRUCTURE
from analysis.ingest.patterns import Patterns
from analysis.panel import FACT, Panel
from analysis.quantity import reading

SURE = 0.75  # confidence from which a candidate needs no second look
FAR, FEW = 10, 3  # times the median from which a figure is looked at, and figures that a median needs
PAUSE = 1.0  # seconds between two requests
COLUMNS = (
    *("accept", *tables.OBSERVATIONS, "kind", "unit", "confidence", "reason"),
    *("flags", "clash", "block", "start", "end"),
)
_PLACE = [name for name in FACT if name != "scope_as_reported"]


def source_row(document: Document, address: str, panel: Panel) -> dict[str, str]:
    """The row of sources.csv for a document; the row that is there where its address is known already.

    A page of a government is its own original; anything else, a local file too, is a copy.
    """
    note, sources = f"text sha256 {document.text_hash}", panel.catalog.sources
    known = next((one for one in sources.values() if address in (one.url, one.mirror_url)), None)
    if known:
        return vars(known) | {"note": "; ".join(filter(None, (known.note, note)))}
    words = STRUCTURE["kind"].match(document.title)
    kind = words.lastgroup if words and words.lastgroup else "other_report"
    stem = f"{document.region_code or '000000'}-{document.published[:4] or document.year}-{kind}"
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    official = (urlsplit(address).hostname or "").endswith(".gov.cn")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    source_id = next(name for name in names if name not in sources)
    cells = (
        *(source_id, document.title, document.issuer or "not named", document.region_code),
        *(str(document.year), document.published, today),
        *((address, "", kind, "official") if official else ("", address, kind, "mirror")),
        note,
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
        same |= (known.title, known.year) == (document.title, str(document.year))
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
    twice = _twice(found)
    said = zip(_audit(found, panel), _far(found, panel), twice, strict=True)
    found["flags"] = ["; ".join(filter(None, words)) for words in said]
    found["clash"] = _clashes(found, panel)
    doubtful = (found["confidence"] < SURE) | (found["flags"] != "") | (found["clash"] != "")
    found["accept"] = doubtful.map({True: "?", False: "yes"})
    found.loc[(found["metric_id"] == "") | twice.str.startswith("same"), "accept"] = "no"
    return found[list(COLUMNS)]


def tally(found: pd.DataFrame) -> dict[str, int]:
    """How many figures there are, and how many of them are sure, doubtful and left out."""
    decisions = {"sure": "yes", "doubtful": "?", "left_out": "no"}
    counts = {name: int((found["accept"] == sign).sum()) for name, sign in decisions.items()}
    return {"figures": len(found), **counts}


def _audit(found: pd.DataFrame, panel: Panel) -> list[str]:
    """What does not agree with the other figures of the document, or with other years and sources."""
    mine = found[found["metric_id"] != ""].drop_duplicates(_PLACE)
    numbers = {name: pd.to_numeric(mine[name]) for name in ("value", "resolution", "year")}
    mine = mine.assign(printed=mine["value"], derived=False, correction="", file="", line=0, **numbers)
    others = panel.facts()
    near = others["region_code"].isin(mine["region_code"]) & ~others["source_id"].isin(mine["source_id"])
    others = others[near].set_axis(range(len(found), len(found) + near.sum()))
    seen = audit.findings(pd.concat([mine[others.columns], others]), panel.identities, panel.catalog)
    failed = seen[seen["result"] == "fail"]
    said = dict(zip(failed["rows"].str[0], failed["sentence_en"], strict=True))
    return [said.get(row, "") for row in found.index]


def _far(found: pd.DataFrame, panel: Panel) -> pd.Series:
    """Figures that are ten times the median of their metric and scope."""
    known = panel.observations.groupby(["metric_id", "scope"])["value"].agg(["median", "size"])
    beside = found[["metric_id", "scope"]].join(known, on=["metric_id", "scope"])
    times = found["value"].astype(float) / beside["median"]
    words = times.map("{:.0f} times the median ".format) + beside["median"].map("{:g}".format)
    far = (beside["size"] >= FEW) & (beside["median"] > 0) & (times >= FAR)
    return (words + beside["size"].map(" of {:.0f} figures".format)).where(far, "")


def _twice(found: pd.DataFrame) -> pd.Series:
    """Facts that stand in the document before: with the same value, or with another one."""
    words = found["scope_as_reported"].where(found["scope"] == "other", "")
    lines = found.assign(scope_as_reported=words, line=found.index + 2)
    first = lines.groupby(FACT)[["line", "value"]].transform("first")
    place, same = "line " + first["line"].astype(str), first["value"] == found["value"]
    said = ("same fact as " + place).where(same, place + " has " + first["value"] + " for it")
    return said.where((first["line"] < lines["line"]) & (found["metric_id"] != ""), "")


def _clashes(found: pd.DataFrame, panel: Panel) -> list[str]:
    """What other sources say of the same fact, where their figure cannot be the same."""
    mine = found.assign(line=found.index, year=found["year"].astype(int))
    both = mine.merge(panel.facts().fillna({"resolution": 0}), on=_PLACE, suffixes=("", "_there"))
    said = dict.fromkeys(found.index, "")
    for row in both[both["source_id"] != both["source_id_there"]].to_dict("records"):
        here = reading(Decimal(row["value"]), row["qualifier"], Decimal(row["resolution"] or 0))
        step = Decimal(str(row["resolution_there"]))
        if not here.meets(reading(Decimal(row["printed"]), row["qualifier_there"], step)):
            said[row["line"]] += f"; the panel has {row['printed']} ({row['source_id_there']})"
    return [words.removeprefix("; ") for words in said.values()]


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
    lines = found.assign(line=found.index + 2).groupby("block")
    rows = {block: part.to_dict("records") for block, part in lines}
    templates = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(loader=templates, autoescape=True, undefined=jinja2.StrictUndefined)
    told = {"document": document, "source": source, "rows": rows, "counts": tally(found)}
    return environment.get_template("review.html.j2").render(told, metrics=catalog.metrics)


class Visit(NamedTuple):
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
    for source in sources:
        time.sleep(PAUSE)
        try:
            yield Visit(source.source_id, *_read(source, panel, patterns, folder, private))
        except Exception as error:  # one page that nobody foresaw must not end the round
            detail = str(getattr(error, "message", repr(error))).replace("\n", " ")[:500]
            yield Visit(source.source_id, "failed", detail)


def _read(source: Source, panel: Panel, patterns: Patterns, folder: Path, private: bool) -> tuple[str, str]:
    """The state and detail of a `Visit`."""
    year, cache = int(source.year), folder / ".pages"
    document, _ = read(source.link, panel.catalog, year=year, cache=cache, private=private)
    document = replace(document, region_code=document.region_code or source.region_code)
    target, state = folder / source.source_id, "read"
    had = (target / "candidates.csv").exists()
    if had and document.text_hash in (target / "source.csv").read_text(encoding="utf-8"):
        return "unchanged", "the candidates of the last visit stand"
    row = source_row(document, source.link, panel)
    found = judge(document, row, panel, patterns)
    if had:
        number = sum(1 for _ in folder.glob(f"{source.source_id}.before-*")) + 1
        target.rename(folder / f"{source.source_id}.before-{number}")
        state = "changed"
    write(document, row, found, panel.catalog, target)
    return state, "{figures} figures, {sure} sure, {doubtful} doubtful".format(**tally(found))


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
    found = candidates(document, panel.catalog, patterns).astype({"year": int})
    fact, rows = ["metric_id", "period", "scope"], []
    for _, known in stored.iterrows():
        same = (found[["year", *fact]] == known[["year", *fact]]).all(axis=1)
        equal = pd.to_numeric(found["value"]) == known["value"]
        states = {"confirmed": same & equal, "elsewhere": equal, "differs": same}
        state = next((name for name, some in states.items() if some.any()), "missing")
        cells = found[states.get(state, same)].head(3)[["locator", "value", *fact]].to_numpy()
        detail = "; ".join(" ".join(filter(None, row)) for row in cells)
        rows.append((*known[[*fact, "printed"]], state, detail))
    return pd.DataFrame(rows, columns=["metric", "period", "scope", "value", "state", "detail"])
