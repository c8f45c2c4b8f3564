"""The fixtures of the refresh tests: a project of their own, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from commanded import Commanded, lay_out
from fixture_project import Project, descendants

from analysis.refresh import orchestration, plan
from analysis.refresh.pool import Submit, local_workers


@pytest.fixture(scope="session")
def workers() -> Iterator[Submit]:
    """Two workers for all tests, so that the libraries are imported once."""
    with local_workers(2, soon=True) as made:
        yield made


@pytest.fixture
def project(tmp_path: Path, workers: Submit, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project that `analysis.project` points at, with package files of its own in the keys."""
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    made = Project(tmp_path, workers)
    read = plan.read_inputs
    for module in (orchestration, plan):
        monkeypatch.setattr(module, "read_inputs", lambda data, _=None: read(data, made.package))
    return made


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Commanded:
    """A project that the command has refreshed in two languages; to be copied, not changed."""
    made = lay_out(tmp_path_factory.mktemp("published"))
    done = made.run("refresh", "--json")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def commanded(published: Commanded, tmp_path: Path) -> Commanded:
    """A copy of the published project."""
    shutil.copytree(published.root, tmp_path, dirs_exist_ok=True)
    return Commanded(tmp_path)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails a test that leaves a process or a private directory behind."""
    before = {child.pid for child in descendants()}
    yield
    left = [child for child in descendants() if child.pid not in before]
    for child in left:
        os.kill(child.pid, signal.SIGKILL)
    assert not left
