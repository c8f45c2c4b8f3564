"""Fuzzes the reader of documents: python benchmarks/fuzz_reader.py --minutes 10.

Damaged text, HTML, PDF and Word files and made-up sentences go the whole way from bytes to candidates and
the review page. The only way to fail that is allowed is a `FazhiError`; a document that takes longer than
its limit is a hang. Hypothesis shrinks what fails.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import docx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis import panel as panels
from analysis.errors import FazhiError
from analysis.ingest import patterns, review
from analysis.ingest.document import structure
from analysis.ingest.extract import extract
from analysis.panel import Panel

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 20.0
"""Seconds from which one document is a hang; the parsers alone have their own limit."""
PIECES = (
    """
湛江市|全市|市本级|行政复议|申请|审结|新收|案件|其中|分别|同比增长|下降|占|由|精简为|逾|近|余|多|个百分点|一、|(一)
1.|一是|件|宗|万|亿|%|3.4万|一百二十三|百分之百|2020年|1月至11月|36+232|3-4名|〔2020〕12号|第10位
报告|。|,|;|:|《|》|(|)|\t|\n|<p>|</p>
<table>|<tr>|<td rowspan=9>|</td>|&#0;|\u202e|\ufeff|0000000000000000000000000000000000000000
=cmd|(cid:3)|\u3000|〇|①|Ⅳ|½|㈠
""".strip("\n")
    .replace("\n", "|")
    .split("|")
)


def seeds(report: str) -> list[bytes]:
    """Whole documents of each kind, to be damaged."""
    document = docx.Document()
    for line in report.splitlines():
        document.add_paragraph(line)
    word = io.BytesIO()
    document.save(word)
    page = f"<html><title>报告</title><body><div class='TRS_Editor'><p>{report}</p></div></body></html>"
    return [report.encode(), report.encode("gb18030"), page.encode(), word.getvalue(), _pdf(report)]


def _pdf(report: str) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.setFont("STSong-Light", 10)
    for at, line in enumerate(report.splitlines()):
        canvas.drawString(40, 800 - 14 * at, line[:50])
    canvas.save()
    return target.getvalue()


@dataclass
class Bench:
    """The way of one document, and what became of all of them."""

    panel: Panel
    known: patterns.Patterns
    end: float
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def read(self, content: bytes) -> None:
        """From bytes to the review page; raises what is no refusal, and TimeoutError for a hang."""
        if time.monotonic() > self.end:
            return
        start = time.monotonic()
        try:
            document = structure(extract(content), self.panel.catalog, year=2020)
            source = review.source_row(document, "file:fuzz", self.panel)
            found = review.judge(document, source, self.panel, self.known)
            review.page(document, source, found, self.panel.catalog)
            self.outcomes["read"] += 1
            self.outcomes["figures"] += len(found)
        except FazhiError as error:
            self.outcomes[error.rule[:60]] += 1
        took = time.monotonic() - start
        self.slowest = max(self.slowest, took)
        if took > LIMIT:
            raise TimeoutError(f"one document took {took:.1f} s")


def damaged(whole: list[bytes]) -> st.SearchStrategy[bytes]:
    """Documents with bytes cut out, changed, doubled and put in."""
    cuts = st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 0.2), st.binary(max_size=40)), min_size=1, max_size=6
    )

    def damage(content: bytes, changes: list[tuple[float, float, bytes]]) -> bytes:
        for place, share, fresh in changes:
            at, size = int(place * len(content)), int(share * share * len(content))
            content = content[:at] + fresh + content[at + size :]
        return content

    return st.builds(damage, st.sampled_from(whole), cuts)


def sentences() -> st.SearchStrategy[bytes]:
    """Texts of the genre's words and signs in any order, below a title that makes them reports."""
    piece = st.one_of(st.sampled_from(PIECES), st.integers(0, 10**9).map(str), st.text(max_size=6))
    words = st.lists(piece, min_size=20, max_size=400).map("".join)
    return words.map(
        lambda text: f"湛江市2020年法治政府建设情况报告\n全市行政复议,{text}".encode("utf-8", "ignore")
    )


def main() -> None:
    """Runs until the time is over and prints what became of the documents."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0)
    minutes = options.parse_args().minutes
    panel = panels.load(ROOT / "data")
    known = patterns.load(ROOT / "data" / "patterns.toml", panel.catalog)
    whole = seeds((ROOT / "notebooks" / "invented_report.txt").read_text(encoding="utf-8"))
    bench = Bench(panel, known, time.monotonic() + 60 * minutes)
    steady = settings(
        max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    start = time.monotonic()
    while time.monotonic() < bench.end:
        for kind in (damaged(whole), sentences()):
            steady(given(kind)(bench.read))()
    print(f"{time.monotonic() - start:.0f} s, slowest document {bench.slowest:.2f} s, no crash and no hang")
    for outcome, count in bench.outcomes.most_common():
        print(f"{count:7d}  {outcome}")


if __name__ == "__main__":
    main()
