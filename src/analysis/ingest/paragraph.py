"""Reads a paragraph: its figures one by one, each with its words, kind, time, owner and metric.

A figure's own words are what stands between the figure before it and the next mark behind it. What they leave
open is taken from its sentence, and topics from as far as the title. It looks back at a few figures only, so
that a long paragraph takes no longer a figure than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analysis.ingest import context
from analysis.ingest.context import Found
from analysis.ingest.document import Block
from analysis.ingest.figures import CONTEXT, PARAGRAPH, figures, narrow
from analysis.ingest.mapping import Setting, assign

WINDOW, _AHEAD = 64, 32
"""How far to the left and right a figure's own words may go."""
_SENTENCE, _BACK = 400, 12
"""How many characters and figures of a sentence are looked back at; longer ones are no sentences."""
_REACH = {"near": 3.0, "text": 2.5, "far": 1.5}


class Topics:
    """What a block speaks of, figure by figure: the nearer a topic was named, the stronger it is."""

    def __init__(self, setting: Setting, block: Block, text: str = "") -> None:
        self.title, self.headings = setting.title, setting.topics_of("\n".join(block.headings))
        self.ahead = setting.patterns.topics_in(text)[::-1]
        self.seen: dict[str, int] = {}

    def tell(self, found: Found, words: frozenset[str] = frozenset()) -> None:
        """Notes the topics of a figure, given those that its `words` name."""
        while self.ahead and self.ahead[-1][0] < found.figure.start:
            place, topic = self.ahead.pop()
            self.seen[topic] = place
        latest = max(self.seen.values(), default=0)
        near = words.union(
            (topic for place, topic in self.ahead[-_BACK:] if place < found.end),
            (topic for topic, place in self.seen.items() if place >= found.begin),
        )
        told = frozenset(topic for topic, place in self.seen.items() if place > latest - 10)
        found.current = near or told or self.headings or self.title
        found.reach = "near" if near else "text" if told else "far"
        found.title = self.title | self.headings
        strength = dict.fromkeys(self.title, 1.0) | dict.fromkeys(self.headings, 1.5)
        for topic, place in self.seen.items():
            strength[topic] = max(strength.get(topic, 0.0), 2.0 if place >= found.sentence else 1.2)
        found.topics = strength | dict.fromkeys(found.current, _REACH[found.reach])
        found.unit = "" if found.kind in ("rank", "ratio", "none") else found.figure.unit


