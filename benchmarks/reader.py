"""Prints what the reader finds, against cn2an and recognizers-text on the same texts, and how fast it is.

    python benchmarks/reader.py [--reports 100]

The texts are the invented reports of tests/ingest/reports with their gold tables. A figure counts as
found when its value is; the two libraries find numbers of any kind, dates and ordinals too, which is the
point. It writes no file.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path

import cn2an
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "ingest"))

from invented import NAMES, cut, document, gold, matched  # noqa: E402

from analysis import catalog as catalogs  # noqa: E402
from analysis.ingest.candidates import candidates  # noqa: E402
from analysis.ingest.document import Document  # noqa: E402
from analysis.ingest.patterns import load  # noqa: E402

CATALOG = catalogs.load(ROOT / "data")
PATTERNS = load(ROOT / "data" / "patterns.toml", CATALOG)
_NUMERAL = re.compile(r"-?\d+(?:\.\d+)?[十百千万亿]*|[零一二两三四五六七八九十百千万亿]+")


def _text(given: Document) -> str:
    """The text of a report as the reader gets it."""
    return "\n".join(block.text for block in given.blocks)


def by_reader(given: Document) -> list[Decimal]:
    """The candidates of the reader, with metric, scope and period."""
    found = candidates(given, CATALOG, PATTERNS)
    units = zip(found["value"], found["unit"], found["metric_id"], found["kind"], strict=True)
    return [_printed(value, unit, metric) for value, unit, metric, kind in units if kind != "none"]


def by_cn2an(given: Document) -> list[Decimal]:
    """The numbers that cn2an's own sentence mode and its parser make of the numerals of a text."""
    found = []
    for numeral in _NUMERAL.findall(cn2an.transform(_text(given), "cn2an")):
        try:
            found.append(abs(Decimal(str(cn2an.cn2an(numeral, "smart")))))
        except (ValueError, KeyError):
            continue
    return found


def by_recognizers(given: Document) -> list[Decimal]:
    """The numbers that recognizers-text finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recognizers_number import Culture, NumberRecognizer

        model = NumberRecognizer(Culture.Chinese).get_number_model()
        found = [
            result.resolution["value"] for line in _text(given).splitlines() for result in model.parse(line)
        ]
    return [abs(Decimal(value)) for value in found if value]


def score(find: Callable[[Document], Iterable[Decimal]], name: str) -> dict[str, object]:
    """Precision, recall and F1 over all reports, and characters a second."""
    hits = found = wanted = characters = 0
    seconds = 0.0
    for report in NAMES:
        given = document(report)
        started = time.process_time()
        values = Counter(find(given))
        seconds += time.process_time() - started
        truth = Counter(
            _printed(row["value"], row["unit"], row["metric_id"])
            for row in gold(report)
            if row["kind"] != "none"
        )
        hits += sum((values & truth).values())
        found, wanted, characters = (
            found + values.total(),
            wanted + truth.total(),
            characters + len(_text(given)),
        )
    precision, recall = hits / found, hits / wanted
    return {
        "method": name, "found": found, "in gold": wanted, "precision": precision, "recall": recall,
        "F1": 2 * precision * recall / (precision + recall), "characters/s": round(characters / seconds),
    }  # fmt: skip


def _printed(value: str, unit: str, metric: str) -> Decimal:
    """A value as it is printed: money of a metric in yuan, without the sign of a change."""
    return abs(Decimal(value)) * (10_000 if unit == "元" and metric else 1)


def quality() -> pd.DataFrame:
    """How many figures of each invented report are found, and right in metric, scope, year and period."""
    rows = []
    for name in NAMES:
        found = candidates(document(name), CATALOG, PATTERNS).astype(str).to_dict("records")
        wanted = gold(name)
        row: dict[str, object] = {"report": name, "found": len(found), "gold": len(wanted)}
        given = ["value", "qualifier", "unit"]
        for label, *more in (
            ("value",),
            ("metric", "metric_id"),
            ("scope", "scope"),
            ("period", "year", "period"),
        ):
            given += more
            row[f"and {label}"] = matched(found, wanted, tuple(given))
        rows.append(row)
    return pd.DataFrame(rows)


def growth(copies: Iterable[int]) -> pd.DataFrame:
    """How long whole documents take, one process, as they grow; the last one is a single paragraph."""
    base = _text(document("city"))
    rows = []
    for count, joint in [*((count, "\n") for count in copies), (max(copies), "")]:
        given = cut(
            "报告\n" + joint.join([base if joint else base.replace("\n", "")] * count), "449900", 2022
        )
        size = sum(len(block.text.encode()) for block in given.blocks)
        started = time.process_time()
        found = len(candidates(given, CATALOG, PATTERNS))
        seconds = time.process_time() - started
        rows.append({"copies": count, "one paragraph": not joint, "MB": size / 1e6, "figures": found,
                     "seconds": seconds, "MB/s": size / 1e6 / seconds})  # fmt: skip
    return pd.DataFrame(rows)


def _count(given: Document) -> int:
    return len(candidates(given, CATALOG, PATTERNS))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100)
    given = parser.parse_args()
    pd.set_option("display.width", 160)
    methods = {"reader": by_reader, "cn2an": by_cn2an, "recognizers-text": by_recognizers}
    print(pd.DataFrame([score(find, name) for name, find in methods.items()]).round(3).to_string(index=False))
    print(quality().to_string(index=False))
    print(growth((10, 20, 40, 80)).round(2).to_string(index=False))
    batch = [document(NAMES[at % len(NAMES)]) for at in range(given.reports)]
    started = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        total = sum(pool.map(_count, batch, chunksize=10))
    print(
        f"{given.reports} reports on two processes: {total} figures in {time.perf_counter() - started:.2f} s"
    )


if __name__ == "__main__":
    main()
