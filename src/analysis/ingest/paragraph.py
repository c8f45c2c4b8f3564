"""Reads a paragraph: its figures one by one, each with its words, kind, time, owner and metric.

A figure's own words are what stands between the figure before it and the next mark behind it. What they leave
open is taken from its sentence, and topics from as far as the title. It looks back at a few figures only, so
that a long paragraph takes no longer a figure than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis.catalog import Catalog
from analysis.ingest import context
from analysis.ingest.document import Block, Document
from analysis.ingest.figures import Figure, figures, narrow
from analysis.ingest.lexicon import CONTEXT, PARAGRAPH
from analysis.ingest.mapping import Found, assign
from analysis.ingest.patterns import Clue, Hit, Patterns

WINDOW = 64
"""How far to the left a figure's own words may begin."""
SENTENCE = 400
"""How far back a sentence is looked at; longer ones are no sentences."""
BACK = 12
"""How many figures of a sentence are looked back at, and listed in one row."""
_PATTERN_KIND = {"rank": "rank", "duration": "duration"}


@dataclass(frozen=True)
class Setting:
    """A document with the catalogue and the patterns; what all its paragraphs and tables share."""

    document: Document
    catalog: Catalog
    patterns: Patterns

    @cached_property
    def title(self) -> frozenset[str]:
        """The topics of the title."""
        return self.patterns.topics_of(self.document.title)

    @cached_property
    def regions(self) -> dict[str, str]:
        """The codes of the regions below the document's, by name."""
        code = self.document.region_code
        below = [region for region in self.catalog.regions.values() if region.parent_code == code]
        return {name: region.region_code for region in below for name in (region.stem_zh, region.name_zh)}

    @property
    def county(self) -> bool:
        """Whether the document is a county's, whose 区级 is its own level."""
        return self.document.region_code[4:] not in ("", "00")

    def topics(self, block: Block, hits: Sequence[Hit] = ()) -> Topics:
        """The topics of a block, before its first figure."""
        return Topics(self.title, self.patterns.topics_of("\n".join(block.headings)), hits)


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a figure's sentence, its half sentence and its own words begin, and where its own words end."""

    start: int
    sentence: int
    clause: int
    begin: int
    end: int


