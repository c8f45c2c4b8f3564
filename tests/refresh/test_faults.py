"""Faults with real processes: one row each, the other runs go on, nothing published is lost."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from fixture_project import ENGLISH, TEXT, Project, reasons, snapshot

from analysis.errors import InputError
from analysis.refresh import publish as manifests

FRAIL = "02_frail"


@pytest.fixture
def site(project: Project) -> Project:
    """A published project of a plain notebook and one that is about to break."""
    project.notebook("01_plain", TEXT)
    project.notebook(FRAIL, TEXT)
    assert project.refresh().exit_code == 0
    return project


def fails(project: Project, *cells: str, **limits: float) -> str:
    """Why a notebook of these cells fails, once its neighbour was seen to be rendered all the same."""
    good = project.page(FRAIL).read_bytes()
    project.notebook(FRAIL, *cells)
    project.notebook("01_plain", TEXT, f"now = {time.monotonic()}")
    recap = project.refresh(**limits)
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
    path = site.notebook(FRAIL, "two = 1 + 1")
    book = nbformat.read(path, 4)
    book.cells[-1].metadata["tags"] = ["skip-execution"]
    nbformat.write(book, path)
    assert reasons(site.refresh())[FRAIL].endswith("was not executed")


def test_sys_exit_in_a_cell_is_no_success(site: Project) -> None:
    assert "SystemExit" in fails(site, "import sys\nsys.exit(0)", TEXT)


def test_os_exit_in_a_cell(site: Project) -> None:
    reason = fails(site, "import os\nos._exit(0)")
    assert reason == "the process ended itself with exit code 0 in cell 4 (import os)"


def test_a_process_that_is_killed_takes_what_it_had_started_with_it(site: Project) -> None:
    start = "import os, signal, subprocess\nsubprocess.Popen(['sleep', '600'])"
    kill = "os.kill(os.getpid(), signal.SIGKILL)"
    assert fails(site, f"{start};\n{kill}").startswith("the process died of SIGKILL in cell 4")
    detached = start.replace("'600']", "'600'], start_new_session=True")
    assert fails(site, f"{detached};\n{kill}").startswith("the process died of SIGKILL in cell 4")


def test_a_native_crash(site: Project) -> None:
    reason = fails(site, "fine = 1", "import ctypes\nctypes.string_at(0)")
    assert reason == "the process died of SIGSEGV in cell 5 (import ctypes)"


def test_the_notebook_of_a_process_that_died_is_kept_as_far_as_it_came(site: Project) -> None:
    fails(site, "import sys\nprint('so far', file=sys.stderr)", "import os\nos._exit(3)", "never = 1")
    kept = nbformat.read(site.state / "failed" / ENGLISH.key / f"{FRAIL}.ipynb", 4)
    assert kept.cells[-3].outputs[0].text == "so far\n"
    assert [cell.execution_count for cell in kept.cells[-3:]] == [4, None, None]


def test_a_thread_left_behind(site: Project) -> None:
    start = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), name='idler').start()"
    reason = fails(site, start, "later = 1")
    assert reason == "cell 4 (import threading, time) left a thread behind: idler; join it in the same cell"


@pytest.mark.parametrize("more", ["", ", start_new_session=True"])
def test_a_process_left_behind(site: Project, more: str) -> None:
    reason = fails(site, f"import subprocess\nchild = subprocess.Popen(['sleep', '600']{more})")
    assert reason == "the cells left a process behind: sleep; end it in the cell that starts it"


def test_a_cell_that_asks_for_input(site: Project) -> None:
    began = time.monotonic()
    assert "StdinNotImplementedError" in fails(site, "answer = input('City? ')")
    assert "StdinNotImplementedError" in fails(site, "import getpass\nanswer = getpass.getpass()")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "cell",
    [
        "import sys\nsys.stdout.close()",
        "import sys\nsys.stdout = None",
        "import os\nos.close(1)",
    ],
)
def test_a_cell_that_closes_standard_output(site: Project, cell: str) -> None:
    assert "ClosedStreamError" in fails(site, cell)


def test_what_a_cell_changes_the_next_page_does_not_see(site: Project) -> None:
    change = """
