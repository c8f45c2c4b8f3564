"""The `fazhi` command: which commands there are, and how a failure ends.

Thin: each command reads options, calls the package and prints, and imports what is heavy when it is called,
so that a command that needs little starts fast. Exit codes: 0 all well; 1 some runs or rows failed; 2 bad
input, nothing started; 130 and 143 after SIGINT and SIGTERM.
"""

from __future__ import annotations

import sys

import typer

from analysis.cli import keeping, refreshing, showing
from analysis.errors import FazhiError

app = typer.Typer(
    help="Fazhi: rule-of-law government reports of Chinese cities, compared with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("refresh")(refreshing.refresh)
app.command("status")(refreshing.status)
app.command("check")(keeping.check_data)
app.command("show")(showing.show)
app.command("sources")(showing.sources)
app.command("adopt")(keeping.adopt)


def main() -> None:
    """Runs the command line; a failure a user can act on becomes its message and exit code."""
    try:
        app()
    except FazhiError as error:
        print(f"fazhi: {error.message}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(141)
