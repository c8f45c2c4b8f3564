"""A refresh that is killed, at any moment and in any way: the site stays whole, nothing is left running."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from fixture_project import FIGURE, TEXT, Project

from analysis.refresh import manifest as manifests
from analysis.refresh.manifest import PublishedFile
from analysis.refresh.publish import Site

DRIVER = Path(__file__).parent / "drive.py"
MOMENTS = 10
PUBLISHING_MOMENTS = 40


def start(root: Path, *flags: str) -> subprocess.Popen[str]:
    """A refresh of a project as a process of its own."""
    command = [sys.executable, str(DRIVER), str(root), *flags]
    environment = {**os.environ, "FAZHI_ROOT": str(root)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=environment, start_new_session=True
    )


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
    manifest = manifests.parse((reports / "manifest.json").read_bytes())
    assert manifest is not None
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
    assert manifest is not None
    records = {path: record for entry in manifest.entries.values() for path, record in entry.files.items()}
    found = {path.relative_to(reports).as_posix(): path for path in reports.rglob("*") if path.is_file()}
    assert found.keys() == {*records, "manifest.json", "index.html"}
    for path, record in records.items():
        assert PublishedFile.of(found[path].read_bytes()) == record


@pytest.fixture
def site(project: Project) -> Project:
    """A published project of two notebooks in two languages, made by a process of its own."""
    project.notebook("01_plain", TEXT, FIGURE)
    project.notebook("02_more", TEXT)
    first = start(project.root)
    output, errors = first.communicate(timeout=180)
    assert first.returncode == 0, output + errors
    return project


def wait_until_busy(process: subprocess.Popen[str]) -> None:
    """Waits until kernels are at work: the host, a run and its kernel."""
    wait_for(lambda: len(below(process)) >= 3 or process.poll() is not None)
    assert process.poll() is None


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_every_child_and_frees_the_lock(site: Project, number: int, code: int) -> None:
    site.notebook("02_more", TEXT, "import time\ntime.sleep(100)")
    process = start(site.root)
    wait_until_busy(process)
    children = below(process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert f"ended by {signal.Signals(number).name}" in errors
    assert "Traceback" not in errors
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert_consistent(site.reports)
    site.notebook("02_more", TEXT)
    assert start(site.root).wait(120) == 0


def test_two_refreshes_at_once(site: Project) -> None:
    site.notebook("02_more", TEXT, "import time\ntime.sleep(100)")
    first = start(site.root)
    wait_until_busy(first)
    second = start(site.root)
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 2
    assert f"process {first.pid} on" in errors
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 143
    assert_consistent(site.reports)


def kill_at(site: Project, moment: float, children: bool) -> None:
    """Kills a forced refresh some seconds after it began; its children end by themselves."""
    process = start(site.root, "force")
    deadline = time.monotonic() + moment
    started: set[psutil.Process] = set()
    while time.monotonic() < deadline and process.poll() is None:
        if children:
            started.update(below(process))
        time.sleep(0.01)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(_alive(child) for child in started), 20)


def _alive(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_sigkill_at_random_moments(site: Project) -> None:
    began = time.monotonic()
    assert start(site.root, "force").wait(120) == 0
    whole = time.monotonic() - began
    chance = random.Random(20201231)
    for _ in range(MOMENTS):
        kill_at(site, chance.uniform(0, whole), children=True)
        assert_whole(site.reports)
    healed = start(site.root)
    output, errors = healed.communicate(timeout=120)
    assert healed.returncode == 0, output + errors
    assert_consistent(site.reports)


PUBLISH = """
import sys
from pathlib import Path
from analysis.refresh import manifest, publish
root = Path(sys.argv[1])
site = publish.Site(root / "reports", root / ".refresh", lambda one: (root / "index").read_text())
entries = list(site.manifest.entries.values())
print("ready", flush=True)
while True:
    publications = [
        publish.Publication(entry, {path: (root / "kept" / path).read_bytes() for path in entry.files})
        for entry in entries
    ]
    site.publish(publications, [], site.manifest)
"""


@pytest.mark.slow
def test_sigkill_while_publishing(site: Project) -> None:
    """Kills a process that does nothing but publish, so that every moment hits the swap."""
    subprocess.run(["cp", "-r", str(site.reports), str(site.root / "kept")], check=True)
    (site.root / "index").write_text((site.reports / "index.html").read_text())
    chance = random.Random(20201231)
    journals = 0
    for _ in range(PUBLISHING_MOMENTS):
        command = [sys.executable, "-c", PUBLISH, str(site.root)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        journals += (site.reports / ".staging" / "journal.json").is_file()
        assert_whole(site.reports)
        Site(site.reports, site.state, lambda manifest: "")
        assert_consistent(site.reports)
    assert journals, "no kill hit a committed publication: the test proves too little"
