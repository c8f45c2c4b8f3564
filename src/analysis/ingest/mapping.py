"""Gives a figure its metric: by its words, by the figure that it changes, or by the one it continues.

Each choice has a confidence and a reason in words. A figure whose words fit no pattern keeps an empty metric;
a change is no value, so it is mapped only where the catalogue has the change of that metric.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile

from analysis.catalog import Catalog
from analysis.ingest.context import Found
from analysis.ingest.document import Document
from analysis.ingest.figures import PARAGRAPH
from analysis.ingest.patterns import Patterns

_COUNTED = ("value", "part")
_PLAIN = (*_COUNTED, "rate")
_NONE = "oversight.disclosure_"
"""Of nothing else is it said in words that there was none (未收到政府信息公开申请)."""
_FILED = re.compile("(?:filed|handled|accepted|received)$")
_Choice = tuple[str, float, str]
_NO_CHOICE = ("", 0.0, "no pattern fits its words")


@dataclass(frozen=True)
class Setting:
    """A document with the catalogue and the patterns; what all its paragraphs and tables share."""

    document: Document
    catalog: Catalog
    patterns: Patterns

    @cached_property
    def title(self) -> frozenset[str]:
        """The topics that the title names."""
        return self.topics_of(self.document.title)

    @cached_property
    def regions(self) -> dict[str, str]:
        """The codes of the regions below the document's, by name."""
        code = self.document.region_code
        below = [region for region in self.catalog.regions.values() if region.parent_code == code]
        return {name: region.region_code for region in below for name in (region.stem_zh, region.name_zh)}

    def topics_of(self, text: str) -> frozenset[str]:
        """The topics that a text names."""
        return frozenset(topic for _, topic in self.patterns.topics_in(text))

    def sister(self, metric_id: str, confidence: float, suffix: str = "_change") -> _Choice:
        """The metric of a change, or of a figure before a cut, where the catalogue has one."""
        reason = f"{suffix.strip('_')} of {metric_id}"
        if metric_id + suffix in self.catalog.metrics:
            return metric_id + suffix, confidence, reason
        return "", 0.0, f"{reason}: no metric of the catalogue"


def assign(found: Found, earlier: Sequence[Found], setting: Setting) -> None:
    """Sets metric, confidence and reason of a figure; `earlier` are those before it in its sentence."""
    choose = _of_change if found.kind == "change" else _of_words
    found.metric_id, found.confidence, found.reason = choose(found, earlier, setting)


def _of_words(found: Found, earlier: Sequence[Found], setting: Setting) -> _Choice:
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


def _likeliest(
    found: Found, ranked: Sequence[_Choice], earlier: Sequence[Found], patterns: Patterns
) -> _Choice:
    """The best of the metrics that a figure's words name; the closer the next one, the less sure.

    Closed cases are of the kind that was filed just before: 受理行政案件9件,审结8件 closes 行政案件.
    """
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


def _of_change(found: Found, earlier: Sequence[Found], setting: Setting) -> _Choice:
    """The change of what its words name, else of the figure before it.

    In a list (同比分别上升) n changes belong to the last n figures.
    """
    percent = found.figure.unit == "%"
    if percent and (own := setting.patterns.rank(replace(found, unit=""))):
        return setting.sister(own[0][0], 0.8)
    if "年均" in found.left:
        return "", 0.0, "a yearly average of changes: no metric of the catalogue"
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
    if percent:
        return setting.sister(base.metric_id, base.confidence)
    return "", 0.0, "a change that is not in per cent: no metric of the catalogue"


def _of_share(found: Found, last: Found | None, patterns: Patterns) -> _Choice:
    """The rate of which the figure before it, or what stands before 占, is the numerator: 维持的占41.2%."""
    words, base = found.left.rpartition("占")[0], ""
    if not PARAGRAPH["bare"].fullmatch(words):
        named = patterns.rank(replace(found, left=words, unit="", right=""))
        base = named[0][0] if named else ""
    elif last and last.kind in _COUNTED and last.scope[0] not in ("own_level", "lower_level"):
        base = last.metric_id
    rate = next((metric for metric, pattern in patterns.metrics.items() if base in pattern.share_of), "")
    return (rate, 0.7, f"share of {base}") if rate else _NO_CHOICE
