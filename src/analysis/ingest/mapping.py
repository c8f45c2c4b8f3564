"""Gives a figure its metric: by its words, by the figure that it changes, or by the one it continues.

Each choice has a confidence and a reason in words. A figure whose words fit no pattern keeps an empty metric;
a change is no value, so it is mapped only where the catalogue has the change of that metric.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from analysis.catalog import Catalog
from analysis.ingest.context import Moment
from analysis.ingest.figures import Figure
from analysis.ingest.lexicon import PARAGRAPH
from analysis.ingest.patterns import Clue, Match, Patterns

NOTHING = Clue("", "", "", "value", 0, {}, frozenset(), "far")
"""Of a figure whose surroundings were not looked at yet."""
_COUNTED = ("value", "part")
_PLAIN = (*_COUNTED, "rate")
_NONE = "oversight.disclosure_"
"""Of nothing else is it said in words that there was none (未收到政府信息公开申请)."""
_FILED = re.compile("(?:filed|handled|accepted|received)$")


@dataclass
class Found:
    """One figure with what was found out about it; later figures of the sentence look back at it.

    Its sentence begins at `sentence`, its half sentence at `clause`; its own words go from `begin` to `end`.
    """

    figure: Figure
    sentence: int = 0
    clause: int = 0
    begin: int = 0
    end: int = 0
    own: str = ""
    kind: str = "value"
    sign: int = 1
    clue: Clue = NOTHING
    time: Moment | None = None
    scope: tuple[str, str] = ("", "")
    region: str = ""
    placed: bool = False
    metric_id: str = ""
    named: str = ""
    confidence: float = 0.0
    reason: str = "no pattern fits its words"
    notes: list[str] = field(default_factory=list)

    def take(self, metric_id: str, confidence: float, reason: str) -> None:
        """Notes a choice."""
        self.metric_id, self.confidence, self.reason = metric_id, confidence, reason

    def take_sister(self, metric_id: str, suffix: str, catalog: Catalog, confidence: float) -> None:
        """Notes the metric of a change, or of a figure before a cut, where the catalogue has one."""
        sister, reason = metric_id + suffix, f"{suffix.strip('_')} of {metric_id}"
        if sister in catalog.metrics:
            self.take(sister, confidence, reason)
        else:
            self.take("", 0.0, f"{reason}: no metric of the catalogue")


def assign(found: Found, earlier: Sequence[Found], patterns: Patterns, catalog: Catalog) -> None:
    """Sets metric, confidence and reason of a figure; `earlier` are those before it in its sentence."""
    if found.kind == "change":
        _of_change(found, earlier, patterns, catalog)
        return
    last = earlier[-1] if earlier else None
    ranked = patterns.rank(found.clue) or _in_list(found, last, patterns)
    if found.kind == "none":
        ranked = [match for match in ranked if match.metric_id.startswith(_NONE)]
    if last and last.kind == "before" and last.named:
        found.take(last.named, 0.8, "the figure after the one before")
    elif ranked:
        _by_words(found, ranked, earlier, patterns)
        if found.kind == "before":
            found.named = found.metric_id
            found.take_sister(found.metric_id, "_before", catalog, found.confidence)
    elif found.kind == "share":
        _of_share(found, last, patterns)
    elif found.kind in _PLAIN and PARAGRAPH["bare"].fullmatch(found.clue.left):
        like = next((other for other in reversed(earlier) if other.kind in _PLAIN), None)
        if like and like.metric_id and like.figure.unit == found.figure.unit:
            confidence = min(like.confidence, 0.75)
            found.take(like.metric_id, confidence, "as the figure before it: no own words")


def _in_list(found: Found, last: Found | None, patterns: Patterns) -> list[Match]:
    """The metrics named with the verb of a list: 制定规章3部、规范性文件25件."""
    if last is None or not found.clue.left.startswith("、"):
        return []
    ranked = patterns.rank(replace(found.clue, left=last.clue.left[-24:] + found.clue.left))
    return [match for match in ranked if match.metric_id != last.metric_id]


def _by_words(found: Found, ranked: Sequence[Match], earlier: Sequence[Found], patterns: Patterns) -> None:
    """The best of the metrics that a figure's words name; the closer the next one, the less sure.

    Closed cases are of the kind that was filed just before: 受理行政案件9件,审结8件 closes 行政案件.
    """
    best, clue = ranked[0], found.clue
    filed = next((other.metric_id for other in reversed(earlier) if other.metric_id), "")
    closed = _FILED.sub("closed", filed)
    sibling = clue.reach != "near" and closed != filed and best.metric_id.endswith("closed")
    metric_id = closed if sibling and closed in patterns.metrics else best.metric_id
    margin = min(best.score - ranked[1].score, 3.0) if len(ranked) > 1 else 3.0
    topic = max((clue.topics.get(name, 0.0) for name in patterns.metrics[best.metric_id].topic), default=2.5)
    rival = f"; next {ranked[1].metric_id}" if margin < 1 else ""
    confidence = 0.55 + 0.06 * margin + 0.06 * topic + (0.05 if clue.unit else 0.0)
    found.take(metric_id, min(0.98, confidence), f"words {best.words}, unit {clue.unit or 'none'}{rival}")


def _of_change(found: Found, earlier: Sequence[Found], patterns: Patterns, catalog: Catalog) -> None:
    """The change of what its words name, else of the figure before it.

    In a list (同比分别上升) n changes belong to the last n figures.
    """
    percent = found.figure.unit == "%"
    own = patterns.rank(replace(found.clue, unit="")) if percent else []
    if own:
        found.take_sister(own[0].metric_id, "_change", catalog, 0.8)
        return
    if "年均" in found.clue.left:
        found.reason = "a yearly average of changes: no metric of the catalogue"
        return
    kinds = ("rate", "share") if "百分点" in found.figure.unit else _COUNTED
    values = [other for other in earlier if other.kind in kinds and not (other.time and other.time.base)]
    if not values:
        found.reason = "a change without the figure that changed in its sentence"
        return
    run = len(list(takewhile(lambda other: other.kind == "change", reversed(earlier))))
    spread = "分别" in (earlier[-run].clue.left if run else found.clue.left)
    base = values[max(0, len(values) - 2 + run)] if spread and len(values) > 1 and run < 2 else values[-1]
    found.region = base.region
    if not base.metric_id:
        found.reason = "the figure that changed has no metric"
        return
    found.notes.append(f"change of {base.metric_id}")
    if percent:
        found.take_sister(base.metric_id, "_change", catalog, base.confidence)
    else:
        found.reason = "a change that is not in per cent: no metric of the catalogue"


def _of_share(found: Found, last: Found | None, patterns: Patterns) -> None:
    """The rate of which the figure before it, or what stands before 占, is the numerator: 维持的占41.2%."""
    words, base = found.clue.left.rpartition("占")[0], ""
    if not PARAGRAPH["bare"].fullmatch(words):
        named = patterns.rank(replace(found.clue, left=words, unit="", right=""))
        base = named[0].metric_id if named else ""
    elif last and last.kind in _COUNTED and last.scope[0] not in ("own_level", "lower_level"):
        base = last.metric_id
    if base in patterns.rate_of:
        found.take(patterns.rate_of[base], 0.7, f"share of {base}")
