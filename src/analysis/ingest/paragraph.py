"""Reads a paragraph: its figures one by one, each with its words, kind, time, owner and metric.

A figure's own words are what stands between the figure before it and the next mark behind it. What they leave
open is taken from its sentence, and topics from as far as the title. It looks back at a few figures only, so
that a long paragraph takes no longer a figure than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from analysis.catalog import Catalog
from analysis.ingest import context
from analysis.ingest.document import Block, Document
from analysis.ingest.figures import Figure, figures, narrow
from analysis.ingest.lexicon import CONTEXT, PARAGRAPH
from analysis.ingest.mapping import Found, assign
from analysis.ingest.patterns import Clue, Hit, Patterns

WINDOW = 64
"""How far to the left a figure's own words may begin."""
AHEAD = 32
"""How far to the right they may end."""
SENTENCE = 400
"""How far back a sentence is looked at; longer ones are no sentences."""
BACK = 12
"""How many figures of a sentence are looked back at, and listed in one row."""
_REACH = {"near": 3.0, "text": 2.5, "far": 1.5}


@dataclass(frozen=True)
class Setting:
    """A document with the catalogue and the patterns; what all its paragraphs and tables share."""

    document: Document
    catalog: Catalog
    patterns: Patterns

    @cached_property
    def topics_of(self) -> Callable[[str], frozenset[str]]:
        """The topics that a text names, remembered: headings and heads of tables recur."""
        return cache(self.patterns.topics_of)

    @cached_property
    def regions(self) -> dict[str, str]:
        """The codes of the regions below the document's, by name."""
        code = self.document.region_code
        below = [region for region in self.catalog.regions.values() if region.parent_code == code]
        return {name: region.region_code for region in below for name in (region.stem_zh, region.name_zh)}


class Topics:
    """What a block speaks of, figure by figure: the nearer a topic was named, the stronger it is."""

    def __init__(self, setting: Setting, block: Block, hits: Sequence[Hit] = ()) -> None:
        self.title = setting.topics_of(setting.document.title)
        self.headings = setting.topics_of("\n".join(block.headings))
        self.hits, self.at = hits, 0
        self.seen: dict[str, int] = {}
        self.last: list[Hit] = []

    def clue(self, found: Found, left: str, right: str = "", words: frozenset[str] = frozenset()) -> Clue:
        """The clue of a figure, given the words on both sides and topics that they are known to name."""
        figure = found.figure
        while self.at < len(self.hits) and self.hits[self.at][0] < figure.start:
            place, topics = self.hits[self.at]
            self.last = [hit for hit in self.last if hit[0] > place - 10] + [self.hits[self.at]]
            self.seen |= dict.fromkeys(topics, place)
            self.at += 1
        ahead = [topics for place, topics in self.hits[self.at : self.at + 8] if place < found.end]
        near = words.union(*ahead, (topic for topic, place in self.seen.items() if place >= found.begin))
        strength = dict.fromkeys(self.title, 1.0) | dict.fromkeys(self.headings, 1.5)
        for topic, place in self.seen.items():
            strength[topic] = max(strength.get(topic, 0.0), 2.0 if place >= found.sentence else 1.2)
        told = frozenset().union(*(topics for _, topics in self.last))
        current = near or told or self.headings or self.title
        reach = "near" if near else "text" if told else "far"
        strength |= dict.fromkeys(current, _REACH[reach])
        unit = "" if found.kind in ("rank", "ratio", "none") else figure.unit
        kind = found.kind if found.kind in ("rank", "duration") else "value"
        title = self.title | self.headings
        return Clue(left, right, unit, kind, figure.place, strength, current, reach, title)


