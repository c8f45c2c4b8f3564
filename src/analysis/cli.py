"""The `fazhi` command: refresh, status, check, show, sources and adopt.

Thin: it reads options, calls the package and prints. Exit codes: 0 all well; 1 some runs or rows failed; 2
bad input, nothing started; 130 and 143 after SIGINT and SIGTERM.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from analysis import project
from analysis.errors import FazhiError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.editions import Edition
    from analysis.panel import Panel

app = typer.Typer(
    help="Fazhi: rule-of-law government reports of Chinese cities, compared with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

City = Annotated[str | None, typer.Option(help="Region code, Chinese name or pinyin.")]
Year = Annotated[int | None, typer.Option(help="Year of the report.")]
Language = Annotated[str | None, typer.Option(help="en or zh; both when left out.")]
Peers = Annotated[str | None, typer.Option(help="A group of data/peer_groups.csv.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a schedule.")]


@app.command()
def refresh(
    city: City = None,
    year: Year = None,
    language: Language = None,
    peers: Peers = None,
    force: Annotated[bool, typer.Option("--force", help="Run what is fresh, too.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Runs at the same time; 0: one a core.")] = 0,
    kernels: Annotated[str, typer.Option(help="warm (forked from a preloaded process) or cold.")] = "warm",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another refresh.")] = 0.0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Render what is stale: all of editions.toml, or the editions that the options choose."""
    from analysis import check, selection
    from analysis.refresh import engine, progress

    _one_of("--kernels", kernels, ("warm", "cold"))
    check.require(project.data_folder())
    panel, listed = _panel(), _listed()
    chosen = selection.select(listed, panel, city=city, year=year, language=language, peers=peers)
    options = engine.Options(
        jobs=jobs,
        force=force,
        kernels="cold" if kernels == "cold" else "warm",
        wait=wait,
        prune=chosen == listed,
    )
    console = Console(stderr=True)
    with progress.show(console, quiet or as_json) as watch:
        recap = engine.refresh(
            chosen,
            _notebooks(),
            lambda edition: _describe(edition, panel),
            known=listed,
            options=options,
            watch=watch,
        )
    if as_json:
        print(recap.to_json())
    elif not quiet:
        counts = ", ".join(f"{count} {state}" for state, count in recap.counts.items())
        console.print(f"{counts} in {recap.seconds:.1f} s", highlight=False)
    for command in recap.retries:
        console.print(f"to try again: {command}", highlight=False, markup=False)
    for note in recap.notes:
        console.print(f"note: {note}", highlight=False, markup=False)
    raise typer.Exit(recap.exit_code)


@app.command()
def status(as_json: Json = False) -> None:
    """List every page of editions.toml: fresh, stale (and why), failed, or orphan."""
    from dataclasses import asdict

    from analysis.refresh.status import status as standing

    rows = standing(_listed(), _notebooks())
    if as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    _print(
        ["edition", "notebook", "state", "why", "published"],
        [(row.edition, row.notebook, row.state, row.reason, row.published) for row in rows],
    )


@app.command("check")
def check_data(as_json: Json = False) -> None:
    """Check data/ row by row; exit 1 when a row breaks a rule."""
    from analysis import check

    problems = check.run(project.data_folder())
    if as_json:
        print(json.dumps([vars(item) for item in problems], ensure_ascii=False, indent=1))
    elif problems:
        _print(
            ["where", "rule", "row"],
            [(f"{item.file}:{item.line}", item.rule, item.given) for item in problems],
        )
        print(f"{len(problems)} rows break a rule. Mend them and run `fazhi check` again.")
    else:
        sizes = check.sizes(project.data_folder())
        _print(["table", "rows", "files"], [tuple(map(str, row)) for row in sizes.itertuples(index=False)])
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
    _print(["metric", "figure", "period", "scope", "as printed", "source"], rows)
    print(f"{len(rows)} facts on {region.name_en} {region.name_zh} in {year}.")


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
    _print(["source", "published", "publisher", "title", "reliability", "facts", "address"], rows)


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
    _print(list(counts.columns), [tuple(map(str, row)) for row in counts.itertuples(index=False)])
    rows = [
        (row["table"], row["state"], row["key"], row["detail"])
        for change in changes
        for _, row in change.rows.head(_ROWS_SHOWN).iterrows()
    ]
    if rows:
        _print(["table", "state", "row", "here -> release"], rows)
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


def _listed() -> tuple[Edition, ...]:
    from analysis import editions

    return editions.load(project.editions_file(), _panel())


def _notebooks() -> list[Path]:
    """The notebooks of an edition in page order; explore.ipynb and the like have no number and no page.

    Raises:
        InputError: There is none.
    """
    from analysis.errors import InputError

    found = sorted(project.notebooks_folder().glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise InputError("notebooks/ must hold the pages 01_….ipynb and on", None, "restore them from git.")
    return found


def _describe(edition: Edition, panel: Panel) -> dict[str, object]:
    from analysis.refresh import overview

    return dict(overview.describe(edition, panel))


def _matching(metric: str, facts: pd.DataFrame, panel: Panel) -> pd.Series:
    """The rows whose metric is the given one or starts with it.

    Raises:
        InputError: None does, and no metric has this name; the closest ids are suggested.
    """
    rows = facts["metric_id"].str.startswith(metric)
    if not rows.any():
        panel.catalog.metric(metric)
    return rows


def _one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    from analysis.errors import InputError, suggest

    if given not in known:
        listed = " or ".join(known)
        raise InputError(f"{option} must be {listed}", given, suggest(given, known, f"choose {listed}."))


def _print(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """A table as wide as the terminal, or unwrapped where the output is read by a program."""
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    table = Table(*names, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console.print(table, markup=False, highlight=False) if rows else None
