"""From a document to candidates: every figure with the metric, period, scope and qualifier the text gives it.

A figure without a metric stays in the list with an empty `metric_id` and the reason. Nothing is added up and
nothing filled in: two figures in one clause are two candidates, and only the text may name their sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import pandas as pd

from analysis import tables
from analysis.catalog import Catalog
from analysis.ingest import context, forms
from analysis.ingest.document import Block, Document
from analysis.ingest.figures import Figure, figures
from analysis.ingest.mapping import Found, assign
from analysis.ingest.numerals import narrow
from analysis.ingest.patterns import Clue, Hit, Patterns

COLUMNS = (*tables.OBSERVATIONS, "kind", "unit", "confidence", "reason", "start", "end", "block")
WINDOW = 64
"""How far to the left a figure's own words may begin."""
SENTENCE = 400
"""How far back a sentence is looked at; longer ones are no sentences."""
_STOP = re.compile(r"[,。;:!?\n]|\((?:不?含|其中|包括)")
_SENTENCE = re.compile("[。!?\n]")
_NAMED = re.compile(r"(?:^|[,。;:、\s]|其中)([\u4e00-\u9fff]{1,8}?[县区市州盟旗])[^,。;:、\d]{0,16}$")
_GROUP = re.compile("[省市州区县乡镇]+级?(?:政府|部门)?|部门|单位|城市|县\\(市、区\\)")
_CHANGED, _SHARED = re.compile("同比|增[长幅减]"), re.compile("占|比例|比重")
_ASIDE = re.compile(r"\((?:不?含|其中|包括|不包括|包含)[^()]*\)")
_PLACE = re.compile(
    r"(?:^|[,。;:、\s]|其中)((?![全我本各该市县区省其])[\u4e00-\u9fff]{1,4}(?:自治[县州旗]|(?<![全我本各])[县区市州盟旗]))"
    "(?=(?:败诉|受理|新收|收到|审结|办结)?(?:共|有|为)?$)"
)
_PAREN = re.compile(r"\([^()]{0,12}\)")
_LIST = re.compile("(?:[、,和及与]|以及)*")
_VERB = re.compile("^.{0,6}?(?:新收|收到|接收|受理|立案|审结|办结|结案|收案|调解)")
_MONEY = {("元", "万元"): 10_000, ("元", "亿元"): 100_000_000}
_PROVISIONAL = re.compile("拟|预计|初步统计|快报")
_PATTERN_KIND = {"rank": "rank", "duration": "duration"}


