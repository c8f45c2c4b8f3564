"""Reads a paragraph: its figures one by one, each with its words, kind, time, owner and metric.

A figure's own words stand between the figure before it and the next mark; what they leave open is taken from
its sentence, and topics from as far as the title. It makes up no metric: where none fits, the reason stands.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise, takewhile

from analysis.catalog import Catalog
from analysis.ingest import context
from analysis.ingest.context import Found
from analysis.ingest.document import Block, Document
from analysis.ingest.figures import CONTEXT, PARAGRAPH, Figure, figures, narrow
from analysis.ingest.patterns import Match, Patterns

_WINDOW, _AHEAD = 64, 32  # how far to the left and right a figure's own words may go
_SENTENCE, _BACK = 400, 12  # so many characters and figures are looked back at: linear in long paragraphs
_REACH = {"near": 3.0, "text": 2.5, "far": 1.5}
_COUNTED = ("value", "part")
_PLAIN = (*_COUNTED, "rate")
_NONE = "oversight.disclosure_"  # of nothing else is it said in words that there was none (未收到申请)
_FILED = re.compile("(?:filed|handled|accepted|received)$")
_NOT_IN_CATALOG = ": no metric of the catalogue"
_NO_CHOICE = ("", 0.0, "no pattern fits its words")


@dataclass(frozen=True)
class Setting:
    """A document with the catalogue and the patterns; what all its paragraphs and tables share."""

    document: Document
    catalog: Catalog
    patterns: Patterns

    @cached_property
    def regions(self) -> dict[str, str]:
        """The codes of the regions below the document's, by name."""
        code = self.document.region_code
        below = [region for region in self.catalog.regions.values() if region.parent_code == code]
        return {name: region.region_code for region in below for name in (region.stem_zh, region.name_zh)}

    def topics_of(self, text: str) -> frozenset[str]:
        """The topics that a text names."""
        return frozenset(topic for _, topic in self.patterns.topics_in(text))

    def sister(self, metric_id: str, confidence: float, suffix: str = "_change") -> Match:
        """The metric of a change, or of a figure before a cut, where the catalogue has one."""
        known, reason = metric_id + suffix in self.catalog.metrics, f"{suffix[1:]} of {metric_id}"
        return (metric_id + suffix, confidence, reason) if known else ("", 0.0, reason + _NOT_IN_CATALOG)


