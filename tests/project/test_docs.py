"""What the documents promise of tests, units and commands is there, and works as it stands."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
from repository import ROOT

from analysis import cli
from analysis.page import outputs

DOCS = ROOT / "docs"
NAMED = re.compile(r"`(?:(test_\w+\.py)|…)::(test_\w+)`")
README = pytest.mark.parametrize("document", ["README.md", "README.zh.md"])
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
ELSEWHERE = {"--user", "--now", "--nworkers", "--nthreads"}
"""Options of other programs' commands that stand beside ours."""


def named_tests(text: str) -> list[tuple[str, str]]:
    """File and name of each test a text names; `…` stands for the file named before."""
    found, file = [], ""
    for match in NAMED.finditer(text):
        file = match[1] or file
        found.append((file, match[2]))
    return found


def block(document: str, language: str, number: int = 0) -> str:
    """A code block of a document."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)[number]


def unproved(text: str) -> list[str]:
    """What a README names as its proof and is not there: files, tests and links."""
    named = re.findall(r"`((?:tests|src|docs|data|benchmarks|notebooks)/[\w./-]*|test_\w+\.py)`", text)
    named += [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    return [name for name in named if name not in tests and not (ROOT / name).exists()]


def options_of(command: str) -> set[str]:
    """The options of a `fazhi` command."""
    found = typer.main.get_command(cli.app)
    return {option for parameter in found.commands[command].params for option in parameter.opts}  # type: ignore[attr-defined]


def test_names_of_tests_are_seen() -> None:
    text = "| a | `test_x.py::test_one`, `…::test_two` | `test_y.py::test_three` | `test_z` |"
    assert named_tests(text) == [
        ("test_x.py", "test_one"),
        ("test_x.py", "test_two"),
        ("test_y.py", "test_three"),
    ]


@pytest.mark.parametrize("document", ["reliability.md", "data.md"])
def test_every_fault_names_a_test_that_exists(document: str) -> None:
    known = {
        (path.name, node.name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    text = (DOCS / document).read_text(encoding="utf-8")
    assert [pair for pair in named_tests(text) if pair not in known] == []
    table = text[text.index("| fault |") :].split("\n\n")[0].splitlines()[2:]
    assert len(table) > 20
    assert [row for row in table if not named_tests(row)] == []


COMMANDS = ("docs/schedule.md", "docs/performance.md", ".github/workflows/refresh.yml")


def test_a_proof_that_is_not_there_is_seen() -> None:
    text = "`tests/nothing`, `test_nothing.py`, [a](docs/nothing.md), `test_docs.py`, [b](LICENSE), `tests/`"
    assert unproved(text) == ["tests/nothing", "test_nothing.py", "docs/nothing.md"]


@README
def test_every_proof_of_the_readme_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert text.count("| ✓ |") > 10
    assert unproved(text) == []


@README
def test_every_command_of_the_readme_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    known = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"(?m)^    fazhi ([a-z]+)", text))
    assert {"refresh", "show", "ingest", "accept"} <= named <= known
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert set(re.findall(r"(?m)^    make ([a-z]+)", text)) <= targets


def test_the_examples_for_analysts_run_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DOCS / "analysts.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    shown: list[str] = []
    monkeypatch.setattr(outputs, "display", lambda data, raw, metadata: shown.append(metadata["fazhi"]))
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for number, source in enumerate(blocks, start=1):
        exec(compile(source, f"analysts.md, block {number}", "exec"), names)
    assert len(blocks) >= 8
    assert shown == ["text", "table", "figure", "evidence", "evidence"]
    assert names["place"].n == len(names["cases"].comparable) - 1


@pytest.mark.parametrize("document", COMMANDS)
def test_options_in_commands_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "fazhi refresh" in line]
    used = {option for line in lines for option in OPTION.findall(line)} - ELSEWHERE
    assert used
    assert used - options_of("refresh") == set()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    program = tmp_path / "fazhi/.venv/bin/fazhi"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for number, name in enumerate(("fazhi.service", "fazhi.timer")):
        (tmp_path / name).write_text(block("schedule.md", "ini", number))
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "./fazhi.service", "./fazhi.timer"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_site_can_be_mirrored_as_the_document_says(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(block("performance.md", "python"), names)

    def publish(**pages: str) -> None:
        """Writes a site of these pages."""
        entries = []
        for name, text in pages.items():
            (tmp_path / f"{name}.html").write_text(text)
            entries.append({"files": {f"{name}.html": {"sha256": text, "size": len(text)}}})
        (tmp_path / "index.html").write_text(" ".join(pages))
        (tmp_path / "manifest.json").write_text(json.dumps({"entries": entries}))

    def there() -> dict[str, str]:
        """Every file of the mirror."""
        store = names["fsspec"].filesystem("memory")
        found = store.find("/bucket/reports")
        return {path.removeprefix("/bucket/reports/"): store.cat_file(path).decode() for path in found}

    publish(one="first", two="first")
    names["mirror"](tmp_path, "memory://bucket/reports")
    assert {name: text for name, text in there().items() if name != "manifest.json"} == {
        "one.html": "first",
        "two.html": "first",
        "index.html": "one two",
    }
    publish(one="other", three="first")
    names["mirror"](tmp_path, "memory://bucket/reports")
    assert there() == {
        "one.html": "other",
        "three.html": "first",
        "index.html": "one three",
        "manifest.json": (tmp_path / "manifest.json").read_text(),
    }
