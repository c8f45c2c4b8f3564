"""Runs on a real Dask cluster of two worker processes, and what is refused of a cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from distributed import Client, LocalCluster
from fixture_project import CHINESE, ENGLISH, FIGURE, TEXT, Project, describe, reasons

from analysis.errors import InputError
from analysis.refresh import cluster, orchestration
from analysis.refresh.pool import Options
from analysis.refresh.publish import Recap

SLOW = "import time\ntime.sleep(2)"


@pytest.fixture
def two_workers(project: Project) -> Iterator[LocalCluster]:
    """A cluster of two worker processes of one thread each, which see the test project."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def refresh(project: Project, address: str) -> Recap:
    """Refreshes the project in two languages on the cluster at an address."""
    editions = {edition: describe(edition) for edition in (ENGLISH, CHINESE)}
    with cluster.cluster_workers(address) as submit:
        options = Options(seconds=60)
        return orchestration.refresh(editions, project.notebooks, submit, options=options)


def below(worker: int) -> list[psutil.Process]:
    """The processes that a worker has started."""
    return psutil.Process(worker).children(recursive=True)


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_address_where_nothing_answers_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    project.notebook("01_plain", TEXT)
    with pytest.raises(InputError, match="scheduler must answer"):
        refresh(project, "tcp://127.0.0.1:9")
    assert not project.page("01_plain").exists()


def test_a_word_that_is_no_address_is_refused(project: Project) -> None:
    project.notebook("01_plain", TEXT)
    with pytest.raises(InputError, match="scheduler must answer"):
        refresh(project, "nonsense://x")


def test_a_cluster_without_workers_is_refused(project: Project) -> None:
    project.notebook("01_plain", TEXT)
    with (
        LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as empty,
        pytest.raises(InputError, match="must have a worker"),
    ):
        refresh(project, empty.scheduler_address)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_no_page(project: Project, two_workers: LocalCluster) -> None:
    for number in range(1, 5):
        project.notebook(f"0{number}_slow", SLOW, TEXT, FIGURE.replace("bars_", f"bars{number}_"))
    with Client(two_workers.scheduler_address) as client:
        workers = list(client.run(os.getpid).values())
    assert len(workers) == 2
    killed: list[psutil.Process] = []

    def kill_one() -> None:
        """Kills one worker as soon as cells of it are at work: what forks, a run, its cells."""
        deadline = time.monotonic() + 240  # a busy machine loads for long
        while len(found := below(workers[0])) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        killed.extend(found)
        os.kill(workers[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    recap = refresh(project, two_workers.scheduler_address)
    killer.join()

    assert len(killed) >= 3, "the worker was killed before cells of it were at work"
    assert recap.counts == {"rendered": 8}, reasons(recap)
    pages = list(project.reports.glob("*/*.html"))
    assert len(pages) == 8
    assert all(page.read_text().rstrip().endswith("</html>") for page in pages)
    assert not [process for process in killed if alive(process)]


@pytest.mark.slow
def test_a_worker_with_other_data_renders_nothing(
    project: Project, two_workers: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.notebook("01_plain", TEXT)
    true = cluster.shared_parts()
    monkeypatch.setattr(cluster, "shared_parts", lambda: {**true, "data": "of another day"})
    recap = refresh(project, two_workers.scheduler_address)
    assert recap.counts == {"failed": 2}
    assert reasons(recap)["01_plain"].endswith("has other data than the client")
