"""Tracked files are portable and decent: no machine's path, no index's address, no long copy, no bulk."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from repository import ROOT, tracked

LARGEST = 2 * 1024 * 1024
EVIDENCE = 30
TEXT = [
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".json",
    ".j2",
    ".css",
    ".html",
    ".ipynb",
    ".cff",
    ".lock",
    ".R",
]
NAMES = ("Makefile", "LICENSE", "run", ".gitignore")
MACHINE = r"(?:/work|/tmp|/root|/home/\w+|/Users/\w+|/opt)/[\w.]+"
INDEX = r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|anaconda|debian|ubuntu)[\w.-]*"


def offences(text: str) -> list[str]:
    """Each machine's path and each package index's address in a text."""
    return re.findall(rf"(?<![\w.$\}}\])]){MACHINE}|{INDEX}", text)


def texts() -> list[Path]:
    """The tracked files that are read as text, but for this one."""
    found = [path for path in tracked() if path.suffix in TEXT or path.name in NAMES]
    return [path for path in found if path != Path(__file__).resolve()]


def mirrors() -> list[str]:
    """The addresses of copies, which are for the record only."""
    with (ROOT / "data" / "sources.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    official = {row["url"] for row in rows}
    return sorted({row["mirror_url"] for row in rows} - official - {""})


@pytest.mark.parametrize(
    "text",
    [
        "see /home/ann/data",
        '"/Users/ann/fazhi"',
        "file:///root/x",
        "https://" + "pypi.example/simple",
        "/tmp/x.html",
    ],
)
def test_a_machine_or_an_index_is_seen(text: str) -> None:
    assert offences(text)


@pytest.mark.parametrize(
    "text", ["docs/home/x", "tmp_path / 'x'", "metrics.csv", "https://www.gd.gov.cn/opt/1"]
)
def test_other_paths_are_left_alone(text: str) -> None:
    assert offences(text) == []


def test_no_tracked_file_names_a_machine_or_an_index() -> None:
    found = {
        str(path.relative_to(ROOT)): seen for path in texts() if (seen := offences(path.read_text("utf-8")))
    }
    assert found == {}


def test_no_tracked_file_is_bulky() -> None:
    assert {str(path): path.stat().st_size for path in tracked() if path.stat().st_size > LARGEST} == {}


def test_evidence_is_a_fragment() -> None:
    files = sorted((ROOT / "data" / "observations").glob("*.csv"))
    assert files
    for path in files:
        with path.open(encoding="utf-8", newline="") as handle:
            lengths = [len(row["evidence"]) for row in csv.DictReader(handle)]
        assert min(lengths) >= 1, path.name
        assert max(lengths) <= EVIDENCE, path.name


def test_copies_are_known_and_never_named_where_a_reader_could_follow_them() -> None:
    addresses = mirrors()
    assert addresses
    shown = [path for path in tracked() if path.suffix in (".ipynb", ".j2", ".md", ".html")]
    found = {
        str(path.relative_to(ROOT)): seen
        for path in shown
        if (seen := [address for address in addresses if address in _plain(path)])
    }
    assert found == {}


def _plain(path: Path) -> str:
    """A file's text; a notebook's with its escapes resolved."""
    text = path.read_text("utf-8")
    return json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".ipynb" else text


def test_every_link_between_documents_leads_to_a_file() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in tracked()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
        if "://" not in link and not (path.parent / link).exists()
    ]
    assert lost == []