class Paragraph:
    """One paragraph; `found` gives its figures in their order."""

    def __init__(self, block: Block, setting: Setting) -> None:
        self.setting, self.text = setting, narrow(block.text)
        self.printed = figures(self.text)
        self.done: list[Found] = []
        if self.printed:
            spoken = PARAGRAPH["aside"].sub(lambda aside: " " * len(aside[0]), self.text)
            self.times = context.moments(self.text, setting.document.year)
            self.topics = setting.topics(block, setting.patterns.topic_hits(spoken))

    def found(self) -> Iterator[Found]:
        """The figures with all that the text says of them."""
        start = last = 0
        for at, figure in enumerate(self.printed):
            before = self.printed[at - 1] if at else None
            for mark in PARAGRAPH["sentence"].finditer(self.text, before.end if before else 0, figure.start):
                start = mark.end()
            if before and before.form != "duration":
                last = before.end
            sentence = max(start, figure.start - SENTENCE)
            clause = max(sentence, self.text.rfind(";", sentence, figure.start) + 1)
            begin = max(clause, last, figure.start - WINDOW)
            span = _Span(start, sentence, clause, begin, _right_end(self.text, self.printed, at))
            earlier = [other for other in self.done[-BACK:] if other.sentence == start]
            found = self._figure(at, span, earlier)
            self._owner(found, span, before, earlier)
            self._metric(found, span, earlier)
            self.done.append(found)
            yield found

    def _figure(self, at: int, span: _Span, earlier: Sequence[Found]) -> Found:
        """A figure with its kind, its words and its time."""
        figure, text = self.printed[at], self.text
        left = text[span.begin : figure.end if figure.form == "none" else figure.start]
        right = text[figure.end : span.end].lstrip("+0123456789")
        against = bool(earlier and earlier[-1].time and earlier[-1].time.base)
        kind, sign = context.kind(figure, left, right, text[span.clause : figure.start], against)
        words, like, time = self._distributed(at, left, kind, earlier, span.sentence)
        kind, sign = (like.kind, like.sign) if like else (kind, sign)
        clue = self.topics.clue(
            figure, kind, PARAGRAPH["aside"].sub("", words), right, (span.sentence, span.begin, span.end)
        )
        relative = kind == "change" or figure.unit in ("%", "‰", "倍")
        time = time or context.moment_of(figure, self.times, span.sentence, relative)
        return Found(figure, kind, sign, clue, span.start, left, time)

    def _owner(self, found: Found, span: _Span, before: Figure | None, earlier: Sequence[Found]) -> None:
        """Whose figure it is: an office, a place below, a group just counted, or who was named last."""
        regions, title = self.setting.regions, self.setting.document.title
        start, left = found.figure.start, found.own
        found.scope = context.scope(self.text[span.clause : start], left, self.setting.county)
        named, place = PARAGRAPH["named"].search(left), PARAGRAPH["place"].search(left)
        if named and named[1] in regions:
            place = named
        counted = before if before and before.unit == "个" and before.end == span.begin else None
        group = PARAGRAPH["group"].match(self.text, span.begin) if counted else None
        if counted and group and "," not in left and not found.scope[0]:
            found.scope, found.placed = ("other", self.text[counted.start : group.end()]), True
        elif place and place[1] not in title:
            found.region = regions.get(place[1], "")
            found.scope, found.placed = ("whole" if found.region else "other", place[1]), True
        elif earlier and earlier[-1].placed and earlier[-1].figure.start > span.clause and not found.scope[0]:
            found.region, found.scope, found.placed = earlier[-1].region, earlier[-1].scope, True

    def _metric(self, found: Found, span: _Span, earlier: Sequence[Found]) -> None:
        """The metric, unless the figure is an aim; and the owner, where the topic was only named before."""
        ahead = found.time is not None and found.time.year > self.setting.document.year
        if ahead and CONTEXT["aim"].search(self.text, span.clause, found.figure.start):
            found.kind, found.reason = "target", "a later year than the report's: an aim, no result"
            return
        assign(found, earlier, self.setting.patterns, self.setting.catalog)
        pattern = self.setting.patterns.metrics.get(found.metric_id)
        before = next((other for other in reversed(earlier) if other.metric_id), None)
        if found.scope[0] or not before or not pattern or not pattern.topic or found.clue.reach == "near":
            return
        part = before.kind == "part" and found.kind != "part"
        if not part and before.metric_id.partition(".")[0] == found.metric_id.partition(".")[0]:
            found.scope = before.scope

    def _distributed(
        self, at: int, left: str, kind: str, earlier: Sequence[Found], sentence: int
    ) -> tuple[str, Found | None, context.Moment | None]:
        """The words, the fellow and the year of a figure in A、B分别为1件、2件; else its left side."""
        text, printed = self.text, self.printed
        first = last = at
        while first > max(0, at - BACK) and PARAGRAPH["list"].fullmatch(
            text, printed[first - 1].end, printed[first].start
        ):
            first -= 1
        beyond = min(len(printed), at + BACK)
        while last + 1 < beyond and PARAGRAPH["list"].fullmatch(
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
            year = context.Moment(0, 0, int(years[place]), "full")
            return re.sub(r"20\d\d年[度、和与及]*", "", names) + tail, like, year
        labels = re.split("[、,]|和|及|与", re.split("[。;:]", names)[-1].strip("、,"))
        if len(labels) < count:
            return (head if place else left), like, None
        shared = PARAGRAPH["verb"].sub("", labels[-1]) if place + 1 < count else ""
        return labels[-count:][place] + shared + tail, like, None


class Topics:
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


def _right_end(text: str, printed: Sequence[Figure], at: int) -> int:
    """Where the words behind a figure end: at a mark, or before what belongs to the next figure."""
    pair = printed[at].place == 1
    start = printed[at + 1].end if pair else printed[at].end
    stop = PARAGRAPH["stop"].search(text, start, start + 32)
    end = stop.start() if stop else min(len(text), start + 32)
    follows = printed[at + 1 + pair].start if at + 1 + pair < len(printed) else end
    if follows < end:
        mark = text.find("、", start, follows)
        return mark if mark >= 0 else follows
    return end