class Paragraph:
    """One paragraph; `found` gives its figures in their order."""

    def __init__(self, block: Block, setting: Setting) -> None:
        self.setting, self.text = setting, narrow(block.text)
        self.printed = figures(self.text)
        self.done: list[Found] = []
        if self.printed:
            spoken = PARAGRAPH["aside"].sub(lambda aside: " " * len(aside[0]), self.text)
            self.times = context.moments(self.text, setting.document.year)
            self.topics = Topics(setting, block, setting.patterns.topic_hits(spoken))

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
            found = Found(figure, sentence, clause, begin, self._right_end(at))
            earlier = [other for other in self.done[-BACK:] if other.figure.start >= start]
            self._words(found, at, earlier)
            self._owner(found, before, earlier)
            self._metric(found, earlier)
            self.done.append(found)
            yield found

    def _right_end(self, at: int) -> int:
        """Where the words behind a figure end: at a mark, or before what belongs to the next figure."""
        if self.printed[at].place == 1:
            at += 1
        start = self.printed[at].end
        stop = PARAGRAPH["stop"].search(self.text, start, start + AHEAD)
        end = stop.start() if stop else min(len(self.text), start + AHEAD)
        follows = self.printed[at + 1].start if at + 1 < len(self.printed) else end
        mark = self.text.find("、", start, follows)
        return end if follows >= end else mark if mark >= 0 else follows

    def _words(self, found: Found, at: int, earlier: Sequence[Found]) -> None:
        """Its own words, its kind and its time."""
        figure, text = found.figure, self.text
        left = found.own = text[found.begin : figure.end if figure.form == "none" else figure.start]
        right = text[figure.end : found.end].lstrip("+0123456789")
        against = bool(earlier and earlier[-1].time and earlier[-1].time.base)
        before = text[found.clause : figure.start]
        found.kind, found.sign = context.kind(figure, left, right, before, against)
        words, like = self._distributed(found, at, earlier)
        if like:
            found.kind, found.sign = like.kind, like.sign
        found.clue = self.topics.clue(found, PARAGRAPH["aside"].sub("", words), right)
        relative = found.kind == "change" or figure.unit in ("%", "‰", "倍")
        found.time = found.time or context.moment_of(figure, self.times, found.sentence, relative)

    def _distributed(self, found: Found, at: int, earlier: Sequence[Found]) -> tuple[str, Found | None]:
        """The words and the fellow of a figure in A、B分别为1件、2件, and its year; else its own words."""
        text, printed, first, last = self.text, self.printed, at, at
        while first > max(0, at - BACK) and self._listed(first - 1):
            first -= 1
        while last + 1 < min(len(printed), at + BACK) and self._listed(last):
            last += 1
        count, place = last - first + 1, at - first
        head = text[max(found.sentence, printed[first - 1].end if first else 0) : printed[first].start]
        names, word, tail = head.rpartition("分别")
        if count < 2 or not word:
            return found.own, None
        like = earlier[-place] if 0 < place <= len(earlier) else None
        whole = head if place else found.own
        if found.kind == "change" or (like and like.kind == "change"):
            return whole, like
        years = re.findall(r"(20\d\d)年", text[found.sentence : printed[first].start])
        if len(set(years)) == count:
            found.time = context.Moment(0, 0, int(years[place]), "full")
            return re.sub(r"20\d\d年[度、和与及]*", "", names) + tail, like
        labels = re.split("[、,]|和|及|与", re.split("[。;:]", names)[-1].strip("、,"))
        if len(labels) < count:
            return whole, like
        shared = PARAGRAPH["verb"].sub("", labels[-1]) if place + 1 < count else ""
        return labels[-count:][place] + shared + tail, like

    def _listed(self, at: int) -> bool:
        """Whether nothing but 、 or 和 stands between a figure and the next one."""
        first, second = self.printed[at : at + 2]
        return PARAGRAPH["list"].fullmatch(self.text, first.end, second.start) is not None

    def _owner(self, found: Found, before: Figure | None, earlier: Sequence[Found]) -> None:
        """Whose figure it is: an office, a place below, a group just counted, or who was named last."""
        regions, document = self.setting.regions, self.setting.document
        last = earlier[-1] if earlier else None
        start, left = found.figure.start, found.own
        county = document.region_code[4:] not in ("", "00")
        found.scope = context.scope(self.text[found.clause : start], left, county)
        place, named = PARAGRAPH["place"].search(left), PARAGRAPH["named"].search(left)
        if named and named[1] in regions:
            place = named
        counted = before if before and before.unit == "个" and before.end == found.begin else None
        group = PARAGRAPH["group"].match(self.text, found.begin) if counted else None
        if counted and group and "," not in left and not found.scope[0]:
            found.scope, found.placed = ("other", self.text[counted.start : group.end()]), True
        elif place and place[1] not in document.title:
            found.region = regions.get(place[1], "")
            found.scope, found.placed = ("whole" if found.region else "other", place[1]), True
        elif last and last.placed and last.figure.start > found.clause and not found.scope[0]:
            found.region, found.scope, found.placed = last.region, last.scope, True

    def _metric(self, found: Found, earlier: Sequence[Found]) -> None:
        """The metric, unless the figure is an aim; and the owner, where the topic was only named before."""
        ahead = found.time is not None and found.time.year > self.setting.document.year
        if ahead and CONTEXT["aim"].search(self.text, found.clause, found.figure.start):
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
