"""The patterns of `data/patterns.toml`: which metrics the words around a figure name, and how well each fits.

A pattern says which words must stand near a figure, of which topic the text must speak, in which units the
figure may be, and what rules it out. Each phrase is looked up by two characters, so that a figure meets few
phrases. It chooses nothing: `mapping` does. It refuses a file that names an unknown metric or key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from analysis.catalog import Catalog
from analysis.errors import InputError, closest
from analysis.ingest.lexicon import TABLE

Hit = tuple[int, frozenset[str]]
"""Where a text names which topics."""
TOTALS = 7
"""Columns of the form's table of requests; the last one is the total."""
_GAP = "[^。;]{0,16}?"


class Pattern(BaseModel, extra="forbid", frozen=True):
    """How one metric is recognised: its table in the file, whose head explains the keys."""

    near: tuple[str, ...] = ()
    topic: frozenset[str] = frozenset()
    not_topic: frozenset[str] = frozenset()
    not_title: frozenset[str] = frozenset()
    excluded: tuple[str, ...] = Field((), alias="not")
    units: tuple[str, ...] = ()
    kind: Literal["value", "share", "rank", "duration"] = "value"
    scope: str = ""
    period: str = ""
    pair: Literal[0, 1, 2] = 0
    share_of: tuple[str, ...] = ()


class Form(BaseModel, extra="forbid", frozen=True):
    """A row of the statutory form: the metric of each column, and a word that the table's head must have."""

    row: re.Pattern[str]
    columns: tuple[str, ...]
    head: str = ""


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


class Match(NamedTuple):
    """A metric with its score and the words that named it."""

    metric_id: str
    score: float
    words: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that name a metric (alternatives by `|`, one after the other by `…`), with what it demands."""

    metric_id: str
    words: str
    regex: re.Pattern[str]
    pattern: Pattern
    excluded: re.Pattern[str]
    units: frozenset[str]

    def score(self, clue: Clue, near: str) -> float | None:
        """How well it fits: its length, its topic, less its distance from the figure and the commas between.

        A word that rules the metric out counts from the phrase, or the figure's clause, to the clause's end.
        """
        if not self._allowed(clue):
            return None
        scores = []
        middle = len(clue.left)
        clause = max(clue.left.rfind(mark) for mark in ",;:") + 1
        for found in self.regex.finditer(near):
            start, end = found.span()
            if self.excluded.search(near, min(start, clause)):
                continue
            gap = near[end:middle] if end <= middle else near[middle + 1 : start]
            away = 0.08 * len(gap) + 0.8 * sum(gap.count(mark) for mark in ",:()、")
            scores.append(sum(map(len, found.groups())) - away - (0.3 if start > middle else 0.0))
        if not scores:
            return None
        topic = max((clue.topics.get(name, 0.0) for name in self.pattern.topic), default=1.0)
        foreign = 0.0 if self.pattern.not_topic.isdisjoint(clue.current) else 0.5
        return max(scores) + topic + ((1.0 if clue.unit in self.units else 0.0) - foreign)

    def _allowed(self, clue: Clue) -> bool:
        """Whether unit, kind and topic leave the metric possible."""
        pattern = self.pattern
        far = clue.reach == "far" and not pattern.topic.isdisjoint(clue.current)
        return (
            clue.kind == pattern.kind
            and pattern.pair in (0, clue.place)
            and (not clue.unit or clue.unit in self.units)
            and not (pattern.topic and pattern.topic.isdisjoint(clue.topics))
            and pattern.not_title.isdisjoint(clue.title)
            and (far or pattern.not_topic.isdisjoint(clue.current))
        )


class Patterns(BaseModel, extra="forbid", frozen=True):
    """The file: all patterns, the topics and units that they share, and the rows of the statutory form."""

    topics: dict[str, tuple[str, ...]] = {}
    units: dict[str, str] = {}
    metrics: dict[str, Pattern] = {}
    forms: tuple[Form, ...] = ()

    @cached_property
    def rate_of(self) -> dict[str, str]:
        """The rate of which each metric is the numerator."""
        return {base: metric for metric, pattern in self.metrics.items() for base in pattern.share_of}

    @cached_property
    def _index(self) -> dict[str, list[tuple[str, _Phrase]]]:
        """The phrases by the first two characters of each of their anchors."""
        index: dict[str, list[tuple[str, _Phrase]]] = {}
        for metric, pattern in self.metrics.items():
            excluded = re.compile("|".join(map(re.escape, pattern.excluded)) or "(?!)")
            units = frozenset(" ".join(self.units[group] for group in pattern.units).split())
            for words in pattern.near:
                parts = [sorted(part.split("|"), key=len, reverse=True) for part in words.split("…")]
                regex = re.compile(_GAP.join(f"({'|'.join(map(re.escape, part))})" for part in parts))
                phrase = _Phrase(metric, words, regex, pattern, excluded, units)
                for anchor in _anchors(words):
                    index.setdefault(anchor[:2], []).append((anchor, phrase))
        return index

    @cached_property
    def _topic_words(self) -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
        """One expression over the words of all topics, and the topics of each word and of the words in it."""
        longest = sorted({word for words in self.topics.values() for word in words}, key=len, reverse=True)
        by_word = {
            word: frozenset(
                topic for topic, words in self.topics.items() if any(part in word for part in words)
            )
            for word in longest
        }
        return re.compile(f"(?=({'|'.join(map(re.escape, longest)) or '(?!)'}))"), by_word

    def form(self, labels: Sequence[str], count: int, heads: str = "") -> tuple[str, ...]:
        """The metrics of the columns of a row of the statutory form; empty when it is no such row.

        A row that lost its empty cells still ends with its total, if its label alone tells what it is.
        """
        for words in (labels[-1], "".join(labels[-2:])) if labels else ():
            for form in self.forms:
                if not form.row.search(words) or form.head not in heads:
                    continue
                if len(form.columns) == count:
                    return form.columns
                if count < len(form.columns) == TOTALS and TABLE["numbered"].match(words):
                    return form.columns[-count:]
        return ()

    def topics_of(self, text: str) -> frozenset[str]:
        """The topics that a text names."""
        return frozenset().union(*(topics for _, topics in self.topic_hits(text)))

    def topic_hits(self, text: str) -> list[Hit]:
        """Where a text names which topics."""
        regex, topics = self._topic_words
        return [(found.start(), topics[found[1]]) for found in regex.finditer(text)]

    def rank(self, clue: Clue) -> list[Match]:
        """The metrics that a figure's words name, the likeliest first; empty when they name none."""
        near = f"{clue.left}#{clue.right}"
        best: dict[str, Match] = {}
        for phrase in self._named(near):
            score = phrase.score(clue, near)
            known = best.get(phrase.metric_id)
            if score is not None and (known is None or known.score < score):
                best[phrase.metric_id] = Match(phrase.metric_id, score, phrase.words)
        return sorted(best.values(), key=lambda match: (-match.score, match.metric_id))

    def _named(self, near: str) -> Iterable[_Phrase]:
        """The phrases one of whose anchors stands in a text, each once."""
        found: dict[int, _Phrase] = {}
        for at in range(len(near) - 1):
            for anchor, phrase in self._index.get(near[at : at + 2], ()):
                if near.startswith(anchor, at):
                    found[id(phrase)] = phrase
        return found.values()


