"""The commands `fazhi show` and `fazhi sources`: what is known of a city, and where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analysis.errors import InputError
from analysis.terminal import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.catalog import Language
    from analysis.panel import Panel
    from analysis.records import Source

City = Annotated[str, typer.Argument(help="Region code, Chinese name or pinyin.")]
Speech = Annotated[str, typer.Option(help="en or zh.")]


def show(
    city: City,
    year: Annotated[int, typer.Argument(help="Year.")],
    metric: Annotated[str | None, typer.Argument(help="Start of an id, or words of a label.")] = None,
    language: Speech = "en",
) -> None:
    """Show what is known of a city in a year, with the words of the source."""
    from analysis import editions, words

    panel = _panel()
    region, speech = panel.catalog.region(city), editions.check_language(language)
    facts = panel.facts(region.region_code, editions.check_year(year, region, panel))
    if metric:
        facts = facts[facts["metric_id"].isin(_matching(metric, panel))]
    rows = []
    for _, row in facts.iterrows():
        known = panel.catalog.metrics[row["metric_id"]]
        name = known.metric_id if speech == "en" else f"{known.label_zh} {known.metric_id}"
        figure = words.figure(row["value"], row["qualifier"], known.unit, speech)
        when = words.period(row["period"], int(row["year"]), speech)
        scope = ": ".join(filter(None, (words.label("scope", row["scope"], speech), row["unit_name"])))
        rows.append((name, figure, when, scope, row["evidence"], row["source_id"]))
    print_table(_headings(("metric", "value", "period", "scope", "printed", "source"), speech), rows)
    if speech == "zh":
        print(f"{region.name_zh}{year}年共{len(rows)}项数据。")
    else:
        print(f"{words.counted(len(rows), 'fact')} on {region.name_en} {region.name_zh} in {year}.")


def sources(
    city: City,
    year: Annotated[int | None, typer.Argument(help="Year the source speaks of.")] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only known reports without figures here.")
    ] = False,
    language: Speech = "en",
) -> None:
    """List the sources on a city, with how many facts were read in each."""
    from analysis import editions, words

    panel = _panel()
    region, speech = panel.catalog.region(city), editions.check_language(language)
    facts = panel.facts(region.region_code)["source_id"].value_counts()
    known = _known_sources(panel, region.region_code, year, missing)
    if not known:
        rule = f"A city{'' if year is None else ' and year'} must have sources"
        given = f"{region.name_en} {region.name_zh}" + ("" if year is None else f", {year}")
        hint = "" if year is None or facts.empty else "leave the year out to see every source, or "
        raise InputError(rule, given, f"{hint}choose another city.")
    rows = [
        (
            item.source_id,
            item.published or words.label("word", "undated", speech),
            item.publisher,
            item.title,
            words.label("reliability", item.reliability, speech),
            str(facts.get(item.source_id, 0)),
            item.url or words.label("word", "mirror_only", speech),
        )
        for item in known
    ]
    names = ("source", "published", "publisher", "title", "reliability", "facts", "address")
    print_table(_headings(names, speech), rows)


def _known_sources(panel: Panel, code: str, year: int | None, missing: bool) -> list[Source]:
    """The sources on a region, or read for it; only those without any figure where `missing`."""
    read = set(panel.facts(code)["source_id"])
    told = set(panel.observations["source_id"]) if missing else set()
    return [
        item
        for item in panel.catalog.sources.values()
        if (item.region_code == code or item.source_id in read)
        and year in (None, int(item.year))
        and item.source_id not in told
    ]


def _headings(names: Sequence[str], language: Language) -> list[str]:
    from analysis import words

    return [words.label("column", name, language) for name in names]


def _panel() -> Panel:
    from analysis import panel

    return panel.load()


def _matching(word: str, panel: Panel) -> list[str]:
    """The ids of the metrics that a word may mean; an `InputError` suggests the closest to one unknown."""
    found = panel.catalog.matching(word)
    return [item.metric_id for item in found or (panel.catalog.metric(word),)]
