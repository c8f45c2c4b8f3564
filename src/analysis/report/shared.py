"""Pieces that several pages show: metric cards, words for charts, and what stands in place of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis import narrative, words
from analysis.figures import Words
from analysis.report import metric_cards
from analysis.report.context import Context
from analysis.report.outputs import Prose


def chart_words(context: Context) -> Words:
    """The words that stand where a figure cannot, in the page's language."""
    language = context.language
    return Words(
        missing=words.label("word", "not_reported", language),
        zero=words.label("word", "zero", language),
        derived=words.label("word", "derived", language),
        more=words.label("word", "more", language),
        less=words.label("word", "less", language),
        about=words.label("word", "about", language),
    )


def absent(context: Context, section: str, **values: Any) -> Prose:
    """The sentence that stands in place of a figure that the city's report cannot fill."""
    return Prose(narrative.render(context.language, context.page_id, section, city=context.city, **values))


def cards(context: Context, metric_ids: Sequence[str]) -> str:
    """The cards of some metrics, each in a fold that opens on demand."""
    chosen = dict.fromkeys(metric_ids)
    return "\n".join(metric_cards.folded(context, context.metric(metric_id)) for metric_id in chosen)