class _Reader:
    """Reads one document; holds what all its blocks share."""

    def __init__(self, document: Document, catalog: Catalog, patterns: Patterns) -> None:
        self.document, self.catalog, self.patterns = document, catalog, patterns
        times = context.moments(narrow(document.title), document.year)
        self.default = next((time for time in times if time.period != "full"), None)
        self.title = patterns.topics_of(document.title)
        self.county = document.region_code[4:] not in ("", "00")
        below = [region for region in catalog.regions.values() if region.parent_code == document.region_code]
        self.regions = {
            name: region.region_code for region in below for name in (region.stem_zh, region.name_zh)
        }

    def rows(self) -> Iterator[dict[str, object]]:
        """The candidates of all blocks."""
        cells, taken = forms.read(self.document.blocks, self.patterns)
        row: tuple[int, list[Found]] = (0, [])
        for number, block in enumerate(self.document.blocks):
            if number in taken:
                for cell in cells.get(number, ()):
                    row = row if row[0] == cell.row else (cell.row, [])
                    row[1].append(self._cell(cell, block, row[1]))
                    yield self._row(row[1][-1], block, number)
            else:
                for found in self._paragraph(block):
                    if found.kind != "none" or found.metric_id:
                        yield self._row(found, block, number)

    def _paragraph(self, block: Block) -> Iterator[Found]:
        """The figures of one paragraph, each with its context."""
        text = narrow(block.text)
        printed = figures(text)
        times = context.moments(text, self.document.year) if printed else []
        spoken = _ASIDE.sub(lambda aside: " " * len(aside[0]), text)
        hits = self.patterns.topic_hits(spoken) if printed else []
        topics = _Topics(self.title, self.patterns.topics_of("\n".join(block.headings)), hits)
        done: list[Found] = []
        start = last = 0
        for at, figure in enumerate(printed):
            before = printed[at - 1] if at else None
            for mark in _SENTENCE.finditer(text, before.end if before else 0, figure.start):
                start = mark.end()
            if before and before.form != "duration":
                last = before.end
            sentence = max(start, figure.start - SENTENCE)
            begin = max(sentence, last, text.rfind(";", last, figure.start) + 1, figure.start - WINDOW)
            left = text[begin : figure.end if figure.form == "none" else figure.start]
            end = _right_end(text, printed, at)
            right = text[figure.end : end].lstrip("+0123456789")
            earlier = _same_sentence(done, start)
            whose = max(sentence, text.rfind(";", sentence, figure.start) + 1)
            against = bool(earlier and earlier[-1].time and earlier[-1].time.base)
            kind, sign = context.kind(figure, left, right, text[whose : figure.start], against)
            words, like, time = _distributed(text, printed, at, left, kind, earlier, sentence)
            kind, sign = (like.kind, like.sign) if like else (kind, sign)
            clue = topics.clue(figure, kind, _ASIDE.sub("", words), right, (sentence, begin, end))
            found = Found(figure, kind, sign, clue, start)
            found.own = left
            relative = kind == "change" or figure.unit in ("%", "‰", "倍")
            found.time = time or context.moment_of(figure, times, sentence, relative)
            found.scope = context.scope(text[whose : figure.start], left, self.county)
            elsewhere = _PLACE.search(left)
            named = _NAMED.search(left)
            if named and named[1] in self.regions:
                elsewhere = named
            counted = before if before and before.unit == "个" and before.end == begin else None
            group = _GROUP.match(text, begin) if counted else None
            if counted and group and "," not in left and not found.scope[0]:
                found.scope, found.placed = ("other", text[counted.start : group.end()]), True
            elif elsewhere and elsewhere[1] not in self.document.title:
                found.region = self.regions.get(elsewhere[1], "")
                found.scope = ("whole" if found.region else "other", elsewhere[1])
                found.placed = True
            elif earlier and earlier[-1].placed and earlier[-1].figure.start > whose and not found.scope[0]:
                found.region, found.scope, found.placed = earlier[-1].region, earlier[-1].scope, True
            ahead = found.time is not None and found.time.year > self.document.year
            if ahead and context.AIM.search(text, whose, figure.start):
                found.kind, found.reason = "target", "a later year than the report's: an aim, no result"
            else:
                assign(found, earlier, self.patterns, self.catalog)
                self._same_owner(found, earlier)
            done.append(found)
            yield found

    def _same_owner(self, found: Found, earlier: Sequence[Found]) -> None:
        """A figure whose topic was only named before is of the office that was named before, too."""
        pattern = self.patterns.metrics.get(found.metric_id)
        before = next((other for other in reversed(earlier) if other.metric_id), None)
        if found.scope[0] or not before or not pattern or not pattern.topic or found.clue.reach == "near":
            return
        part = before.kind == "part" and found.kind != "part"
        if not part and before.metric_id.partition(".")[0] == found.metric_id.partition(".")[0]:
            found.scope = before.scope

    def _cell(self, cell: forms.Cell, block: Block, earlier: Sequence[Found]) -> Found:
        """A figure of a table, named by its row and column."""
        topics = _Topics(self.title, self.patterns.topics_of("\n".join(block.headings)), [])
        words = self.patterns.topics_of(f"{cell.caption} {cell.label}")
        percent = cell.figure.unit == "%"
        kind = "change" if percent and _CHANGED.search(cell.label) else "value" if cell.total else "part"
        left = cell.label
        if percent and kind == "value" and (earlier or _SHARED.search(cell.row_label)):
            kind, left = (
                "share",
                f"{left.replace(cell.row_label, '')}占" if _SHARED.search(cell.row_label) else "占",
            )
        clue = topics.clue(cell.figure, kind, left, "", (0, 0, 0), words)
        found = Found(cell.figure, kind, 1, clue, 0, "".join(cell.label.split())[-24:])
        found.region = self.regions.get(cell.row_label, "")
        found.scope = ("whole" if found.region else "", "")
        if cell.form:
            found.metric_id, found.confidence = cell.metric_id, 0.95 if cell.metric_id else 0.0
            found.reason = f"row {cell.label} of the statutory form"
        else:
            assign(found, earlier, self.patterns, self.catalog)
            if not found.metric_id and cell.caption and kind != "share":
                found.clue = replace(clue, left=f"{cell.caption} {cell.label}"[-WINDOW:])
                assign(found, earlier, self.patterns, self.catalog)
        return found

    def _row(self, found: Found, block: Block, number: int) -> dict[str, object]:
        """One candidate in the columns of observations, and what a reviewer needs."""
        figure, document = found.figure, self.document
        metric = self.catalog.metrics.get(found.metric_id)
        pattern = self.patterns.metrics.get(found.metric_id)
        factor = _MONEY.get((figure.unit, metric.unit), 1) if metric else 1
        time = found.time or self.default
        step = figure.step
        if step is None and found.kind == "change" and figure.unit == "%" and figure.value % 1 == 0:
            step = Decimal(1)
        step = step / factor if step and step >= factor else None
        if figure.low is not None:
            found.notes.append(
                f"reported as a range {figure.low}-{_plain(figure.value * 2 - figure.low)}; midpoint"
            )
        if metric and metric.unit == "%" and metric.measure == "rate" and figure.value > 100:
            found.notes.append("over 100 %: was a decimal point lost?")
        code, reported = self._scope(found, pattern.scope if pattern else "")
        wanted = pattern.period if pattern else ""
        if time and time.base and time.period == "full" and self.default:
            time = replace(time, period=self.default.period)
        place = (
            found.region or document.region_code,
            document.unit_name,
            time.year if time else document.year,
        )
        value = (
            context.period(time, metric.measure if metric else "", wanted),
            found.metric_id, _plain(figure.value * found.sign / factor), figure.qualifier,
            _plain(step) if step else "", code, reported,
        )  # fmt: skip
        status = "P" if _PROVISIONAL.search(found.clue.left) else "A"
        source = (status, "", block.locator, _evidence(found, block.text), "; ".join(found.notes))
        review = (
            found.kind,
            figure.unit,
            round(found.confidence, 2),
            found.reason,
            figure.start,
            figure.end,
            number,
        )
        return dict(zip(COLUMNS, (*place, *value, *source, *review), strict=True))

    def _scope(self, found: Found, usual: str) -> tuple[str, str]:
        """Whose figure it is: by the sentence, else as usual for the metric, else the document's."""
        code, reported = found.scope
        own = self.document.scope
        if own == "courts" and code not in ("own_level", "lower_level", "other"):
            return own, ""
        if own == "department" and code != "department":
            return own, ""
        if not code and usual:
            return usual, ""
        return code or self.document.scope, reported