def load(path: Path, catalog: Catalog) -> Patterns:
    """The patterns of a file, each for a metric of the catalogue.

    Raises:
        InputError: The file cannot be read or breaks a rule; every broken rule of its kind is shown.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        rule = "Metric patterns are a TOML file in UTF-8"
        raise InputError(rule, f"{path.name}: {error}", "mend the file.") from error
    return build(raw, catalog, path.name)


def build(raw: Mapping[str, Any], catalog: Catalog, file: str = "patterns.toml") -> Patterns:
    """The patterns of tables that were already parsed; as `load`."""
    try:
        patterns = Patterns.model_validate(raw)
        wrong = list(_unknown(patterns, catalog))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    if wrong:
        keys = ", ".join(field.alias or name for name, field in Pattern.model_fields.items())
        rule = f"{file} names metrics, topics and units that exist, by the keys {keys}"
        raise InputError(rule, "\n".join(wrong), "mend these lines.")
    return patterns


def _unknown(patterns: Patterns, catalog: Catalog) -> Iterator[str]:
    """The names of metrics, topics and units that do not exist, and phrases that cannot be looked up."""
    for metric, pattern in patterns.metrics.items():
        topics = pattern.topic | pattern.not_topic | pattern.not_title
        for what, names, known in (
            ("metric", (metric,), list(catalog.metrics)),
            ("topic", topics, list(patterns.topics)),
            ("unit group", pattern.units, list(patterns.units)),
        ):
            for name in set(names).difference(known):
                yield f"{metric}: no such {what} {name!r}; near: {', '.join(closest(name, known)) or 'none'}"
        if not pattern.units:
            yield f"{metric}: units are missing"
        for words in pattern.near:
            if not _anchors(words):
                yield f"{metric}: {words!r} has no part whose every alternative has two characters"
    for form in patterns.forms:
        for metric in {*form.columns} - {"", *catalog.metrics}:
            yield f"form row {form.row.pattern}: no such metric {metric!r}"


def _anchors(words: str) -> tuple[str, ...]:
    """The alternatives by which a phrase is looked up: those of the part whose shortest is longest."""
    best = max((part.split("|") for part in words.split("…")), key=lambda part: min(map(len, part)))
    return tuple(best) if min(map(len, best)) >= 2 else ()
