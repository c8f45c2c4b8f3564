"""Editions: which city, year, peers and language a page is about, checked before anything is started.

An edition comes from `editions.toml`, from the command line or from a notebook's parameters; all three pass
through the same checks. It refuses unknown names, wrong types, unknown cities, groups and languages, years
without data, and a choice that fits nothing, each with the closest thing that would be accepted.
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

_SHARED: dict[str, Any] = {"city": "440800", "year": 2020, "peers": "guangdong"}
_PARAMETERS = {**_SHARED, "language": "en"}
_ENTRY = {**_SHARED, "languages": ["en", "zh"]}
"""What a notebook and an entry of editions.toml take, with values that show the types."""


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
    def subject(self) -> tuple[str, int, str]:
        """City, year and peer group: what the edition's pages are about, in whatever language."""
        return self.city, self.year, self.peers

    @property
    def parameters(self) -> dict[str, Any]:
        """The notebook parameters of the edition."""
        return {"city": self.city, "year": self.year, "language": self.language, "peers": self.peers}


def check(parameters: Mapping[str, Any], panel: Panel) -> Edition:
    """The edition that a notebook's parameters name; the city by code (which may be a number) or by name.

    Raises:
        InputError: A name, type or value is not acceptable; the message says what would be.
    """
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
    """Returns when the notebook that runs declares all parameters that papermill gave it, or none runs.

    papermill itself only warns of a mistyped name, and a whole run would be about the default city. It puts a
    cell of its own after the notebook's cell of parameters; both are in the history of the shell.

    Raises:
        InputError: A name was given that the notebook does not declare; the closest are suggested.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    history = list(shell.user_ns.get("In", ())) if shell else []
    for cell, before in pairwise(reversed(history)):  # the last run of the cells counts
        declared = _assigned(before)
        if cell.lstrip().startswith("# Parameters") and declared:
            for name in _assigned(cell):
                if name not in declared:
                    rule = "A notebook takes only the parameters that it declares"
                    fix = suggest(name, declared, f"give one of {', '.join(declared)}.")
                    raise InputError(rule, name, fix)
            return


def _assigned(cell: str) -> list[str]:
    """The names that a cell assigns to, in order; none where it is no Python."""
    try:
        names = [node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return []
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]


def load(path: Path, panel: Panel) -> tuple[Edition, ...]:
    """Every edition of an `editions.toml`, one for each of its languages, in the order of the file.

    Raises:
        InputError: The file is missing or malformed, or an entry is not acceptable or stands there twice.
    """
    found = []
    for entry in _entries(path):
        _check_names(entry, _ENTRY, f"An entry of {path.name}")
        if not entry["languages"]:
            raise InputError("An edition needs at least one language", entry, 'write languages = ["en"].')
        shared = {name: entry[name] for name in _SHARED}
        found += [check({**shared, "language": language}, panel) for language in entry["languages"]]
    twice = sorted({edition.key for edition in found if found.count(edition) > 1})
    if twice:
        rule = "An edition must stand in editions.toml once"
        raise InputError(rule, ", ".join(twice), "remove the repetition.")
    return tuple(found)


def check_year(year: int, region: Region, panel: Panel) -> int:
    """The year, when something but context is known of the region in it.

    Raises:
        InputError: Nothing is; the years with data are listed.
    """
    known = panel.years(region.region_code)
    if year in known:
        return year
    years = f"one of {', '.join(map(str, known))}."
    fix = f"choose {years if known else 'another city: nothing but context is known of this one.'}"
    raise InputError(f"A year must have data for {region.name_en} {region.name_zh}", year, fix)


def check_language(language: str) -> Language:
    """The language; an `InputError` when pages cannot be written in it."""
    for known in LANGUAGES:
        if language == known:
            return known
    raise InputError("A language must be en or zh", language, "choose en or zh.")


def select(
    listed: Sequence[Edition], panel: Panel, *,
    city: str | None, year: int | None, language: str | None, peers: str | None,
) -> tuple[Edition, ...]:  # fmt: skip
    """The editions that fit what was given, all when nothing was; city and year can name one not listed.

    Peers that were not given are the listed ones, else the city's own.

    Raises:
        InputError: A word is not acceptable, or nothing fits.
    """
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
        known = ", ".join(sorted({item.key for item in listed}))
        given = f"city={city}, year={year}, peers={peers}, language={language}"
        raise InputError(rule, given, f"give --city and --year, or choose among {known}.")
    for edition in fit:
        if edition.peers == "nearest":  # an error where its neighbours cannot be told
            compare.group(panel, edition.peers, edition.city, edition.year)
    return tuple(fit)


def own_group(region_code: str, panel: Panel) -> str:
    """The smallest peer group with ten members or more that a region is in; else all of its level.

    A group of partners is left out, because its members are not the region's likes.
    """
    groups = {name: codes for name, codes in panel.catalog.groups.items() if "partners" not in name}
    mine = [name for name, codes in groups.items() if region_code in codes and len(codes) >= 10]
    return min(mine, key=lambda name: len(groups[name]), default="all")


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError("The list of editions must exist", path.name, "restore it from git.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        rule = "The list of editions must be well-formed TOML"
        raise InputError(rule, f"{path.name}: {error}", "mend that line.") from None
    entries = document.get("edition")
    extra = ", ".join(sorted(set(document) - {"edition"}))
    if extra or not isinstance(entries, list) or not all(isinstance(item, dict) for item in entries):
        rule = "editions.toml must hold [[edition]] entries and nothing else"
        shown = ", ".join(f"{name} = {json.dumps(example)}" for name, example in _ENTRY.items())
        raise InputError(rule, extra or path.name, f"write [[edition]] with {shown}.")
    return entries


def _check_names(given: Mapping[str, Any], examples: Mapping[str, Any], what: str) -> None:
    """Refuses unknown and missing names and wrong types; a bool is not an int here."""
    takes = ", ".join(f"{name} ({type(example).__name__})" for name, example in examples.items())
    for name in given:
        if name not in examples:
            fix = suggest(name, examples, "remove that name.")
            raise InputError(f"{what} must be {takes}", name, fix)
    for name, example in examples.items():
        if name not in given:
            raise InputError(f"{what} must be {takes}", f"no {name}", f"add {name}.")
        if type(given[name]) is not type(example):
            found = f"{name} = {given[name]!r} ({type(given[name]).__name__})"
            rule = f"{what}: {name} must be of type {type(example).__name__}"
            raise InputError(rule, found, f"write {name} = {json.dumps(example)}.")