class Paragraph:
    """One paragraph, or a row of a table with what is `printed` there; `found` gives its figures in order."""

    def __init__(self, block: Block, setting: Setting, printed: list[Figure] | None = None) -> None:
        self.setting, self.text = setting, narrow(block.text)
        self.printed = figures(self.text) if printed is None else printed
        self.done: list[Found] = []
        if self.printed:
            spoken = PARAGRAPH["aside"].sub(lambda aside: " " * len(aside[0]), self.text)
            self.times = context.moments(self.text, setting.document.year)
            self.title = setting.topics_of(setting.document.title)
            self.headings = setting.topics_of("\n".join(block.headings))
            self.ahead = setting.patterns.topics_in(spoken)[::-1]
            self.seen: dict[str, int] = {}
            gaps = ((first.end, second.start) for first, second in pairwise(self.printed))
            parted = (PARAGRAPH["list"].fullmatch(self.text, *gap) is None for gap in gaps)
            self.lists = list(accumulate(parted, initial=0))  # the number of the list that each figure is in

    def found(self) -> list[Found]:
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
            begin = max(clause, last, figure.start - _WINDOW)
            found = Found(figure, sentence, clause, begin, self._right_end(at))
            earlier = [other for other in self.done[-_BACK:] if other.figure.start >= start]
            self._words(found, at, earlier)
            self._owner(found, at, earlier)
            self._metric(found, earlier)
            self.done.append(found)
        return self.done

    def _right_end(self, at: int) -> int:
        at += self.printed[at].place == 1
        start = self.printed[at].end
        stop = PARAGRAPH["stop"].search(self.text, start, start + _AHEAD)
        end = stop.start() if stop else min(len(self.text), start + _AHEAD)
        follows = self.printed[at + 1].start if at + 1 < len(self.printed) else end
        mark = self.text.find("、", start, follows)
        return end if follows >= end else mark if mark >= 0 else follows

    def _words(self, found: Found, at: int, earlier: Sequence[Found]) -> None:
        figure, text = found.figure, self.text
        found.own = text[found.begin : figure.end if figure.form == "none" else figure.start]
        found.right = text[figure.end : found.end].lstrip("+0123456789")
        against = bool(earlier and earlier[-1].time and earlier[-1].time.base)
        before = text[found.clause : figure.start]
        found.unit = "" if figure.form in ("rank", "ratio", "none") else figure.unit
        found.kind, found.sign = context.kind(figure, found.own, found.right, before, against)
        found.left = PARAGRAPH["aside"].sub("", self._distributed(found, at, earlier))
        self._topics(found)
        relative = found.kind == "change" or figure.unit in ("%", "‰", "倍")
        found.time = found.time or context.moment_of(figure.start, self.times, found.sentence, relative)

    def _topics(self, found: Found) -> None:
        # the nearer a topic was named, the stronger it is
        while self.ahead and self.ahead[-1][0] < found.figure.start:
            place, topic = self.ahead.pop()
            self.seen[topic] = place
        latest, title = max(self.seen.values(), default=0), self.title
        near = frozenset(topic for topic, place in self.seen.items() if place >= found.begin)
        near = near.union(topic for place, topic in self.ahead[-_BACK:] if place < found.end)
        told = frozenset(topic for topic, place in self.seen.items() if place > latest - 10)
        found.current, found.title = near or told or self.headings or title, title | self.headings
        found.reach = "near" if near else "text" if told else "far"
        strength = dict.fromkeys(title, 1.0) | dict.fromkeys(self.headings, 1.5)
        for topic, place in self.seen.items():
            strength[topic] = max(strength.get(topic, 0.0), 2.0 if place >= found.sentence else 1.2)
        found.topics = strength | dict.fromkeys(found.current, _REACH[found.reach])

    def _distributed(self, found: Found, at: int, earlier: Sequence[Found]) -> str:
        """The words of a figure in A、B分别为1件、2件, with its kind or its year; else its own."""
        text, first = self.text, bisect_left(self.lists, self.lists[at])
        count, place = bisect_right(self.lists, self.lists[at]) - first, at - first
        start = self.printed[first].start
        head = text[max(found.sentence, self.printed[first - 1].end if first else 0) : start]
        names, word, tail = head.rpartition("分别")
        if count < 2 or not word:
            return found.own
        whole = head if place else found.own
        changes = found.kind == "change"
        if 0 < place <= len(earlier):
            found.kind, found.sign = earlier[-place].kind, earlier[-place].sign
        if changes or found.kind == "change":
            return whole
        years = re.findall(r"(20\d\d)年", text[found.sentence : start])
        if len(set(years)) == count:
            found.time = context.Moment(0, 0, int(years[place]), "full")
            return re.sub(r"20\d\d年[度、和与及]*", "", names) + tail
        labels = re.split("[、,]|和|及|与", re.split("[。;:]", names)[-1].strip("、,"))
        if len(labels) < count:
            return whole
        shared = PARAGRAPH["verb"].sub("", labels[-1]) if place + 1 < count else ""
        return labels[-count:][place] + shared + tail

    def _owner(self, found: Found, at: int, earlier: Sequence[Found]) -> None:
        regions, document, last = (
            self.setting.regions,
            self.setting.document,
            earlier[-1] if earlier else None,
        )
        county = document.region_code[4:] not in ("", "00")
        found.scope = context.scope(self.text[found.clause : found.figure.start], found.own, county)
        place, named = PARAGRAPH["place"].search(found.own), PARAGRAPH["named"].search(found.own)
        place = named if named and named[1] in regions else place
        group = None if "," in found.own else PARAGRAPH["group"].match(found.own)
        before = self.printed[at - 1] if at and group else None
        if before and group and before.unit == "个" and before.end == found.begin and not found.scope[0]:
            found.scope, found.placed = ("other", self.text[before.start : before.end] + group[0]), True
        elif place and place[1] not in document.title:
            found.region = regions.get(place[1], "")
            found.scope, found.placed = ("whole" if found.region else "other", place[1]), True
        elif last and last.placed and last.figure.start > found.clause and not found.scope[0]:
            found.region, found.scope, found.placed = last.region, last.scope, True

    def _metric(self, found: Found, earlier: Sequence[Found]) -> None:
        ahead = found.time is not None and found.time.year > self.setting.document.year
        if ahead and CONTEXT["aim"].search(self.text, found.clause, found.figure.start):
            found.kind, found.reason = "target", "a later year than the report's: an aim, no result"
            return
        choose = _of_change if found.kind == "change" else _of_words
        found.metric_id, found.confidence, found.reason = choose(found, earlier, self.setting)
        pattern = self.setting.patterns.metrics.get(found.metric_id)
        before = next((other for other in reversed(earlier) if other.metric_id), None)
        if before and pattern and pattern.topic and found.reach != "near" and not found.scope[0]:
            part = before.kind == "part" and found.kind != "part"
            if not part and before.metric_id.partition(".")[0] == found.metric_id.partition(".")[0]:
                found.scope = before.scope


