"""The `fazhi` command: which commands there are, and how a failure ends.

Thin: each command reads options, calls the package and prints, and imports what is heavy when it is called,
so that a command that needs little starts fast. Exit codes: 0 all well; 1 some runs or rows failed; 2 bad
input, nothing started; 130 and 143 after SIGINT and SIGTERM.
"""

from __future__ import annotations

import errno
import sys
from typing import Annotated

import typer

from analysis.cli import keeping, reading, refreshing
from analysis.errors import FazhiError, InputError
from analysis.terminal import show_what_can_be_shown

__all__ = ["app", "main"]

app = typer.Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in (
    *(refreshing.refresh, refreshing.status),
    *(keeping.check, keeping.show, keeping.sources, keeping.adopt),
    *(reading.ingest, reading.accept, reading.verify, reading.fetch),
):
    app.command()(_command)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        print(f"fazhi {metadata.version('fazhi')}")
        raise typer.Exit


@app.callback()
def fazhi(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Fazhi: rule-of-law government reports of Chinese cities, compared with evidence."""


def main() -> None:
    """Runs the command line; a failure a user can act on becomes its message and exit code."""
    show_what_can_be_shown()
    try:
        app()
    except FazhiError as error:
        _fail(error)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC):
            raise
        rule = "The project's folder must be one that can be written to"
        _fail(InputError(rule, str(error), "work in a copy of your own, or name one in FAZHI_ROOT."))


def _fail(error: FazhiError) -> None:
    print(f"fazhi: {error.message}", file=sys.stderr)
    sys.exit(error.exit_code)
