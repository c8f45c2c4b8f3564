"""The commands on `data/`: `fazhi check` and `adopt` keep it whole; `show` and `sources` say what it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis import project
from analysis.cli.terminal import City, Json, Speech, panel, print_frame, print_json, print_table
from analysis.errors import InputError

if TYPE_CHECKING:
    from analysis.check import Problem

_ROWS_SHOWN = 40


def check(as_json: Json = False) -> None:
    """Check data/ row by row; exit 1 when a row breaks a rule."""
    from analysis import check as checks

    project.notebooks_folder()
    problems = checks.run(project.data_folder())
    if as_json:
        print_json([vars(item) for item in problems])
    elif problems:
        _print_problems(problems, "Mend them and run `fazhi check` again.")
    else:
        print_frame(checks.sizes(project.data_folder()))
        print("Every row keeps every rule.")
    raise typer.Exit(1 if problems else 0)


def adopt(
    release: Annotated[Path, typer.Argument(help="Folder with a release of the mined tables.")],
    write: Annotated[bool, typer.Option("--write", help="Write it into data/, too.")] = False,
) -> None:
    """Show what a release of the mined tables would add, change and remove; --write takes it over.

    Rows that were added, edited or removed by hand are never overwritten. Nothing is written where a row of
    the outcome would break a rule of data/: exit 1, and the rows are shown.
    """
    from analysis import accept as adoption

    data = project.data_folder()
    change = adoption.compare(release, data)
    print_frame(adoption.summary(change))
    shown = change.rows.groupby("table", sort=False).head(_ROWS_SHOWN)
    cells = shown[["table", "state", "key", "detail"]].itertuples(index=False)
    print_table(["table", "state", "row", "here -> release"], cells)
    if more := len(change.rows) - len(shown):
        print(f"and {more} more rows")
    changed = change.rows["state"].isin(adoption.WRITTEN).any()
    problems = adoption.take_over(change, data, write) if write or changed else []
    if problems:
        _print_problems(problems, "Nothing was written. Mend data/, or the release, and try again.")
        raise typer.Exit(1)
    if write:
        print("Written. Read the diff: new metrics need a definition and a caveat in both languages.")
    elif changed:
        print("Nothing was written. Add --write to take the release over.")
    else:
        print("data/ holds this release already, and what was edited by hand stays.")


def show(
    city: City,
    year: Annotated[int, typer.Argument(help="Year.")],
    metric: Annotated[str | None, typer.Argument(help="Start of an id, or words of a label.")] = None,
    language: Speech = "en",
) -> None:
    """Show what is known of a city in a year, with the words of the source."""
    from analysis import editions, words

    catalog = panel().catalog
    region, speech = catalog.region(city), editions.check_language(language)
    facts = panel().facts(region.region_code, editions.check_year(year, region, panel()))
    if metric:
        found = catalog.matching(metric) or (catalog.metric(metric),)
        facts = facts[facts["metric_id"].isin([item.metric_id for item in found])]
    rows = []
    for _, row in facts.iterrows():
        known = catalog.metrics[row["metric_id"]]
        name = known.metric_id if speech == "en" else f"{known.label_zh} {known.metric_id}"
        figure = words.figure(row["value"], row["qualifier"], known.unit, speech)
        when = words.period(row["period"], int(row["year"]), speech)
        scope = ": ".join(filter(None, (words.label("scope", row["scope"], speech), row["unit_name"])))
        rows.append((name, figure, when, scope, row["evidence"], row["source_id"]))
    columns = ("metric", "value", "period", "scope", "printed", "source")
    print_table([words.label("column", name, speech) for name in columns], rows)
    english = f"{words.counted(len(rows), 'fact')} on {region.name_en} {region.name_zh} in {year}."
    print(english if speech == "en" else f"{region.name_zh}{year}年共{len(rows)}项数据。")


def sources(
    city: City,
    year: Annotated[int | None, typer.Argument(help="Year the source speaks of.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only reports without figures here.")] = False,
    language: Speech = "en",
) -> None:
    """List the sources on a city, with how many facts were read in each."""
    from analysis import editions
    from analysis.words import label

    region, speech = panel().catalog.region(city), editions.check_language(language)
    facts = panel().facts(region.region_code)["source_id"].value_counts()
    told = set(panel().observations["source_id"]) if missing else set()
    rows = []
    for item in panel().catalog.sources.values():
        here = item.region_code == region.region_code or item.source_id in facts
        if here and year in (None, int(item.year)) and item.source_id not in told:
            published = item.published or label("word", "undated", speech)
            reliability = label("reliability", item.reliability, speech)
            address = item.url or label("word", "mirror_only", speech)
            count = facts.get(item.source_id, 0)
            rows.append((item.source_id, published, item.publisher, item.title, reliability, count, address))
    if not rows:
        given = f"{region.name_en} {region.name_zh}" + ("" if year is None else f", {year}")
        hint = "" if year is None or facts.empty else "leave the year out to see every source, or "
        raise InputError("A city must have sources", given, f"{hint}choose another city.")
    columns = ("source", "published", "publisher", "title", "reliability", "facts", "address")
    print_table([label("column", name, speech) for name in columns], rows)


def _print_problems(problems: Sequence[Problem], advice: str) -> None:
    print_table(["where", "rule", "row"], [(item.place, item.rule, item.given) for item in problems])
    print("1 row breaks a rule." if len(problems) == 1 else f"{len(problems)} rows break a rule.")
    print(advice)
