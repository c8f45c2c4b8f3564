"""Editions: which city, year, peers and language a page is about, checked before anything is started.

From `editions.toml`, the command line or a notebook's parameters, it passes the same checks. Unknown names,
types, cities, groups, languages, years without data are refused with the closest that would be accepted.
"""

from __future__ import annotations

import ast
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import InputError, suggest
from analysis.gazetteer import LANGUAGES, Language, Region

if TYPE_CHECKING:
    from analysis.panel import Panel

# what a notebook and an entry of editions.toml take, with values that show the types
_PARAMETERS: dict[str, Any] = {"city": "440800", "year": 2020, "peers": "guangdong", "language": "en"}
_ENTRY = {"city": "440800", "year": 2020, "peers": "guangdong", "languages": ["en", "zh"]}


@dataclass(frozen=True, order=True)
class Edition:
    """One city-year with its peers and language; `city` is the region code."""

    city: str
    year: int
    peers: str
    language: Language

    @property
    def key(self) -> str:
        """The edition's name, which is also its folder under reports/."""
        return f"{self.city}-{self.year}-{self.peers}-{self.language}"

    @property
    def parameters(self) -> dict[str, Any]:
        """The notebook parameters of the edition."""
        return {"city": self.city, "year": self.year, "language": self.language, "peers": self.peers}


def check(parameters: Mapping[str, Any], panel: Panel) -> Edition:
    """The edition that parameters name, the city by code or name; an `InputError` says what else would do."""
    if type(parameters.get("city")) is int:  # papermill's `-p city 000000` arrives as 0
        parameters = {**parameters, "city": f"{parameters['city']:06d}"}
    _check_names(parameters, _PARAMETERS, "A notebook's parameters")
    region = panel.catalog.region(parameters["city"])
    year = check_year(parameters["year"], region, panel)
    peers = panel.catalog.check_group(parameters["peers"])
    if peers in panel.catalog.groups:
        panel.catalog.peers(peers, region.region_code)
    return Edition(region.region_code, year, peers, check_language(parameters["language"]))


def refuse_undeclared() -> None:
    """Refuses a parameter that papermill gave the notebook that runs, which does not declare it."""
    # papermill only warns; its cell stands after the notebook's own of parameters in the shell's history
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    history = list(shell.user_ns.get("In", ())) if shell else []
    for cell, before in pairwise(reversed(history)):  # the last run of the cells counts
        declared = _assigned(before)
        if cell.lstrip().startswith("# Parameters") and declared:
            for name in set(_assigned(cell)) - set(declared):
                fix = suggest(name, declared, f"give one of {', '.join(declared)}.")
                raise InputError("A notebook takes only the parameters that it declares", name, fix)
            return


def _assigned(cell: str) -> list[str]:
    """The names that a cell assigns to; none where it is no Python."""
    try:
        names = [node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return []
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]


def load(path: Path, panel: Panel) -> tuple[Edition, ...]:
    """Every edition of an `editions.toml`, one a language, in its order; an `InputError` where it is bad."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError("The list of editions must exist", path.name, "restore it from git.") from None
    except ValueError as error:  # of TOML, or of UTF-8
        rule = "The list of editions must be well-formed TOML"
        raise InputError(rule, f"{path.name}: {error}", "mend that line.") from None
    entries, other, found = document.pop("edition", None), ", ".join(document), []
    if other or not isinstance(entries, list) or not all(isinstance(item, dict) for item in entries):
        rule = "editions.toml must hold [[edition]] entries and nothing else"
        raise InputError(rule, other or path.name, f"write [[edition]] with {', '.join(_ENTRY)}.")
    for entry in entries:
        _check_names(entry, _ENTRY, f"An entry of {path.name}")
        languages = entry.pop("languages")
        if not languages:
            raise InputError("An edition needs at least one language", entry, 'write languages = ["en"].')
        found += [check({**entry, "language": language}, panel) for language in languages]
    if twice := sorted({edition.key for edition in found if found.count(edition) > 1}):
        rule = "An edition must stand in editions.toml once"
        raise InputError(rule, ", ".join(twice), "remove the repetition.")
    return tuple(found)


def _check_names(given: Mapping[str, Any], examples: Mapping[str, Any], what: str) -> None:
    """Refuses unknown and missing names and wrong types; a bool is not an int here."""
    rule = f"{what} must be {', '.join(f'{name} ({type(one).__name__})' for name, one in examples.items())}"
    for name in [*given, *examples]:
        if name not in examples:
            raise InputError(rule, name, suggest(name, examples, "remove that name."))
        if name not in given:
            raise InputError(rule, f"no {name}", f"add {name}.")
        kind, value = type(examples[name]), given[name]
        if type(value) is not kind:
            found, fix = (
                f"{value!r} ({type(value).__name__})",
                f"write {name} = {json.dumps(examples[name])}.",
            )
            raise InputError(f"{what}: {name} must be of type {kind.__name__}", f"{name} = {found}", fix)


def check_year(year: int, region: Region, panel: Panel) -> int:
    """The year, when something but context is known of the region in it; else an `InputError` with those."""
    known = panel.years(region.region_code)
    if year in known:
        return year
    years = f"one of {', '.join(map(str, known))}."
    fix = f"choose {years if known else 'another city: nothing but context is known of this one.'}"
    raise InputError(f"A year must have data for {region.name_en} {region.name_zh}", year, fix)


def check_language(language: str) -> Language:
    """The language; an `InputError` when pages cannot be written in it."""
    if language in LANGUAGES:
        return language
    raise InputError("A language must be en or zh", language, "choose en or zh.")


def select(
    listed: Sequence[Edition], panel: Panel, *,
    city: str | None, year: int | None, language: str | None, peers: str | None,
) -> tuple[Edition, ...]:  # fmt: skip
    """The editions that fit what was given, else those of city and year that are not listed, or an error."""
    from analysis import compare

    code = panel.catalog.region(city).region_code if city else None
    languages = [check_language(language)] if language else LANGUAGES
    if peers:
        panel.catalog.check_group(peers)
    if code and year is not None:
        check_year(year, panel.catalog.regions[code], panel)
    wanted = {"city": code, "year": year, "peers": peers, "language": language}
    fit = [one for one in listed if all(word in (None, getattr(one, name)) for name, word in wanted.items())]
    if not fit and code and year is not None:
        fit = [Edition(code, year, peers or own_group(code, panel), item) for item in languages]
    if not fit:
        rule = "A choice of editions must fit one of editions.toml, or name a city and a year"
        given = f"city={city}, year={year}, peers={peers}, language={language}"
        fix = f"give --city and --year, or choose among {', '.join(sorted({item.key for item in listed}))}."
        raise InputError(rule, given, fix)
    for edition in fit:
        if edition.peers == "nearest":  # an error where its neighbours cannot be told
            compare.group(panel, edition.peers, edition.city, edition.year)
    return tuple(fit)


def own_group(region_code: str, panel: Panel) -> str:
    """The smallest group of ten or more likes (not partners) that a region is in; else all of its level."""
    sizes = {name: len(codes) for name, codes in panel.catalog.groups.items() if region_code in codes}
    mine = [name for name, size in sizes.items() if size >= 10 and "partners" not in name]
    return min(mine, key=sizes.__getitem__, default="all")
