"""A refresh that is killed, at any moment and in any way: the site stays whole, nothing is left running."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from commanded import Commanded
from fixture_project import TEXT

from analysis.refresh import publish as manifests
from analysis.refresh.publish import Site, record

MOMENTS = 50
"""Kills of a refresh; a tenth of them while libraries are loaded."""
SWAPS = 40
"""Kills of a process that does nothing but publish."""


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Every process a refresh has started."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_for(happened, seconds: float = 90) -> None:  # type: ignore[no-untyped-def]
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def assert_whole(reports: Path) -> None:
    """The manifest can be read, every page is whole, and every link of the index leads to a file."""
    manifests.parse((reports / "manifest.json").read_bytes())
    pages = [*reports.glob("*/*.html"), reports / "index.html"]
    assert len(pages) == 5
    for page in pages:
        assert page.read_text().rstrip().endswith("</html>")
    for link in re.findall(r'href="([^"#:]+\.html)"', (reports / "index.html").read_text()):
        assert (reports / link).is_file()


def assert_consistent(reports: Path) -> None:
    """Whole, and the manifest tells the truth of every file, and there is no other file."""
    assert_whole(reports)
    manifest = manifests.parse((reports / "manifest.json").read_bytes())
    records = manifest.records()
    found = {path.relative_to(reports).as_posix(): path for path in reports.rglob("*") if path.is_file()}
    assert found.keys() == {*records, "manifest.json", "index.html"}
    for path, noted in records.items():
        assert record(found[path].read_bytes()) == noted


def wait_until_busy(process: subprocess.Popen[str]) -> None:
    """Waits until cells are at work: multiprocessing's two, a run and the process of its cells."""
    wait_for(lambda: len(below(process)) >= 4 or process.poll() is not None)
    assert process.poll() is None


def assert_gone(processes: Iterable[psutil.Process]) -> None:
    """No process of these runs any more."""
    wait_for(lambda: not any(_alive(one) for one in processes), 20)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_every_child_and_frees_the_lock(commanded: Commanded, number: int, code: int) -> None:
    commanded.notebook("02_more", TEXT, "import time\ntime.sleep(100)")
    process = commanded.start("refresh")
    wait_until_busy(process)
    children = below(process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert f"ended by {signal.Signals(number).name}" in errors
    assert "Traceback" not in errors
    assert_gone(children)
    assert_consistent(commanded.reports)
    commanded.notebook("02_more", TEXT)
    assert commanded.run("refresh").returncode == 0


def test_a_signal_while_libraries_are_loaded_and_rows_are_checked(commanded: Commanded) -> None:
    with (commanded.root / "package/check.py").open("a") as file:
        file.write("changed")
    process = commanded.start("refresh", preload="")
    wait_for(lambda: len(below(process)) == 2)
    loading = below(process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 143, errors
    assert "Traceback" not in errors
    assert_gone(loading)
    assert_consistent(commanded.reports)


def test_two_refreshes_at_once(commanded: Commanded) -> None:
    commanded.notebook("02_more", TEXT, "import time\ntime.sleep(100)")
    first = commanded.start("refresh")
    wait_until_busy(first)
    second = commanded.run("refresh")
    assert second.returncode == 2
    assert f"process {first.pid} on" in second.stderr
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=20)
    assert first.returncode == 143
    assert_consistent(commanded.reports)


def kill_at(commanded: Commanded, moment: float) -> None:
    """Kills a forced refresh some seconds after its first run could start, or, if negative, before.

    What it has started ends by itself.
    """
    process = commanded.start("refresh", "--force")
    started: set[psutil.Process] = set()
    if moment >= 0:
        wait_for(lambda: len(below(process)) >= 3 or process.poll() is not None)
    deadline = time.monotonic() + abs(moment)
    while time.monotonic() < deadline and process.poll() is None:
        started.update(below(process))
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert_gone(started)


def survives(commanded: Commanded, seed: int, moments: int) -> None:
    """Kills a refresh at so many moments; a tenth of them while libraries are loaded."""
    process = commanded.start("refresh", "--force")
    wait_for(lambda: len(below(process)) >= 3)
    began = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    working = time.monotonic() - began
    chance = random.Random(seed)
    for number in range(moments):
        kill_at(commanded, chance.uniform(-1.5, 0) if number % 10 == 0 else chance.uniform(0, working))
        assert_whole(commanded.reports)
    healed = commanded.run("refresh")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert_consistent(commanded.reports)


@pytest.mark.slow
def test_sigkill_at_random_moments(commanded: Commanded, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(commanded.root, other, dirs_exist_ok=True)
    with ThreadPoolExecutor(2) as side_by_side:
        sites = ((commanded, 20201231), (Commanded(other), 20210101))
        for one in [side_by_side.submit(survives, *site, MOMENTS // 2) for site in sites]:
            one.result()


def _alive(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


PUBLISH = """
import dataclasses, sys
from pathlib import Path
from analysis.refresh import publish
root = Path(sys.argv[1])
def compose(after, before, read):
    made = {"index.html": (root / "index").read_bytes(), **{path: read(path) for path in before.downloads}}
    return dataclasses.replace(after, downloads=before.downloads), made
site = publish.Site(root / "reports", compose)
entries = list(site.manifest.entries.values())
print("ready", flush=True)
while True:
    files = {path: (root / "kept" / path).read_bytes() for entry in entries for path in entry.files}
    site.publish(entries, files, [], site.manifest)
"""


@pytest.mark.slow
def test_sigkill_while_publishing(commanded: Commanded) -> None:
    """Kills a process that does nothing but publish, so that every moment hits the swap."""
    subprocess.run(["cp", "-r", str(commanded.reports), str(commanded.root / "kept")], check=True)
    (commanded.root / "index").write_text((commanded.reports / "index.html").read_text())
    chance = random.Random(20201231)
    kills = journals = 0
    while kills < SWAPS or (not journals and kills < 5 * SWAPS):  # a busy machine commits less often
        kills += 1
        command = [sys.executable, "-c", PUBLISH, str(commanded.root)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        journals += (commanded.reports / ".staging" / "journal.json").is_file()
        assert_whole(commanded.reports)
        Site(commanded.reports, lambda after, before, read: (after, {}))
        assert_consistent(commanded.reports)
    assert journals, "no kill hit a committed publication: the test proves too little"
