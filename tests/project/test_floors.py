"""A module of the package imports only from floors below its own, so that no change reaches downwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from repository import PACKAGE, imports, modules

FLOORS = (
    ("errors",),
    ("project", "quantity"),
    ("stats", "style", "tables"),
    ("gazetteer",),
    ("catalog",),
    ("words",),
    ("charts",),
    ("panel",),
    ("audit", "check"),
    ("compare",),
    ("editions",),
    ("accept", "page"),
    ("ingest", "refresh"),
    ("cli",),
)
"""From the ground up; a package stands on one floor with all its modules. docs/architecture.md draws them."""


def floor_of(name: str) -> int:
    """The floor of a module or package.

    Raises:
        AssertionError: It has none yet.
    """
    for number, names in enumerate(FLOORS):
        if name in names:
            return number
    raise AssertionError(
        f"src/analysis/{name} stands on no floor: add it to FLOORS in tests/project/test_floors.py "
        "and to docs/architecture.md, on the lowest floor above everything it imports"
    )


def breaches(sources: Mapping[str, str]) -> list[str]:
    """Every import that does not lead downwards, as `importer (floor) imports imported (floor)`.

    Args:
        sources: Path of each module below the package -> its source.
    """
    found = []
    for path, source in sources.items():
        mine = Path(path).parts[0].removesuffix(".py")
        if mine == "__init__":
            continue
        for name in imports(source):
            first, _, rest = name.partition(".")
            other = rest.split(".")[0]
            upwards = first == "analysis" and other not in ("", mine) and floor_of(other) >= floor_of(mine)
            if upwards or name.startswith("."):
                found.append(f"{path} imports {name}")
    return found


def test_an_import_upwards_is_a_breach() -> None:
    assert breaches({"errors.py": "from analysis import panel"}) == ["errors.py imports analysis.panel"]


def test_an_import_from_the_same_floor_is_a_breach() -> None:
    assert breaches({"check.py": "def f():\n    from analysis.editions import load"}) == [
        "check.py imports analysis.editions"
    ]


def test_a_relative_import_is_a_breach() -> None:
    assert breaches({"stats/ranks.py": "from .frames import keep"}) == ["stats/ranks.py imports .frames"]


def test_an_import_downwards_or_within_a_package_is_none() -> None:
    assert breaches({"stats/ranks.py": "import analysis.stats.frames\nfrom analysis.errors import E"}) == []


def test_a_module_without_a_floor_says_where_to_add_it() -> None:
    with pytest.raises(AssertionError, match="add it to FLOORS"):
        breaches({"stats/ranks.py": "from analysis import utils"})


def test_every_module_imports_from_floors_below_its_own() -> None:
    sources = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in modules()}
    for path in sources:
        top = Path(path).parts[0].removesuffix(".py")
        assert top == "__init__" or floor_of(top) >= 0
    assert breaches(sources) == []


def test_every_name_on_a_floor_exists() -> None:
    gone = [
        name
        for names in FLOORS
        for name in names
        if not (PACKAGE / name).is_dir() and not (PACKAGE / f"{name}.py").is_file()
    ]
    assert gone == []