class _Topics:
    """What a paragraph speaks of, figure by figure: the nearer a topic was named, the stronger it is."""

    def __init__(self, title: frozenset[str], headings: frozenset[str], hits: Sequence[Hit]) -> None:
        self.title, self.headings, self.hits, self.at = title, headings, hits, 0
        self.seen: dict[str, int] = {}
        self.last: list[Hit] = []

    def clue(
        self, figure: Figure, kind: str, left: str, right: str, span: tuple[int, int, int],
        words: frozenset[str] = frozenset(),
    ) -> Clue:  # fmt: skip
        """The clue of a figure whose sentence, own words and right side begin and end at `span`."""
        sentence, begin, end = span
        while self.at < len(self.hits) and self.hits[self.at][0] < figure.start:
            place, topics = self.hits[self.at]
            self.last = [hit for hit in self.last if hit[0] > place - 10] + [self.hits[self.at]]
            self.seen |= dict.fromkeys(topics, place)
            self.at += 1
        ahead = [hit for hit in self.hits[self.at : self.at + 8] if hit[0] < end]
        near = words.union(
            *(topics for _, topics in ahead), (topic for topic, place in self.seen.items() if place >= begin)
        )
        strength = dict.fromkeys(self.title, 1.0) | dict.fromkeys(self.headings, 1.5)
        for topic, place in self.seen.items():
            strength[topic] = max(strength.get(topic, 0.0), 2.0 if place >= sentence else 1.2)
        told = frozenset().union(*(topics for _, topics in self.last))
        current = near or told or self.headings or self.title
        reach = "near" if near else "text" if told else "far"
        strength |= dict.fromkeys(current, {"near": 3.0, "text": 2.5, "far": 1.5}[reach])
        unit = "" if kind in ("rank", "ratio", "none") else figure.unit
        asked = _PATTERN_KIND.get(kind, "value")
        return Clue(
            left, right, unit, asked, figure.place, strength, current, reach, self.title | self.headings
        )


