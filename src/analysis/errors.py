"""The exception family of the package, which the command line turns into one message and an exit code."""

import difflib
from collections.abc import Iterable
from typing import Self


class FazhiError(Exception):
    """A failure a user can act on: the broken rule, what was given instead, what to do in the imperative."""

    exit_code = 1

    def __init__(self, rule: str, given: object = None, fix: str | None = None) -> None:
        self.rule, self.given, self.fix = rule, given, fix
        shown = given if isinstance(given, str) else repr(given)
        found = "" if given is None else f"\nGiven: {shown}"
        self.message = f"{rule}.{found}" + (f"\nTo fix this, {fix}" if fix else "")
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[Self], tuple[str, object, str | None]]:
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