def _of_words(found: Found, earlier: Sequence[Found], setting: Setting) -> Match:
    last, patterns = earlier[-1] if earlier else None, setting.patterns
    ranked = patterns.rank(found)
    if not ranked and last and found.left.startswith("、"):  # 制定规章3部、规范性文件25件
        listed = patterns.rank(replace(found, left=last.left[-24:] + found.left))
        ranked = [match for match in listed if match[0] != last.metric_id]
    if found.kind == "none":
        ranked = [match for match in ranked if match[0].startswith(_NONE)]
    if last and last.kind == "before" and last.named:
        return last.named, 0.8, "the figure after the one before"
    if ranked:
        choice = _likeliest(found, ranked, earlier, patterns)
        found.named = choice[0]
        return setting.sister(*choice[:2], "_before") if found.kind == "before" else choice
    if found.kind == "share":
        return _of_share(found, last, patterns)
    if found.kind in _PLAIN and PARAGRAPH["bare"].fullmatch(found.left):
        like = next((other for other in reversed(earlier) if other.kind in _PLAIN), None)
        if like and like.metric_id and like.figure.unit == found.figure.unit:
            return like.metric_id, min(like.confidence, 0.75), "as the figure before it: no own words"
    return _NO_CHOICE


def _likeliest(found: Found, ranked: Sequence[Match], earlier: Sequence[Found], patterns: Patterns) -> Match:
    """The best metric, less sure with a close rival; 受理行政案件9件,审结8件 closes what was filed."""
    best, score, words = ranked[0]
    filed = next((other.metric_id for other in reversed(earlier) if other.metric_id), "")
    closed = _FILED.sub("closed", filed)
    sibling = found.reach != "near" and closed != filed and best.endswith("closed")
    metric_id = closed if sibling and closed in patterns.metrics else best
    margin = min(score - ranked[1][1], 3.0) if len(ranked) > 1 else 3.0
    topic = max((found.topics.get(name, 0.0) for name in patterns.metrics[best].topic), default=2.5)
    rival = f"; next {ranked[1][0]}" if margin < 1 else ""
    confidence = min(0.98, 0.55 + 0.06 * margin + 0.06 * topic + (0.05 if found.unit else 0.0))
    return metric_id, confidence, f"words {words}, unit {found.unit or 'none'}{rival}"


def _of_change(found: Found, earlier: Sequence[Found], setting: Setting) -> Match:
    """The change of what its words name, else of the figure before it; 同比分别上升 belongs to the last n."""
    percent = found.figure.unit == "%"
    if percent and (own := setting.patterns.rank(replace(found, unit=""))):
        return setting.sister(own[0][0], 0.8)
    if "年均" in found.left:
        return "", 0.0, "a yearly average of changes" + _NOT_IN_CATALOG
    kinds = ("rate", "share") if "百分点" in found.figure.unit else _COUNTED
    values = [other for other in earlier if other.kind in kinds and not (other.time and other.time.base)]
    if not values:
        return "", 0.0, "a change without the figure that changed in its sentence"
    run = len(list(takewhile(lambda other: other.kind == "change", reversed(earlier))))
    spread = "分别" in (earlier[-run].left if run else found.left)
    base = values[max(0, len(values) - 2 + run)] if spread and len(values) > 1 and run < 2 else values[-1]
    found.region = base.region
    if not base.metric_id:
        return "", 0.0, "the figure that changed has no metric"
    found.notes.append(f"change of {base.metric_id}")
    wrong = ("", 0.0, "a change that is not in per cent" + _NOT_IN_CATALOG)
    return setting.sister(base.metric_id, base.confidence) if percent else wrong


def _of_share(found: Found, last: Found | None, patterns: Patterns) -> Match:
    """The rate of which the figure before it, or what stands before 占, is the numerator: 维持的占41.2%."""
    words, base = found.left.rpartition("占")[0], ""
    if not PARAGRAPH["bare"].fullmatch(words):
        base = next((match[0] for match in patterns.rank(replace(found, left=words, unit="", right=""))), "")
    elif last and last.kind in _COUNTED and last.scope[0] not in ("own_level", "lower_level"):
        base = last.metric_id
    rate = next((metric for metric, pattern in patterns.metrics.items() if base in pattern.share_of), "")
    return (rate, 0.7, f"share of {base}") if rate else _NO_CHOICE
