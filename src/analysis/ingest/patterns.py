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
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from analysis.catalog import Catalog
from analysis.errors import InputError, closest
from analysis.ingest.context import Found
from analysis.ingest.figures import TABLE

_TOTALS = 7  # columns of the form's table of requests; the last one is the total
_GAP = "[^。;]{0,16}?"
Match = tuple[str, float, str]  # a metric with its score or confidence, and the words or the reason
_Index = dict[str, list[tuple[str, Any]]]
# a phrase is looked up by the alternatives of a part that have two characters each
_Words = Annotated[str, Field(pattern="(^|…)[^|…]{2,}([|][^|…]{2,})*(…|$)")]


class Pattern(BaseModel, extra="forbid", frozen=True):
    """How one metric is recognised: its table in the file, whose head explains the keys."""

    near: tuple[_Words, ...] = ()
    topic: frozenset[str] = frozenset()
    not_topic: frozenset[str] = frozenset()
    not_title: frozenset[str] = frozenset()
    excluded: tuple[str, ...] = Field((), alias="not")
    units: tuple[str, ...] = Field(min_length=1)
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
        """How well it fits: its length and topic, less its distance from the figure and the marks between."""
        pattern, middle = self.pattern, len(found.left)
        topic = max((found.topics.get(name, 0.0) for name in pattern.topic), default=1.0)
        foreign = not pattern.not_topic.isdisjoint(found.current)
        far = found.reach == "far" and not pattern.topic.isdisjoint(found.current)
        allowed = (
            pattern.kind == (found.kind if found.kind in ("rank", "duration") else "value")
            and pattern.pair in (0, found.figure.place)
            and (not found.unit or found.unit in self.units)
            and topic
            and pattern.not_title.isdisjoint(found.title)
            and (far or not foreign)
        )
        clause = max(found.left.rfind(mark) for mark in ",;:") + 1
        fits = []
        for words in self.regex.finditer(near) if allowed else ():
            start, end = words.span()
            if not self.excluded.search(near, min(start, clause)):
                gap = near[end:middle] if end <= middle else near[middle + 1 : start]
                away = 0.08 * len(gap) + 0.8 * sum(gap.count(mark) for mark in ",:()、")
                fits.append(sum(map(len, words.groups())) - away - (0.3 if start > middle else 0.0))
        return max(fits) + topic + (found.unit in self.units) - 0.5 * foreign if fits else None


class Patterns(BaseModel, extra="forbid", frozen=True):
    """The file: all patterns, the topics and units that they share, and the rows of the statutory form."""

    topics: dict[str, tuple[Annotated[str, Field(min_length=2)], ...]] = {}
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
                found += [(anchor, phrase) for anchor in max(parts, key=lambda part: len(part[-1]))]
        return _index(found)

    @cached_property
    def _topics(self) -> _Index:
        return _index((word, topic) for topic, words in self.topics.items() for word in words)

    def form(self, labels: Sequence[str], count: int, heads: str) -> tuple[str, ...]:
        """The metrics of the columns, or of the last ones, of a row of the statutory form; else empty."""
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


def load(path: Path, catalog: Catalog) -> Patterns:
    """The patterns of a file, each for a metric of the catalogue.

    Raises:
        InputError: The file cannot be read or breaks rules, all of which are shown.
    """
    try:
        patterns = Patterns.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        wrong = list(_unknown(patterns, catalog))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    except (OSError, ValueError) as error:
        wrong = [str(error)]
    if wrong:
        keys = ", ".join(field.alias or name for name, field in Pattern.model_fields.items())
        rule = f"{path.name} is TOML in UTF-8, of metrics, topics and units that exist, with the keys {keys}"
        fix = "mend these lines; one part of each phrase has two characters in every alternative."
        raise InputError(rule, "\n".join(wrong), fix)
    return patterns


def _unknown(patterns: Patterns, catalog: Catalog) -> Iterator[str]:
    rules = patterns.metrics.values()
    metrics = chain(patterns.metrics, *(form.columns for form in patterns.forms))
    topics = chain(*(rule.topic | rule.not_topic | rule.not_title for rule in rules))
    units = chain(*(rule.units for rule in rules))
    named = {"metric": (metrics, ["", *catalog.metrics]), "topic": (topics, patterns.topics)}
    for what, (names, known) in {**named, "unit group": (units, patterns.units)}.items():
        for name in sorted(set(names).difference(known)):
            yield f"no such {what} {name!r}; near: {', '.join(closest(name, known)) or 'none'}"
