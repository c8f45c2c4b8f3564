"""What the templates of pages and of the index share: their folder, their labels and how strict they are."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from analysis.errors import InputError, suggest

LANGUAGES = ("en", "zh")
TEMPLATES = Path(__file__).parent / "templates"
NAME = "fazhi"
"""The template, as nbconvert knows it, and its folder below `TEMPLATES`."""


def strict(environment: Environment) -> Environment:
    """The same environment with escaping on and misspelt names refused."""
    environment.autoescape = True
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment


def labels(language: str) -> dict[str, str]:
    """The fixed words of a page in a language.

    Raises:
        InputError: The language is unknown.
    """
    if language not in LANGUAGES:
        raise InputError(
            f"A page's language is one of {', '.join(LANGUAGES)}",
            language,
            suggest(language, LANGUAGES, "type en or zh."),
        )
    return all_labels()[language]


@cache
def all_labels() -> dict[str, dict[str, str]]:
    """The fixed words of pages and index: language or "overview" -> name -> words."""
    return tomllib.loads((TEMPLATES / NAME / "labels.toml").read_text(encoding="utf-8"))
