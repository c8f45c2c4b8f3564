"""Editions: which city, year, peers and language a page is about, checked before anything is started.

An edition comes from `editions.toml`, from the command line or from a notebook's parameters; all three pass
through the same checks. It refuses unknown names, wrong types, unknown cities, groups and languages, and
years without data, each with the closest thing that would be accepted.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import InputError, suggest

if TYPE_CHECKING:
    from analysis.catalog import Language, Region
    from analysis.panel import Panel

PARAMETERS: dict[str, type] = {"city": str, "year": int, "language": str, "peers": str}
"""The parameters every notebook takes, with their types."""
_ENTRY: dict[str, type] = {"city": str, "year": int, "peers": str, "languages": list}
_EXAMPLES = {"city": '"440800"', "year": "2020", "peers": '"guangdong"', "language": '"en"'} | {
    "languages": '["en", "zh"]'
}


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
    """The edition that a set of notebook parameters names.

    Args:
        parameters: All four of `PARAMETERS`; the city by code (which may be a number) or by name.
        panel: The panel whose catalogue and years decide what exists.

    Raises:
        InputError: A name, type or value is not acceptable; the message says what would be.
    """
    if type(parameters.get("city")) is int:  # papermill's `-p city 000000` arrives as 0
        parameters = {**parameters, "city": f"{parameters['city']:06d}"}
    _check_names(parameters, PARAMETERS, "A notebook's parameters")
    region = panel.catalog.region(str(parameters["city"]))
    year = check_year(int(parameters["year"]), region, panel)
    peers = panel.catalog.check_group(str(parameters["peers"]))
    if peers in panel.catalog.groups:
        panel.catalog.peers(peers, region.region_code)
    return Edition(region.region_code, year, peers, check_language(str(parameters["language"])))


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
        declared, given = _assigned(before), _assigned(cell)
        if cell.lstrip().startswith(_INJECTED) and declared:
            for name in given:
                if name not in declared:
                    rule = "A notebook takes only the parameters that it declares"
                    fix = suggest(name, declared, f"give one of {', '.join(declared)}.")
                    raise InputError(rule, name, fix)
            return


_INJECTED = "# Parameters"
"""How the cell begins that papermill puts in."""


def _assigned(cell: str) -> list[str]:
    """The names that the assignments of a cell make, in order; none where it is no Python."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return []
    targets = [target for item in body if isinstance(item, ast.Assign) for target in item.targets]
    targets += [item.target for item in body if isinstance(item, ast.AnnAssign)]
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def load(path: Path, panel: Panel) -> tuple[Edition, ...]:
    """Every edition of an `editions.toml`, one for each of its languages, in the order of the file.

    Raises:
        InputError: The file is missing or malformed, or an entry is not acceptable or stands there twice.
    """
    found = [edition for entry in _entries(path) for edition in _expand(entry, path, panel)]
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
    fix = "choose another city: nothing but context is known of this one."
    if known:
        fix = f"choose one of {', '.join(map(str, known))}."
    raise InputError(f"A year must have data for {region.name_en} {region.name_zh}", year, fix)


def check_language(language: str) -> Language:
    """The language; an `InputError` when pages cannot be written in it."""
    if language not in ("en", "zh"):
        raise InputError("A language must be en or zh", language, "choose en or zh.")
    return "zh" if language == "zh" else "en"


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError("The list of editions must exist", path.name, "restore it from git.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        rule = "The list of editions must be well-formed TOML"
        raise InputError(rule, f"{path.name}: {error}", "mend that line.") from None
    entries = document.get("edition")
    extra = sorted(set(document) - {"edition"})
    if extra or not isinstance(entries, list) or not all(isinstance(item, dict) for item in entries):
        rule = "editions.toml must hold [[edition]] entries and nothing else"
        shown = 'city = "440800", year = 2020, peers = "guangdong", languages = ["en"]'
        raise InputError(rule, ", ".join(extra) or path.name, f"write [[edition]] with {shown}.")
    return entries


def _expand(entry: Mapping[str, Any], path: Path, panel: Panel) -> Iterable[Edition]:
    _check_names(entry, _ENTRY, f"An entry of {path.name}")
    if not entry["languages"]:
        raise InputError("An edition needs at least one language", dict(entry), 'write languages = ["en"].')
    shared = {name: entry[name] for name in ("city", "year", "peers")}
    yield from (check({**shared, "language": language}, panel) for language in entry["languages"])


def _check_names(given: Mapping[str, Any], known: Mapping[str, type], what: str) -> None:
    """Refuses unknown and missing names and wrong types; a bool is not an int here."""
    listed = ", ".join(f"{name} ({kind.__name__})" for name, kind in known.items())
    for name in given:
        if name not in known:
            raise InputError(f"{what} must be {listed}", name, suggest(str(name), known, "remove that name."))
    for name, kind in known.items():
        if name not in given:
            raise InputError(f"{what} must be {listed}", f"no {name}", f"add {name}.")
        value = given[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            rule = f"{what}: {name} must be of type {kind.__name__}"
            found = f"{name} = {value!r} ({type(value).__name__})"
            raise InputError(rule, found, f"write {name} = {_EXAMPLES[name]}.")