class Paragraph:
    """One paragraph; `found` gives its figures in their order."""

    def __init__(self, block: Block, setting: Setting) -> None:
        self.setting, self.text = setting, narrow(block.text)
        self.printed = figures(self.text)
        self.done: list[Found] = []
        if self.printed:
            spoken = PARAGRAPH["aside"].sub(lambda aside: " " * len(aside[0]), self.text)
            self.times = context.moments(self.text, setting.document.year)
            self.topics = Topics(setting, block, spoken)

    def found(self) -> Iterator[Found]:
        """The figures with all that the text says of them."""
        start = last = 0
        for at, figure in enumerate(self.printed):
            before = self.printed[at - 1] if at else None
            for mark in PARAGRAPH["sentence"].finditer(self.text, before.end if before else 0, figure.start):
                start = mark.end()
            if before and before.form != "duration":
                last = before.end
            sentence = max(start, figure.start - _SENTENCE)
            clause = max(sentence, self.text.rfind(";", sentence, figure.start) + 1)
            begin = max(clause, last, figure.start - WINDOW)
            found = Found(figure, sentence, clause, begin, self._right_end(at))
            earlier = [other for other in self.done[-_BACK:] if other.figure.start >= start]
            self._words(found, at, earlier)
            self._owner(found, at, earlier)
            self._metric(found, earlier)
            self.done.append(found)
            yield found

    def _right_end(self, at: int) -> int:
        """Where the words behind a figure end: at a mark, or before what belongs to the next figure."""
        at += self.printed[at].place == 1
        start = self.printed[at].end
        stop = PARAGRAPH["stop"].search(self.text, start, start + _AHEAD)
        end = stop.start() if stop else min(len(self.text), start + _AHEAD)
        follows = self.printed[at + 1].start if at + 1 < len(self.printed) else end
        mark = self.text.find("、", start, follows)
        return end if follows >= end else mark if mark >= 0 else follows

    def _words(self, found: Found, at: int, earlier: Sequence[Found]) -> None:
        """Its own words, its kind and its time."""
        figure, text = found.figure, self.text
        found.own = text[found.begin : figure.end if figure.form == "none" else figure.start]
        found.right = text[figure.end : found.end].lstrip("+0123456789")
        against = bool(earlier and earlier[-1].time and earlier[-1].time.base)
        before = text[found.clause : figure.start]
        found.kind, found.sign = context.kind(figure, found.own, found.right, before, against)
        found.left = PARAGRAPH["aside"].sub("", self._distributed(found, at, earlier))
        self.topics.tell(found)
        relative = found.kind == "change" or figure.unit in ("%", "‰", "倍")
        found.time = found.time or context.moment_of(figure.start, self.times, found.sentence, relative)

    def _distributed(self, found: Found, at: int, earlier: Sequence[Found]) -> str:
        """The words of a figure in A、B分别为1件、2件, with its kind or its year; else its own."""
        text, printed, first, last = self.text, self.printed, at, at
        while first > max(0, at - _BACK) and self._listed(first - 1):
            first -= 1
        while last + 1 < min(len(printed), at + _BACK) and self._listed(last):
            last += 1
        count, place = last - first + 1, at - first
        head = text[max(found.sentence, printed[first - 1].end if first else 0) : printed[first].start]
        names, word, tail = head.rpartition("分别")
        if count < 2 or not word:
            return found.own
        whole = head if place else found.own
        changes = found.kind == "change"
        if 0 < place <= len(earlier):
            found.kind, found.sign = earlier[-place].kind, earlier[-place].sign
        if changes or found.kind == "change":
            return whole
        years = re.findall(r"(20\d\d)年", text[found.sentence : printed[first].start])
        if len(set(years)) == count:
            found.time = context.Moment(0, 0, int(years[place]), "full")
            return re.sub(r"20\d\d年[度、和与及]*", "", names) + tail
        labels = re.split("[、,]|和|及|与", re.split("[。;:]", names)[-1].strip("、,"))
        if len(labels) < count:
            return whole
        shared = PARAGRAPH["verb"].sub("", labels[-1]) if place + 1 < count else ""
        return labels[-count:][place] + shared + tail

    def _listed(self, at: int) -> bool:
        """Whether nothing but 、 or 和 stands between a figure and the next one."""
        first, second = self.printed[at : at + 2]
        return PARAGRAPH["list"].fullmatch(self.text, first.end, second.start) is not None

    def _owner(self, found: Found, at: int, earlier: Sequence[Found]) -> None:
        """Whose figure it is: an office, a place below, a group just counted, or who was named last."""
        regions, document = self.setting.regions, self.setting.document
        before, last = self.printed[at - 1] if at else None, earlier[-1] if earlier else None
        county = document.region_code[4:] not in ("", "00")
        found.scope = context.scope(self.text[found.clause : found.figure.start], found.own, county)
        place, named = PARAGRAPH["place"].search(found.own), PARAGRAPH["named"].search(found.own)
        place = named if named and named[1] in regions else place
        counted = before and before.unit == "个" and before.end == found.begin and "," not in found.own
        group = PARAGRAPH["group"].match(self.text, found.begin) if counted else None
        if before and group and not found.scope[0]:
            found.scope, found.placed = ("other", self.text[before.start : group.end()]), True
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
        assign(found, earlier, self.setting)
        pattern = self.setting.patterns.metrics.get(found.metric_id)
        before = next((other for other in reversed(earlier) if other.metric_id), None)
        if found.scope[0] or not before or not pattern or not pattern.topic or found.reach == "near":
            return
        part = before.kind == "part" and found.kind != "part"
        if not part and before.metric_id.partition(".")[0] == found.metric_id.partition(".")[0]:
            found.scope = before.scope
