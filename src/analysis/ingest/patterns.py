"""The patterns of `data/patterns.toml`: which metrics the words around a figure name, and how well each fits.

A pattern says which words must stand near a figure, of which topic the text must speak, in which units the
figure may be, and what rules it out. It chooses nothing, and refuses a file with unknown metrics or keys.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from analysis.catalog import Catalog
from analysis.errors import InputError, closest
from analysis.ingest.context import Found
from analysis.ingest.figures import TABLE

_TOTALS = 7  # columns of the form's table of requests; the last one is the total
_GAP = "[^。;]{0,16}?"
Match = tuple[str, float, str]
"""A metric with its score or confidence, and the words or the reason."""
_Index = dict[str, list[tuple[str, Any]]]


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


@dataclass(frozen=True, eq=False, slots=True)
class _Phrase:
    metric_id: str
    words: str
    regex: re.Pattern[str]
    pattern: Pattern
    excluded: re.Pattern[str]
    units: frozenset[str]

    def score(self, found: Found, near: str) -> float | None:
        """How well it fits: its length, its topic, less its distance from the figure and the commas between.

        A word that rules the metric out counts from the phrase, or the figure's clause, to the clause's end.
        """
        pattern, middle = self.pattern, len(found.left)
        far = found.reach == "far" and not pattern.topic.isdisjoint(found.current)
        allowed = (
            pattern.kind == (found.kind if found.kind in ("rank", "duration") else "value")
            and pattern.pair in (0, found.figure.place)
            and (not found.unit or found.unit in self.units)
            and not (pattern.topic and pattern.topic.isdisjoint(found.topics))
            and pattern.not_title.isdisjoint(found.title)
            and (far or pattern.not_topic.isdisjoint(found.current))
        )
        clause = max(found.left.rfind(mark) for mark in ",;:") + 1
        fits = []
        for words in self.regex.finditer(near) if allowed else ():
            start, end = words.span()
            if not self.excluded.search(near, min(start, clause)):
                gap = near[end:middle] if end <= middle else near[middle + 1 : start]
                away = 0.08 * len(gap) + 0.8 * sum(gap.count(mark) for mark in ",:()、")
                fits.append(sum(map(len, words.groups())) - away - (0.3 if start > middle else 0.0))
        topic = max((found.topics.get(name, 0.0) for name in pattern.topic), default=1.0)
        foreign = 0.0 if pattern.not_topic.isdisjoint(found.current) else 0.5
        return max(fits) + topic + ((1.0 if found.unit in self.units else 0.0) - foreign) if fits else None


class Patterns(BaseModel, extra="forbid", frozen=True):
    """The file: all patterns, the topics and units that they share, and the rows of the statutory form."""

    topics: dict[str, tuple[str, ...]] = {}
    units: dict[str, str] = {}
    metrics: dict[str, Pattern] = {}
    forms: tuple[Form, ...] = ()

    @cached_property
    def _phrases(self) -> _Index:
        found = []
        for metric, pattern in self.metrics.items():
            excluded = re.compile("|".join(map(re.escape, pattern.excluded)) or "(?!)")
            units = frozenset(" ".join(self.units[group] for group in pattern.units).split())
            for words in pattern.near:
                parts = [sorted(part.split("|"), key=len, reverse=True) for part in words.split("…")]
                regex = re.compile(_GAP.join(f"({'|'.join(map(re.escape, part))})" for part in parts))
                phrase = _Phrase(metric, words, regex, pattern, excluded, units)
                found += [(anchor, phrase) for anchor in _anchors(words)]
        return _index(found)

    @cached_property
    def _topics(self) -> _Index:
        return _index((word, topic) for topic, words in self.topics.items() for word in words)

    def form(self, labels: Sequence[str], count: int, heads: str) -> tuple[str, ...]:
        """The metrics of the columns of a row of the statutory form; empty when it is no such row.

        A row that lost its empty cells still ends with its total, if its label alone tells what it is.
        """
        for words in (labels[-1], "".join(labels[-2:])) if labels else ():
            for form in self.forms:
                cut = count < len(form.columns) == _TOTALS and TABLE["numbered"].match(words)
                if form.row.search(words) and form.head in heads and (cut or len(form.columns) == count):
                    return form.columns[-count:]
        return ()

    def topics_in(self, text: str) -> list[tuple[int, str]]:
        """Where a text names which topics."""
        return list(_found(self._topics, text))

    def rank(self, found: Found) -> list[Match]:
        """The metrics that a figure's words name, with score and words, the likeliest first."""
        near = f"{found.left}#{found.right}"
        best: dict[str, Match] = {}
        for phrase in dict.fromkeys(phrase for _, phrase in _found(self._phrases, near)):
            score = phrase.score(found, near)
            if score is not None and score > best.get(phrase.metric_id, ("", -99.0))[1]:
                best[phrase.metric_id] = (phrase.metric_id, score, phrase.words)
        return sorted(best.values(), key=lambda match: (-match[1], match[0]))


def _index(words: Iterable[tuple[str, Any]]) -> _Index:
    """Words by their first two characters, so that a text meets few of them."""
    index: _Index = defaultdict(list)
    for word, meaning in words:
        index[word[:2]].append((word, meaning))
    return index


def _found(index: _Index, text: str) -> Iterator[tuple[int, Any]]:
    for at in range(len(text) - 1):
        for word, meaning in index.get(text[at : at + 2], ()):
            if text.startswith(word, at):
                yield at, meaning


def _anchors(words: str) -> list[str]:
    """The alternatives by which a phrase is looked up: those of the part whose shortest is longest."""
    best = max((part.split("|") for part in words.split("…")), key=lambda part: min(map(len, part)))
    return best if min(map(len, best)) >= 2 else []


def load(path: Path, catalog: Catalog) -> Patterns:
    """The patterns of a file, each for a metric of the catalogue.

    Raises:
        InputError: The file cannot be read or breaks a rule; every broken rule of its kind is shown.
    """
    try:
        patterns = Patterns.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        wrong = list(_wrong(patterns, catalog))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        wrong = [str(error)]
    if wrong:
        keys = ", ".join(field.alias or name for name, field in Pattern.model_fields.items())
        rule = f"{path.name} is TOML in UTF-8, of metrics, topics and units that exist, with the keys {keys}"
        raise InputError(rule, "\n".join(wrong), "mend these lines.")
    return patterns


def _wrong(patterns: Patterns, catalog: Catalog) -> Iterator[str]:
    known = {"metric": [*catalog.metrics], "topic": [*patterns.topics], "unit group": [*patterns.units]}
    short = [(f"topic {topic}", word) for topic, words in patterns.topics.items() for word in words]
    for metric, pattern in patterns.metrics.items():
        topics = sorted(pattern.topic | pattern.not_topic | pattern.not_title)
        for what, names in {"metric": [metric], "topic": topics, "unit group": pattern.units}.items():
            for name in set(names).difference(known[what]):
                near = ", ".join(closest(name, known[what])) or "none"
                yield f"{metric}: no such {what} {name!r}; near: {near}"
        if not pattern.units:
            yield f"{metric}: units are missing"
        short += [(metric, words) for words in pattern.near]
    for where, words in short:
        if not _anchors(words):
            yield f"{where}: {words!r} has no part whose every alternative has two characters"
    for form in patterns.forms:
        for name in {*form.columns}.difference(["", *catalog.metrics]):
            yield f"form row {form.row.pattern}: no such metric {name!r}"
