"""The `fazhi` command: which commands there are, and how a failure ends.

Commands read options, call the package and print; what is heavy is imported when they are called. Exit codes:
0 all well; 1 some runs or rows failed; 2 bad input, nothing started; 130 and 143 after SIGINT and SIGTERM.
"""

from __future__ import annotations

import errno
import sys
from importlib import metadata
from typing import Annotated

import typer

from analysis.cli import keeping, reading, refreshing, terminal
from analysis.errors import FazhiError, InputError

__all__ = ["app", "main"]
_HELP = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    context_settings=_HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
for _command in (
    *(refreshing.refresh, refreshing.status),
    *(keeping.check, keeping.show, keeping.sources, keeping.adopt),
    *(reading.ingest, reading.accept, reading.verify, reading.fetch),
):
    app.command()(_command)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"fazhi {metadata.version('fazhi')}")
        raise typer.Exit


_VERSION = typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version.")


@app.callback()
def fazhi(version: Annotated[bool, _VERSION] = False) -> None:
    """Fazhi: rule-of-law government reports of Chinese cities, compared with evidence."""


def main() -> None:
    """Runs the command line; a failure a user can act on becomes its message and exit code."""
    terminal.show_what_can_be_shown()
    try:
        app()
    except BrokenPipeError:
        sys.exit(141)
    except (FazhiError, OSError) as error:
        failure = error
        if isinstance(failure, OSError):
            if failure.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC):
                raise
            rule = "The project's folder must be one that can be written to"
            failure = InputError(rule, str(error), "work in a copy of your own, or name one in FAZHI_ROOT.")
        print(f"fazhi: {failure.message}", file=sys.stderr)
        sys.exit(failure.exit_code)
