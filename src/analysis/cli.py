"""The `fazhi` command: refresh and status (from `cli_refresh`), check, show, sources and adopt.

Thin: it reads options, calls the package and prints. Exit codes: 0 all well; 1 some runs or rows failed; 2
bad input, nothing started; 130 and 143 after SIGINT and SIGTERM.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis import cli_refresh, project
from analysis.errors import FazhiError
from analysis.terminal import print_table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.panel import Panel

app = typer.Typer(
    help="Fazhi: rule-of-law government reports of Chinese cities, compared with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a schedule.")]


app.command()(cli_refresh.refresh)
app.command()(cli_refresh.status)


@app.command("check")
def check_data(as_json: Json = False) -> None:
    """Check data/ row by row; exit 1 when a row breaks a rule."""
    from analysis import check

    problems = check.run(project.data_folder())
    if as_json:
        print(json.dumps([vars(item) for item in problems], ensure_ascii=False, indent=1))
    elif problems:
        print_table(
            ["where", "rule", "row"],
            [(item.place, item.rule, item.given) for item in problems],
        )
        count = "1 row breaks" if len(problems) == 1 else f"{len(problems)} rows break"
        print(f"{count} a rule. Mend them and run `fazhi check` again.")
    else:
        sizes = check.sizes(project.data_folder())
        print_table(
            ["table", "rows", "files"], [tuple(map(str, row)) for row in sizes.itertuples(index=False)]
        )
        print("Every row keeps every rule.")
    raise typer.Exit(1 if problems else 0)


@app.command()
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


@app.command()
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


@app.command()
def adopt(
    release: Annotated[Path, typer.Argument(help="Folder with a release of the mined tables.")],
    write: Annotated[
        bool, typer.Option("--write", help="Write it into data/; otherwise only show it.")
    ] = False,
) -> None:
    """Show what a release of the mined tables would add, change and remove; --write takes it over.

    Rows that were added, edited or removed by hand are never overwritten.
    """
    from analysis.ingest import adopt as adoption

    data = project.data_folder()
    changes = adoption.compare(release, data)
    counts = adoption.summary(changes)
    print_table(list(counts.columns), [tuple(map(str, row)) for row in counts.itertuples(index=False)])
    rows = [
        (row["table"], row["state"], row["key"], row["detail"])
        for change in changes
        for _, row in change.rows.head(_ROWS_SHOWN).iterrows()
    ]
    if rows:
        print_table(["table", "state", "row", "here -> release"], rows)
    if write:
        adoption.apply(changes, data)
        print("Written. Read the diff, then run `fazhi check`.")
    elif any(len(change.rows) for change in changes):
        print("Nothing was written. Add --write to take the release over.")
    else:
        print("data/ holds this release already.")


_ROWS_SHOWN = 40


def main() -> None:
    """Runs the command line; a failure a user can act on becomes its message and exit code."""
    try:
        app()
    except FazhiError as error:
        print(f"fazhi: {error.message}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(141)


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
