"""What the project's own tests read: tracked files, modules, imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "analysis"


def tracked() -> list[Path]:
    """Every file that git tracks and that is there; every file but the ignored kinds where git is not."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode != 0:
        folders = ("src", "tests", "data", "docs", "notebooks", "benchmarks", ".ci", ".github")
        return [path for name in folders for path in sorted((ROOT / name).rglob("*")) if _is_source(path)]
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def imports(source: str) -> Iterator[str]:
    """The dotted names a module imports, also inside functions and under TYPE_CHECKING.

    `from analysis import panel` yields `analysis.panel`; a relative import yields its dots and module.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            if start == "analysis":
                yield from (f"analysis.{alias.name}" for alias in node.names)
            else:
                yield start


def _is_source(path: Path) -> bool:
    return path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
