"""The commands `fazhi show` and `fazhi sources`: what is known of a city, and where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analysis.terminal import print_table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.panel import Panel


def show(
    city: Annotated[str, typer.Argument(help="Region code, Chinese name or pinyin.")],
    year: Annotated[int, typer.Argument(help="Year.")],
    metric: Annotated[str | None, typer.Argument(help="A metric id, or the start of one.")] = None,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Show what is known of a city in a year, with the words of the source."""
    from analysis import editions, words

    panel = _panel()
    region, speech = editions.city(city, panel), editions.check_language(language)
    facts = panel.facts(region.region_code, editions.check_year(year, region, panel))
    if metric:
        facts = facts[_matching(metric, facts, panel)]
    rows = [
        (
            row["metric_id"],
            words.figure(
                row["value"], row["qualifier"], panel.catalog.metrics[row["metric_id"]].unit, speech
            ),
            words.period(row["period"], int(row["year"]), speech),
            words.label("scope", row["scope"], speech)
            + (f": {row['unit_name']}" if row["unit_name"] else ""),
            row["evidence"],
            row["source_id"],
        )
        for _, row in facts.iterrows()
    ]
    print_table(["metric", "figure", "period", "scope", "as printed", "source"], rows)
    print(f"{len(rows)} fact{'' if len(rows) == 1 else 's'} on {region.name_en} {region.name_zh} in {year}.")


def sources(
    city: Annotated[str, typer.Argument(help="Region code, Chinese name or pinyin.")],
    year: Annotated[int | None, typer.Argument(help="Year the source speaks of.")] = None,
) -> None:
    """List the sources on a city, with how many facts were read in each."""
    from analysis import editions
    from analysis.errors import InputError

    panel = _panel()
    region = editions.city(city, panel)
    facts = panel.facts(region.region_code)["source_id"].value_counts()
    known = [
        item
        for item in panel.catalog.sources.values()
        if (item.region_code == region.region_code or item.source_id in facts.index)
        and (year is None or item.year == str(year))
    ]
    if not known:
        raise InputError(
            f"A city and year must have sources: {region.name_en} {region.name_zh}",
            year,
            "leave the year out to see every source, or choose another city.",
        )
    rows = [
        (item.source_id, item.published or "undated", item.publisher, item.title, item.reliability,
         str(facts.get(item.source_id, 0)), item.url or "seen in a copy only")
        for item in known
    ]  # fmt: skip
    print_table(["source", "published", "publisher", "title", "reliability", "facts", "address"], rows)


def _panel() -> Panel:
    from analysis import panel

    return panel.load()


def _matching(metric: str, facts: pd.DataFrame, panel: Panel) -> pd.Series:
    """The rows whose metric is the given one or starts with it; none where the year has no such fact.

    Raises:
        InputError: No metric's id is or starts so; the closest ids are suggested.
    """
    if not any(known.startswith(metric) for known in panel.catalog.metrics):
        panel.catalog.metric(metric)
    return facts["metric_id"].str.startswith(metric)
