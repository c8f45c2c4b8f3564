"""Every sentence that a reviewer reads, from the templates in `narrative/<language>/`.

A template gets computed values only; a value that is missing is an error, so no page can print a blank where
a number belongs. It refuses a section that one language has and the other lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jinja2

from analysis import words
from analysis.catalog import Language
from analysis.errors import FazhiError


def render(language: Language, page: str, section: str, **values: Any) -> str:
    """One section of a page as Markdown, without surrounding blank lines.

    Args:
        language: The edition's language.
        page: The page's id, e.g. `01_report_profile`.
        section: The section's name; the template is `<page>/<section>.md.j2`, else `common/<section>.md.j2`.
        **values: What the template prints.

    Raises:
        FazhiError: There is no such section, or the template names a value that was not given.
    """
    names = [f"{language}/{page}/{section}.md.j2", f"{language}/common/{section}.md.j2"]
    try:
        return _environment(language).select_template(names).render(**values).strip()
    except jinja2.TemplatesNotFound:
        raise FazhiError(
            "A section must have a template in narrative/", f"{page}/{section} ({language})", "write it."
        ) from None
    except jinja2.UndefinedError as error:
        raise FazhiError(
            "A template may print only what it is given",
            f"{names[0]}: {error}",
            "pass that value, or do not print it.",
        ) from error


def preload(language: Language) -> Iterator[str]:
    """The names of a language's templates, each compiled before it is named, so that `render` has not to.

    A caller may pause between two, or leave the rest: what was not preloaded is compiled when it is rendered.
    """
    environment = _environment(language)
    for name in environment.list_templates(filter_func=lambda name: name.startswith(f"{language}/")):
        environment.get_template(name)
        yield name


@cache
def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("analysis", "narrative"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters.update(words.filters(language))
    return environment
