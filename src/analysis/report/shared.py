"""Pieces that several pages show: metric cards, words for charts, and what stands in place of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from analysis import narrative, words
from analysis.catalog import Metric
from analysis.figures import Words
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
    """The definitions and caveats of some metrics, each in a fold that opens on demand."""
    return "\n".join(_card(context, context.metric(metric_id)) for metric_id in dict.fromkeys(metric_ids))


def _card(context: Context, metric: Metric) -> str:
    language = context.language
    other = metric.label_en if language == "zh" else metric.label_zh
    mark = "zh" if language == "en" else "en"
    rows = [
        ("definition", metric.definition(language) or words.label("card", "no_definition", language)),
        ("unit", words.label("measure", metric.measure, language).format(unit=_unit(metric, context))),
        ("polarity", words.label("polarity", metric.polarity, language)),
        ("parts", _parts(metric, context)),
        ("breaks", metric.breaks.replace(";", ", " if language == "en" else "、")),
        ("comparable", words.label("comparable", metric.comparable, language)),
        ("caveat", metric.caveat(language)),
    ]
    items = "".join(
        f"<dt>{escape(words.label('card', key, language))}</dt><dd>{escape(text)}</dd>"
        for key, text in rows
        if text
    )
    head = f'{escape(metric.label(language))} <span lang="{mark}">{escape(other)}</span>'
    return f"<details><summary>{head}</summary><dl>{items}</dl></details>"


def _unit(metric: Metric, context: Context) -> str:
    if context.language == "zh" or metric.unit == "%":
        return metric.unit
    return words.label("unit_name", metric.unit, "en")


def _parts(metric: Metric, context: Context) -> str:
    if not metric.numerators or not metric.denominators:
        return ""
    plus = " + " if context.language == "en" else "＋"
    sides = [
        plus.join(context.metric(part).label(context.language) for part in side)
        for side in (metric.numerators, metric.denominators)
    ]
    return (" ÷ ").join(f"({side})" if plus in side else side for side in sides)
