"""Which metrics the words around a figure name: patterns, and how well each fits.

A pattern says which words must stand near a figure, of which topic the text must speak, in which units
the figure may be, and what rules it out. Each phrase is looked up by two characters, so a figure is held
against a handful of phrases and not against all. It chooses nothing: `mapping` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

Hit = tuple[int, frozenset[str]]
"""Where a text names which topics."""
TOTALS = 7
"""Columns of the form's table of requests; the last one is the total."""
_NUMBERED = re.compile("[一二三四]、|[(][一二三四五六七八][)]|[0-9][.、]")
FIGURE = "#"
"""Stands for the figure between the words on its left and on its right."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name a metric: alternatives by `|`, one after the other by `…`."""

    words: str
    regex: re.Pattern[str]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one metric is recognised; the attributes are the keys of its table in the file."""

    metric_id: str
    near: tuple[Phrase, ...]
    topic: frozenset[str]
    not_topic: frozenset[str]
    not_title: frozenset[str]
    excluded: re.Pattern[str] | None
    units: frozenset[str]
    kind: str
    scope: str
    period: str
    pair: int
    share_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clue:
    """What stands around a figure: its words, its unit and kind, and topics with their strength.

    `current` are the topics named last; `reach` says where: near the figure, before it in the text, or far
    off in headings and title.
    """

    left: str
    right: str
    unit: str
    kind: str
    place: int
    topics: Mapping[str, float]
    current: frozenset[str]
    reach: str
    title: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A metric with its score and the words that named it."""

    metric_id: str
    score: float
    words: str


@dataclass(frozen=True, slots=True)
class Form:
    """A row of the statutory form: the metric of each column, and a word that the table's head must have."""

    row: re.Pattern[str]
    columns: tuple[str, ...]
    head: str


@dataclass(frozen=True)
class Patterns:
    """All patterns with the topics they share."""

    metrics: Mapping[str, Pattern]
    topics: Mapping[str, tuple[str, ...]]
    forms: tuple[Form, ...] = ()

    @cached_property
    def rate_of(self) -> dict[str, str]:
        """The rate of which each metric is the numerator."""
        return {base: pattern.metric_id for pattern in self.metrics.values() for base in pattern.share_of}

    @cached_property
    def _index(self) -> dict[str, list[tuple[str, Pattern, Phrase]]]:
        """The phrases by the first two characters of each of their anchors."""
        index: dict[str, list[tuple[str, Pattern, Phrase]]] = {}
        for pattern in self.metrics.values():
            for phrase in pattern.near:
                for anchor in phrase.anchors:
                    index.setdefault(anchor[:2], []).append((anchor, pattern, phrase))
        return index

    @cached_property
    def _topic_words(self) -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
        """One expression over the words of all topics, and the topics of each word."""
        by_word: dict[str, frozenset[str]] = {}
        for topic, words in self.topics.items():
            for word in words:
                by_word[word] = by_word.get(word, frozenset()) | {topic}
        longest = sorted(by_word, key=len, reverse=True)
        for word in longest:
            for other in longest:
                if other in word:
                    by_word[word] |= by_word[other]
        return re.compile(f"(?=({'|'.join(map(re.escape, longest)) or '(?!)'}))"), by_word

    def form(self, labels: Sequence[str], count: int, heads: str = "") -> tuple[str, ...]:
        """The metrics of the columns of a row of the statutory form; empty when it is no such row.

        A row that lost its empty cells still ends with its total, if its label alone tells what it is.
        """
        for words in (labels[-1], "".join(labels[-2:])) if labels else ():
            for form in self.forms:
                if not form.row.search(words) or (form.head and form.head not in heads):
                    continue
                if len(form.columns) == count:
                    return form.columns
                if count < len(form.columns) == TOTALS and _NUMBERED.match(words):
                    return form.columns[-count:]
        return ()

    def topics_of(self, text: str) -> frozenset[str]:
        """The topics that a text names."""
        return frozenset().union(*(topics for _, topics in self.topic_hits(text)))

    def topic_hits(self, text: str) -> list[Hit]:
        """Where a text names which topics."""
        regex, topics = self._topic_words
        return [(found.start(), topics[found[1]]) for found in regex.finditer(text)]

    def _named(self, near: str) -> Iterable[tuple[Pattern, Phrase]]:
        """The patterns and phrases one of whose anchors stands in a text, each once."""
        found: dict[int, tuple[Pattern, Phrase]] = {}
        index = self._index
        for at in range(len(near) - 1):
            two = near[at : at + 2]
            if two in index:
                for anchor, pattern, phrase in index[two]:
                    if near.startswith(anchor, at):
                        found[id(phrase)] = (pattern, phrase)
        return found.values()

    def rank(self, clue: Clue) -> list[Match]:
        """The metrics that a figure's words name, the likeliest first; empty when they name none."""
        near = f"{clue.left}{FIGURE}{clue.right}"
        best: dict[str, Match] = {}
        for pattern, phrase in self._named(near):
            score = _score(phrase, pattern, clue, near) if _allowed(pattern, clue) else None
            if score is None:
                continue
            score += max((clue.topics.get(topic, 0.0) for topic in pattern.topic), default=1.0)
            score += (1.0 if clue.unit in pattern.units else 0.0) - (
                0.0 if pattern.not_topic.isdisjoint(clue.current) else 0.5
            )
            if pattern.metric_id not in best or best[pattern.metric_id].score < score:
                best[pattern.metric_id] = Match(pattern.metric_id, score, phrase.words)
        return sorted(best.values(), key=lambda match: (-match.score, match.metric_id))


def _allowed(pattern: Pattern, clue: Clue) -> bool:
    """Whether unit, kind and topic leave a pattern possible."""
    if clue.kind != pattern.kind or pattern.pair not in (0, clue.place):
        return False
    if clue.unit and clue.unit not in pattern.units:
        return False
    if pattern.topic and pattern.topic.isdisjoint(clue.topics):
        return False
    if not pattern.not_title.isdisjoint(clue.title):
        return False
    far = clue.reach == "far" and not pattern.topic.isdisjoint(clue.current)
    return far or pattern.not_topic.isdisjoint(clue.current)


def _score(phrase: Phrase, pattern: Pattern, clue: Clue, near: str) -> float | None:
    """How well a phrase fits: its length, less its distance from the figure and the commas between.

    A word that rules the metric out counts from the phrase, or from the figure's clause, to the clause's end.
    """
    best = None
    middle = len(clue.left)
    clause = max(clue.left.rfind(mark) for mark in ",;:") + 1
    for found in phrase.regex.finditer(near):
        literal = sum(len(part) for part in found.groups())
        start, end = found.span()
        if pattern.excluded and pattern.excluded.search(near, min(start, clause)):
            continue
        gap = near[end:middle] if end <= middle else near[middle + 1 : start] if start > middle else ""
        away = 0.08 * len(gap) + 0.8 * sum(gap.count(mark) for mark in ",:()、")
        score = literal - away - (0.3 if start > middle else 0.0)
        best = score if best is None or score > best else best
    return best
