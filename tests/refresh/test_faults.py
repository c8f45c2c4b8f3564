"""Faults with real processes: one row each, the other runs go on, nothing published is lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from fixture_project import ENGLISH, TEXT, Project, reasons, snapshot

from analysis.errors import InputError
from analysis.refresh import inputs, kernels, plan, run
from analysis.refresh import manifest as manifests
from analysis.refresh.child import Child, socket_of
from analysis.refresh.task import Limits, Task
from analysis.refresh.workshop import Workers

FRAIL = "02_frail"


@pytest.fixture
def site(project: Project) -> Project:
    """A published project of a plain notebook and one that is about to break."""
    project.notebook("01_plain", TEXT)
    project.notebook(FRAIL, TEXT)
    assert project.refresh().exit_code == 0
    return project


def fails(project: Project, *cells: str, limits: Limits | None = None) -> str:
    """Why a notebook of these cells fails, once its neighbour was seen to be rendered all the same."""
    good = project.page(FRAIL).read_bytes()
    project.notebook(FRAIL, *cells)
    project.notebook("01_plain", TEXT, f"'{time.monotonic()}'")
    recap = project.refresh(limits=limits)
    assert [row.state for row in recap.rows] == ["rendered", "failed"]
    assert recap.exit_code == 1
    assert project.page(FRAIL).read_bytes() == good
    assert not [child for child in psutil.Process().children(recursive=True) if "sleep" in child.name()]
    return reasons(recap)[FRAIL]


def test_an_exception_in_a_cell(site: Project) -> None:
    assert fails(site, "raise ValueError('no such city')").endswith("ValueError: no such city")


def test_an_exception_that_a_tag_would_excuse_is_still_an_error(site: Project) -> None:
    path = site.notebook(FRAIL, "1 / 0")
    book = nbformat.read(path, 4)
    book.cells[-1].metadata["tags"] = ["raises-exception"]
    nbformat.write(book, path)
    assert "ZeroDivisionError" in reasons(site.refresh())[FRAIL]


def test_a_cell_that_is_skipped_was_not_executed(site: Project) -> None:
    path = site.notebook(FRAIL, "1 + 1")
    book = nbformat.read(path, 4)
    book.cells[-1].metadata["tags"] = ["skip-execution"]
    nbformat.write(book, path)
    assert reasons(site.refresh())[FRAIL].endswith("was not executed")


def test_sys_exit_in_a_cell_is_no_success(site: Project) -> None:
    assert "SystemExit" in fails(site, "import sys\nsys.exit(0)", TEXT)


def test_os_exit_in_a_kernel(site: Project) -> None:
    assert fails(site, "import os\nos._exit(0)") == "the kernel died"


def test_sigkill_in_a_kernel_takes_what_the_kernel_started_with_it(site: Project) -> None:
    start = "import os, signal, subprocess\nsubprocess.Popen(['sleep', '600'])"
    assert fails(site, start, "os.kill(os.getpid(), signal.SIGKILL)") == "the kernel died"


def test_a_cell_that_never_ends(site: Project) -> None:
    began = time.monotonic()
    reason = fails(site, "while True:\n    pass", limits=Limits(seconds=3))
    assert reason == "the cells took longer than 3 s"
    assert time.monotonic() - began < 25


def test_the_limit_is_for_all_cells_together(site: Project) -> None:
    cells = ["import time\ntime.sleep(2)"] * 3
    assert fails(site, *cells, limits=Limits(seconds=4)) == "the cells took longer than 4 s"


def test_a_cell_that_prints_200_megabytes(site: Project) -> None:
    before = psutil.Process().memory_info().rss
    reason = fails(site, "for _ in range(200):\n    print('x' * 1_000_000)")
    assert reason == "the cells put out more than 30 MB"
    assert psutil.Process().memory_info().rss - before < 150_000_000


def test_the_memory_limit(site: Project) -> None:
    reason = fails(
        site, "import numpy\nkeep = numpy.ones(2 * 10**8)", limits=Limits(seconds=60, megabytes=1000)
    )
    assert "MemoryError" in reason


class StillbornProvisioner(kernels.HostProvisioner):
    """Starts kernels that are killed at once: the warm ones, or all."""

    cold_too = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """The connection information of a kernel that was started and may be dead."""
        information = await super().launch_kernel(cmd, **kwargs)
        if self.cold_too or not self.cold:
            os.killpg(self.pid or 0, signal.SIGKILL)
        return information


@pytest.mark.parametrize("cold_too", [False, True])
def test_a_kernel_that_does_not_come_up_is_tried_once_more(
    project: Project, workers: Workers, monkeypatch: pytest.MonkeyPatch, cold_too: bool
) -> None:
    monkeypatch.setattr(kernels, "HostProvisioner", StillbornProvisioner)
    monkeypatch.setattr(StillbornProvisioner, "cold_too", cold_too)
    path = project.notebook("01_plain", TEXT)
    context = plan.plan([ENGLISH], [path], inputs.read_inputs(project.root / "data", project.package))[
        0
    ].context
    task = Task(str(path), ENGLISH.key, ENGLISH.parameters, context, Limits(seconds=60, start_seconds=20))
    address = kernels.HostAddress(str(workers.start()), project.root)
    outcome = run.execute(task, address)
    assert outcome.attempts == 2
    assert outcome.reason.startswith("the kernel did not start") if cold_too else outcome.reason == ""


def test_a_kernel_that_came_up_and_died_is_not_tried_again(project: Project, workers: Workers) -> None:
    counter = project.root / "count"
    path = project.notebook("01_dies", f"open({str(counter)!r}, 'a').write('x')\nimport os\nos._exit(1)")
    project.refresh()
    assert path.is_file()
    assert counter.read_text() == "x"


def test_who_asks_for_a_process_and_is_gone_at_once_leaves_none(project: Project, workers: Workers) -> None:
    address = str(workers.start())
    socket_path = socket_of(address, "kernel")
    (host,) = [child for child in psutil.Process().children() if socket_path in child.cmdline()]
    request = {
        "role": "kernel",
        "cold": True,
        "arguments": [sys.executable, "-c", "import time; time.sleep(100)"],
        "folder": str(project.root),
        "environment": {},
        "log": str(project.root / "log"),
        "megabytes": 0,
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(socket_path)
        connection.sendall(json.dumps(request).encode() + b"\n")
    Child(address, request).close()  # once this one was started, so was the one before
    deadline = time.monotonic() + 20
    while host.children():
        assert time.monotonic() < deadline, "the process runs on, or was never reaped"
        time.sleep(0.02)


def test_a_data_file_changed_during_the_run(site: Project) -> None:
    good = site.page(FRAIL).read_bytes()
    data = site.root / "data" / "observations.csv"
    site.notebook(FRAIL, TEXT, f"open({str(data)!r}, 'a').write('440100,2\\n')")
    assert reasons(site.refresh())[FRAIL] == "changed during the run: data; refresh again"
    assert site.page(FRAIL).read_bytes() == good
    site.notebook(FRAIL, TEXT)
    assert site.refresh().counts == {"rendered": 2}


@pytest.fixture
def small_disk(site: Project) -> Iterator[Path]:
    """The reports of a published project on a file system of half a megabyte."""
    kept = site.root / "kept"
    site.reports.rename(kept)
    site.reports.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(site.reports)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own needs the right to mount")
    try:
        subprocess.run(["cp", "-r", f"{kept}/.", str(site.reports)], check=True)
        yield site.reports
    finally:
        subprocess.run(["umount", str(site.reports)], check=True)


def test_a_full_disk_while_publishing(site: Project, small_disk: Path) -> None:
    before = snapshot(small_disk)
    big = "display({'text/markdown': '## Many\\n\\n' + 'word ' * 60_000}, raw=True)"
    site.notebook(FRAIL, big)
    recap = site.refresh()
    assert reasons(recap) == {FRAIL: "it could not be published: No space left on device"}
    assert snapshot(small_disk) == before
    site.notebook(FRAIL, TEXT)
    assert site.refresh().counts == {"fresh": 2}


def test_read_only_reports(site: Project, small_disk: Path) -> None:
    before = snapshot(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    site.notebook(FRAIL, "'new'")
    with pytest.raises(InputError, match="must be writable"):
        site.refresh()
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert snapshot(small_disk) == before
    assert site.refresh().exit_code == 0


def test_a_notebook_without_a_parameters_cell(site: Project) -> None:
    site.notebook(FRAIL, TEXT, parameters=None)
    assert reasons(site.refresh()) == {FRAIL: "the notebook has no cell tagged parameters"}
    assert site.page(FRAIL).is_file()


def test_a_corrupt_notebook(site: Project) -> None:
    good = site.page(FRAIL).read_bytes()
    site.notebook(FRAIL).write_text('{"cells": [')
    recap = site.refresh()
    assert reasons(recap)[FRAIL].startswith("the file is not a notebook")
    assert site.page(FRAIL).read_bytes() == good


def test_a_corrupt_manifest(site: Project) -> None:
    (site.reports / "manifest.json").write_text('{"entries": [')
    recap = site.refresh()
    assert recap.counts == {"fresh": 2}
    assert recap.notes == ("manifest.json was unreadable; its backup was used",)
    assert manifests.parse((site.reports / "manifest.json").read_bytes()) is not None


def test_a_lost_index_is_made_again(site: Project) -> None:
    before = (site.reports / "index.html").read_bytes()
    (site.reports / "index.html").unlink()
    assert site.refresh().counts == {"fresh": 2}
    assert (site.reports / "index.html").read_bytes() == before


def test_a_clock_set_back(site: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.refresh.provenance.now", lambda: "2001-01-01T00:00:00+00:00")
    for path in (*site.notebooks, *(site.root / "data").iterdir()):
        os.utime(path, (0, 0))
    assert site.refresh().counts == {"fresh": 2}
    site.notebook(FRAIL, "'new'")
    assert site.refresh().counts == {"fresh": 1, "rendered": 1}
    entries = manifests.parse((site.reports / "manifest.json").read_bytes())
    assert entries is not None
    assert entries.entries[f"{ENGLISH.key}/{FRAIL}"].published.startswith("2001")


def test_a_page_that_needs_a_script_is_not_published(site: Project) -> None:
    cell = "display({'text/html': '<script src=\"https://example.org/x.js\"></script>'}, raw=True)"
    assert "runs no script" in fails(site, cell)
