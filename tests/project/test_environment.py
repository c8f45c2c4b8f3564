"""pyproject.toml, requirements.lock and environment.yml say the same, and name what the code imports."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from repository import ROOT, imports, modules

CONDA_NAMES = {"matplotlib-base": "matplotlib", "seaborn-base": "seaborn"}
"""conda-forge's name where it differs from the package index's."""
TOOLS = {
    "emoji": "recognizers-text-number needs an old one",
    "ipywidgets": "notebooks/explore.ipynb",
    "jupyterlab": "make lab",
    "mypy": "make test",
    "nbval": "make test",
    "pandas-stubs": "mypy",
    "pytest-xdist": "make test",
    "ruff": "make test",
    "scipy-stubs": "mypy",
    "setuptools": "builds the editable install",
}
"""What is declared although nothing imports it, and what it is for."""


@dataclass(frozen=True)
class Locked:
    """One entry of the lock."""

    name: str
    version: str
    hashes: int


def parse_lock(text: str) -> list[Locked]:
    """The entries of a lock file in pip's format."""
    joined = re.sub(r"\\\n\s*", " ", text)
    entries = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    found = []
    for entry in entries:
        requirement = Requirement(entry.split(" --hash")[0])
        version = str(requirement.specifier).removeprefix("==")
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
        found.append(Locked(canonicalize_name(requirement.name), version, hashes))
    return found


def unsatisfied(requirements: Mapping[str, SpecifierSet], lock: Iterable[Locked]) -> list[str]:
    """The names whose range the lock does not satisfy, or that it lacks."""
    versions = {entry.name: entry.version for entry in lock}
    return [
        name
        for name, range_ in requirements.items()
        if name not in versions or Version(versions[name]) not in range_
    ]


def declared(*extras: str) -> dict[str, SpecifierSet]:
    """Name -> range of the package's dependencies and of these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [*project["dependencies"]]
    for extra in extras:
        listed += project["optional-dependencies"][extra]
    found = [Requirement(item) for item in listed]
    return {canonicalize_name(item.name): item.specifier for item in found}


def conda() -> dict[str, SpecifierSet]:
    """Name -> range of environment.yml, in the package index's names, without python, pip and the project."""
    document = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [item for item in document["dependencies"] if isinstance(item, str)]
    (section,) = [item["pip"] for item in document["dependencies"] if isinstance(item, dict)]
    found = [Requirement(item) for item in [*plain, *section] if not item.startswith("--editable")]
    ranges = {canonicalize_name(item.name): item.specifier for item in found}
    ranges = {CONDA_NAMES.get(name, name): range_ for name, range_ in ranges.items()}
    return {name: range_ for name, range_ in ranges.items() if name not in ("python", "pip")}


def third_party(*folders: str) -> set[str]:
    """The distributions that the Python files below these folders import."""
    owners = packages_distributions()
    own = {"analysis", *(path.stem for folder in folders for path in (ROOT / folder).rglob("*.py"))}
    tops = {
        name.split(".")[0]
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path.read_text(encoding="utf-8"))
    }
    outside = tops - own - set(sys.stdlib_module_names) - {"__future__", ""}
    return {canonicalize_name(owners.get(top, [top])[0]) for top in outside}


LOCK_TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCK = parse_lock(LOCK_TEXT)


@pytest.mark.parametrize("locked", ["1.9", "3.0"])
def test_a_version_outside_its_range_is_seen(locked: str) -> None:
    assert unsatisfied({"x": SpecifierSet(">=2,<3")}, [Locked("x", locked, 1)]) == ["x"]


def test_a_name_that_is_not_locked_is_seen() -> None:
    assert unsatisfied({"x": SpecifierSet(">=2")}, [Locked("y", "2", 1)]) == ["x"]


def test_an_entry_without_a_hash_is_seen() -> None:
    entries = parse_lock("# head\na==1 \\\n    --hash=sha256:" + "0" * 64 + "\nb==2 ; os_name == 'nt'\n")
    assert entries == [Locked("a", "1", 1), Locked("b", "2", 0)]


def test_the_lock_satisfies_every_range() -> None:
    assert unsatisfied(declared("cluster", "lab", "dev"), LOCK) == [], "run `make lock`"


def test_every_python_gets_the_same_versions() -> None:
    names = [entry.name for entry in LOCK]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_locked_package_has_hashes() -> None:
    assert [entry.name for entry in LOCK if not entry.hashes] == []


def test_the_lock_names_no_address() -> None:
    assert not re.search(r"://|^-|@ ", LOCK_TEXT, re.MULTILINE)


def test_what_changes_how_all_text_is_held_is_not_locked() -> None:
    assert "pyarrow" in declared("national")
    assert "pyarrow" not in {entry.name for entry in LOCK} | conda().keys()


def test_conda_users_get_the_same_names_and_ranges() -> None:
    assert conda() == declared("cluster", "lab", "dev")


def test_the_package_declares_what_it_imports() -> None:
    assert third_party("src") - set(declared("cluster", "lab", "national")) == set()


def test_tests_and_benchmarks_import_only_what_is_declared() -> None:
    assert third_party("tests", "benchmarks") - set(declared("cluster", "lab", "dev")) == set()


def test_nothing_is_declared_that_nothing_uses() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in modules())
    named = {name for name in declared() if name.replace("-", "_") in source}
    extra = set(declared("cluster", "lab", "dev")) - set(declared())
    unused = (set(declared()) - third_party("src") - named) | (extra - third_party("tests") - set(TOOLS))
    assert unused == set()
