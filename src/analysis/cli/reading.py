"""The commands `fazhi ingest`, `accept`, `verify` and `fetch`: from a report to facts in `data/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis import project
from analysis.cli import terminal
from analysis.cli.terminal import City, Json, Out, Place, Private, Quiet, panel
from analysis.errors import InputError

if TYPE_CHECKING:
    from analysis.ingest.patterns import Patterns


def ingest(
    place: Place,
    city: Annotated[str, typer.Option(help="Region code or name, where the text does not tell.")] = "",
    year: Annotated[int, typer.Option(min=0, help="Year, where the text does not tell.")] = 0,
    out: Out = None,
    address: Annotated[str, typer.Option(help="Where the original of a file stands.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Read what the panel has already, too.")] = False,
    private: Private = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Find the figures of a report: candidates.csv to decide on, and a page that shows them in place."""
    from analysis.ingest import read, review

    catalog, cache = panel().catalog, _candidates() / ".pages"
    document, place = read(place, catalog, city=city, year=year, cache=cache, private=private)
    source = review.source_row(document, address or place, panel())
    if not again:
        review.refuse_known(document, source, panel())
    found = review.judge(document, source, panel(), _patterns())
    path = review.write(document, source, found, catalog, out or _candidates() / source["source_id"])
    names = ("title", "issuer", "region_code", "unit_name", "scope", "year")
    told = {name: getattr(document, name) for name in names} | {"source_id": source["source_id"]}
    told |= review.tally(found) | {"candidates": str(path), "review": str(path.with_name("review.html"))}
    if not document.region_code:
        print("note: no area of data/regions.csv is named: add --city, or a row there.", file=sys.stderr)
    if as_json:
        terminal.print_json(told)
    elif not quiet:
        terminal.print_table(["", ""], told.items())
        print(f"Look at {told['review']}, decide in candidates.csv, then run `fazhi accept {path}`.")


def accept(
    candidates: Annotated[Path, typer.Argument(help="candidates.csv, with source.csv beside it.")],
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take the candidates marked yes over into data/, with their source: all of them or none."""
    from analysis.accept import accept as take_over

    done = take_over(candidates, project.data_folder(), project.editions_file())
    if as_json:
        terminal.print_json(vars(done))
    elif not quiet:
        terminal.print_table(["", ""], {**vars(done), "editions": list(done.editions)}.items())
        print(f"{done.doubtful} doubtful and {done.left} other lines were not taken over.")
        print("Read the diff of data/, then run `fazhi refresh`: the editions above change.")


def verify(
    source: Annotated[str, typer.Argument(help="A source_id of data/sources.csv.")],
    place: Place,
    private: Private = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Read a document again and hold each fact of its source against it; exit 1 where one differs."""
    from analysis.ingest import read, review

    catalog, cache = panel().catalog, _candidates() / ".pages"
    if source not in catalog.sources:
        raise InputError("A source must stand in data/sources.csv", source, "see `fazhi sources CITY`.")
    year = int(catalog.sources[source].year)
    document, _ = read(place, catalog, year=year, cache=cache, private=private)
    rows = review.verify(source, document, panel(), _patterns())
    if as_json:
        terminal.print_json(rows.to_dict("records"))
    elif not quiet:
        terminal.print_frame(rows[rows["state"] != "confirmed"])
        counts = [f"{count} {state}" for state, count in rows["state"].value_counts().items()]
        print(f"{', '.join(counts)} of {len(rows)} facts.")
    raise typer.Exit(1 if rows["state"].isin(["differs", "missing"]).any() else 0)


def fetch(
    city: City = "",
    every: Annotated[bool, typer.Option("--all", help="The reports of every city.")] = False,
    out: Out = None,
    private: Private = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Fetch the known reports whose figures the panel lacks, at any time again; exit 1 where one fails."""
    from analysis.ingest import review

    if bool(city) == every:
        raise InputError("Either a city or --all must be given", city or None, "give one of them.")
    sources = review.missing(panel(), None if every else panel().catalog.region(city).region_code)
    done, told = [], not (quiet or as_json)
    with terminal.progress(told) as advance:
        for one in review.visit(sources, panel(), _patterns(), out or _candidates(), private=private):
            done.append(one)
            advance(len(done), len(sources))
            if told:
                print(f"{len(done)} of {len(sources)} {one.state}: {one.source_id}", file=sys.stderr)
    if as_json:
        terminal.print_json([one._asdict() for one in done])
    elif not quiet:
        terminal.print_table(["source", "state", "detail"], done)
    raise typer.Exit(1 if any(one.state == "failed" for one in done) else 0)


def _patterns() -> Patterns:
    from analysis.ingest import patterns

    return patterns.load(project.data_folder() / "patterns.toml", panel().catalog)


def _candidates() -> Path:
    return project.root() / "candidates"
