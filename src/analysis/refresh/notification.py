"""Telling somebody that a refresh failed: a command of the user's, run with the recap on its input.

The command is split into words as a shell would, but no shell runs it. It is told of failures only, and what
becomes of it never changes what became of the refresh.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

from analysis.errors import FazhiError, InputError

PATIENCE = 60.0
"""Seconds the command may take."""


def words(command: str) -> list[str]:
    """The words of a command.

    Raises:
        InputError: It is no command, or its program cannot be found.
    """
    example = "write it as in --notify 'mail -s Fazhi me@example.org'."
    try:
        split = shlex.split(command)
    except ValueError as error:
        raise InputError("--notify must be a command", f"{command} ({error})", example) from None
    if not split or shutil.which(split[0]) is None:
        raise InputError("--notify must name a program that can be run", command, example)
    return split


def failure(error: FazhiError) -> str:
    """What is told of a refresh that did not come to a recap, as JSON of the same form."""
    return json.dumps({"exit_code": error.exit_code, "error": error.message, "rows": []}, ensure_ascii=False)


def tell(command: Sequence[str], exit_code: int, recap: str) -> str:
    """Runs the command; why it failed, or "" when it did not.

    Args:
        command: Its words; what it prints goes to standard error.
        exit_code: For its environment, as FAZHI_EXIT.
        recap: For its standard input, as UTF-8.
    """
    try:
        done = subprocess.run(
            command,
            input=recap.encode(),
            stdout=sys.stderr.fileno(),
            env={**os.environ, "FAZHI_EXIT": str(exit_code)},
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} did not end in {PATIENCE:.0f} s"
    except OSError as error:
        return f"{command[0]} could not be run: {error.strerror}"
    return f"{command[0]} ended with {done.returncode}" if done.returncode else ""
