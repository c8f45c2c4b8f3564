"""What the tests of the reader share: an invented report, its panel, and a server that misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Server

from analysis import catalog as catalogs
from analysis.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "notebooks" / "invented_report.txt"


@pytest.fixture
def server() -> Iterator[Server]:
    local = Server()
    thread = threading.Thread(target=local.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield local
    local.shutdown()
    local.server_close()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The repository's catalogue with the invented city in it."""
    known = catalogs.load(ROOT / "data")
    city = catalogs.Region("449900", "明川市", "Mingchuan", "prefecture", "440000")
    return replace(known, regions={**known.regions, "449900": city})


@pytest.fixture(scope="session")
def report() -> str:
    """The invented report that the notebook reads, too."""
    return REPORT.read_text(encoding="utf-8")