import locale, os, matplotlib, pandas
assert os.getcwd().endswith("notebooks") and locale.setlocale(locale.LC_ALL) != "C.UTF-8"
assert matplotlib.rcParams["font.size"] != 3 and pandas.get_option("display.max_rows") != 3
os.chdir("/")
locale.setlocale(locale.LC_ALL, "C.UTF-8")
matplotlib.rcParams["font.size"] = 3
pandas.set_option("display.max_rows", 3)
os.environ["TZ"] = "Asia/Shanghai"
"""
    for name in ("01_plain", FRAIL, "03_third"):
        site.notebook(name, change, TEXT)
    assert site.refresh().counts == {"rendered": 3}


def test_what_a_cell_breaks_reaches_neither_judge_nor_export(site: Project) -> None:
    breaks = (
        "import json, re, lxml.html, nbformat\njson.loads = re.compile = lxml.html.fragment_fromstring = None"
    )
    site.notebook(FRAIL, TEXT, breaks)
    assert site.refresh().counts == {"fresh": 1, "rendered": 1}


def test_a_cell_that_never_ends(site: Project) -> None:
    began = time.monotonic()
    reason = fails(site, "while True:\n    pass", seconds=3)
    assert reason == "the cells took longer than 3 s in cell 4 (while True:)"
    assert time.monotonic() - began < 25


def test_the_limit_is_for_all_cells_together(site: Project) -> None:
    cells = ["import time\ntime.sleep(2)"] * 3
    assert fails(site, *cells, seconds=4).startswith("the cells took longer than 4 s in cell ")


def test_a_cell_that_prints_200_megabytes(site: Project) -> None:
    before = psutil.Process().memory_info().rss
    reason = fails(site, "for _ in range(200):\n    print('x' * 1_000_000)")
    assert reason.endswith("FloodError: the cells put out more than 30 MB")
    below = "import os\nfor _ in range(200):\n    os.write(1, b'x' * 1_000_000)\nwhile True:\n    pass"
    assert fails(site, below).startswith("the cells put out more than 30 MB in cell 4")
    assert psutil.Process().memory_info().rss - before < 150_000_000


def test_the_memory_limit(site: Project) -> None:
    reason = fails(site, "import numpy\nkeep = numpy.ones(2 * 10**8)", megabytes=1000)
    assert "MemoryError" in reason


def test_a_data_file_changed_during_the_run(site: Project) -> None:
    good = site.page(FRAIL).read_bytes()
    data = site.root / "data" / "observations.csv"
    site.notebook(FRAIL, TEXT, f"open({str(data)!r}, 'a').write('440100,2\\n');")
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
    big = (
        "display({'text/markdown': '## Many\\n\\n' + 'word ' * 60_000}, raw=True, metadata={'fazhi': 'text'})"
    )
    site.notebook(FRAIL, big)
    recap = site.refresh()
    assert reasons(recap) == {FRAIL: "it could not be published: No space left on device"}
    assert snapshot(small_disk) == before
    site.notebook(FRAIL, TEXT)
    assert site.refresh().counts == {"fresh": 2}


def test_read_only_reports(site: Project, small_disk: Path) -> None:
    before = snapshot(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    site.notebook(FRAIL, "new = 1")
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
    assert manifests.parse((site.reports / "manifest.json").read_bytes()).entries


def test_a_lost_index_is_made_again(site: Project) -> None:
    before = (site.reports / "index.html").read_bytes()
    (site.reports / "index.html").unlink()
    assert site.refresh().counts == {"fresh": 2}
    assert (site.reports / "index.html").read_bytes() == before


def test_a_clock_set_back(site: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.refresh.orchestration.now", lambda: "2001-01-01T00:00:00+00:00")
    for path in (*site.notebooks, *(site.root / "data").iterdir()):
        os.utime(path, (0, 0))
    assert site.refresh().counts == {"fresh": 2}
    site.notebook(FRAIL, "new = 1")
    assert site.refresh().counts == {"fresh": 1, "rendered": 1}
    entries = manifests.parse((site.reports / "manifest.json").read_bytes())
    assert entries.entries[f"{ENGLISH.key}/{FRAIL}"].published.startswith("2001")


def test_a_page_that_needs_a_script_is_not_published(site: Project) -> None:
    script = "<script src='https://example.org/x.js'></script>"
    cell = f'display({{"text/html": "{script}"}}, raw=True, metadata={{"fazhi": "table"}})'
    assert "runs no script" in fails(site, cell)
