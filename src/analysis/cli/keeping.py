"""The commands `fazhi check` and `fazhi adopt`: keep `data/` whole, and take a release over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis import project
from analysis.terminal import print_table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.adopt import TableChange
    from analysis.check import Problem

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a schedule.")]
_ROWS_SHOWN = 40


def check_data(as_json: Json = False) -> None:
    """Check data/ row by row; exit 1 when a row breaks a rule."""
    from analysis import check

    project.notebooks_folder()
    problems = check.run(project.data_folder())
    if as_json:
        print(json.dumps([vars(item) for item in problems], ensure_ascii=False, indent=1))
    elif problems:
        _show(problems)
        print("Mend them and run `fazhi check` again.")
    else:
        _print_frame(check.sizes(project.data_folder()))
        print("Every row keeps every rule.")
    raise typer.Exit(1 if problems else 0)


def adopt(
    release: Annotated[Path, typer.Argument(help="Folder with a release of the mined tables.")],
    write: Annotated[
        bool, typer.Option("--write", help="Write it into data/; otherwise only show it.")
    ] = False,
) -> None:
    """Show what a release of the mined tables would add, change and remove; --write takes it over.

    Rows that were added, edited or removed by hand are never overwritten. Nothing is written where a row of
    the outcome would break a rule of data/: exit 1, and the rows are shown.
    """
    from analysis import adopt as adoption

    data = project.data_folder()
    changes = adoption.compare(release, data)
    _show_changes(changes)
    changed = any(change.rows["state"].isin(adoption.WRITTEN).any() for change in changes)
    problems = adoption.take_over(changes, data, write) if write or changed else []
    if problems:
        _show(problems)
        print("Nothing was written. Mend data/, or the release, and try again.")
        raise typer.Exit(1)
    if write:
        print("Written. Read the diff: new metrics need a definition and a caveat in both languages.")
    elif changed:
        print("Nothing was written. Add --write to take the release over.")
    else:
        print("data/ holds this release already, and what was edited by hand stays.")


def _show_changes(changes: Sequence[TableChange]) -> None:
    """How many rows are in which state, and the first rows of each table."""
    import pandas as pd

    from analysis import adopt as adoption

    _print_frame(adoption.summary(changes))
    names = {"table": "table", "state": "state", "key": "row", "detail": "here -> release"}
    shown = pd.concat([change.rows.head(_ROWS_SHOWN) for change in changes])
    _print_frame(shown[list(names)].rename(columns=names))
    rest = sum(len(change.rows) for change in changes) - len(shown)
    if rest:
        print(f"and {rest} more rows")


def _print_frame(frame: pd.DataFrame) -> None:
    print_table(list(frame.columns), list(frame.itertuples(index=False, name=None)))


def _show(problems: Sequence[Problem]) -> None:
    """Where which rule is broken, and by what."""
    print_table(["where", "rule", "row"], [(item.place, item.rule, item.given) for item in problems])
    print("1 row breaks a rule." if len(problems) == 1 else f"{len(problems)} rows break a rule.")
