"""The exception family of the package: what went wrong, what was given, what to do about it.

Every error that a user can cause ends in one of these classes, so that the command line can turn it
into one clear message and an exit code. Programming errors are left to raise as they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FazhiError(Exception):
    """A failure a user can act on: the broken rule, what was given and how to fix it.

    Args:
        rule: The rule that was broken, as a sentence without a full stop.
        given: What was found instead, shown with `repr` when it is not a string.
        fix: What to do, in the imperative.
    """

    exit_code = 1

    def __init__(self, rule: str, given: object = None, fix: str | None = None) -> None:
        self.rule, self.given, self.fix = rule, given, fix
        lines = [f"{rule}."]
        if given is not None:
            lines.append(f"Given: {given if isinstance(given, str) else repr(given)}")
        if fix:
            lines.append(f"To fix this, {fix}")
        self.message = "\n".join(lines)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[FazhiError], tuple[str, object, str | None]]:
        """How the error travels between processes, with its parts kept apart."""
        return type(self), (self.rule, self.given, self.fix)


class InputError(FazhiError):
    """Bad input (a parameter, an option, `editions.toml`): nothing was started."""

    exit_code = 2


class DataError(InputError):
    """A row or file in `data/` that breaks a rule; `given` shows file, line and row."""


def closest(given: str, known: Iterable[str]) -> list[str]:
    """The known words most like the given one, three at most, best first; empty when none is near."""
    return difflib.get_close_matches(given, list(known), cutoff=0.5)


def suggest(given: str, known: Iterable[str], otherwise: str) -> str:
    """A fix that names the closest matches of a mistyped word, else the given advice."""
    matches = closest(given, known)
    return f"type {' or '.join(matches)}." if matches else otherwise