def _same_sentence(done: Sequence[Found], start: int) -> list[Found]:
    """The last figures of the sentence that began at an offset; a few are enough to look back at."""
    return [found for found in done[-12:] if found.sentence == start]


def _right_end(text: str, printed: Sequence[Figure], at: int) -> int:
    """Where the words behind a figure end: at a mark, or before what belongs to the next figure."""
    pair = printed[at].place == 1
    start = printed[at + 1].end if pair else printed[at].end
    stop = _STOP.search(text, start, start + 32)
    end = stop.start() if stop else min(len(text), start + 32)
    follows = printed[at + 1 + pair].start if at + 1 + pair < len(printed) else end
    if follows < end:
        mark = text.find("、", start, follows)
        return mark if mark >= 0 else follows
    return end


def _distributed(
    text: str, printed: Sequence[Figure], at: int, left: str, kind: str,
    earlier: Sequence[Found], sentence: int,
) -> tuple[str, Found | None, context.Moment | None]:  # fmt: skip
    """The words, the fellow and the year of a figure in A、B分别为1件、2件; else its left side."""
    first = last = at
    while first > max(0, at - 8) and _LIST.fullmatch(text, printed[first - 1].end, printed[first].start):
        first -= 1
    while last + 1 < min(len(printed), at + 8) and _LIST.fullmatch(
        text, printed[last].end, printed[last + 1].start
    ):
        last += 1
    count, place = last - first + 1, at - first
    head = text[max(sentence, printed[first - 1].end if first else 0) : printed[first].start]
    names, word, tail = head.rpartition("分别")
    if count < 2 or not word:
        return left, None, None
    like = earlier[-place] if 0 < place <= len(earlier) else None
    if kind == "change" or (like and like.kind == "change"):
        return (head if place else left), like, None
    years = re.findall(r"(20\d\d)年", text[sentence : printed[first].start])
    if len(set(years)) == count:
        return (
            re.sub(r"20\d\d年[度、和与及]*", "", names) + tail,
            like,
            context.Moment(0, 0, int(years[place]), "full"),
        )
    labels = re.split("[、,]|和|及|与", re.split("[。;:]", names)[-1].strip("、,"))
    if len(labels) < count:
        return (head if place else left), like, None
    return (
        labels[-count:][place] + (_VERB.sub("", labels[-1]) if place + 1 < count else "") + tail,
        like,
        None,
    )


def _plain(value: Decimal) -> str:
    """Digits without an exponent and without zeros that were not printed."""
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _evidence(found: Found, text: str) -> str:
    """Label, figure and unit as printed, at most 30 characters."""
    printed = " ".join(text[found.figure.start : found.figure.end].split())[:30]
    if found.kind == "none":
        return printed
    before = narrow(text[max(0, found.figure.start - 40) : found.figure.start])
    before = found.own if len(found.own.strip("、,:和与及")) > 1 else before
    before = _PAREN.sub("", before).lstrip("、")
    label = next((part for part in reversed(re.split("[,。;:()\\s]", before)) if part), "")
    room = 30 - len(printed)
    shown = (label[-room:] if room else "") + printed
    return (shown + found.clue.right)[:30] if len(label) < 3 else shown


def candidates(document: Document, catalog: Catalog, patterns: Patterns) -> pd.DataFrame:
    """The figures of a document as candidates for `data/`, in the order of the text.

    Args:
        document: The document, its text normalised.
        catalog: Metrics and regions.
        patterns: How metrics are recognised.
    """
    return pd.DataFrame(list(_Reader(document, catalog, patterns).rows()), columns=list(COLUMNS))
