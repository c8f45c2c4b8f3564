"""The hosts of a workshop: one that does not come up is told of, one that dies is started again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commanded import DRIVER
from fixture_project import ENGLISH, TEXT, Project

from analysis.errors import FazhiError
from analysis.refresh import inputs, plan
from analysis.refresh.task import Limits, Task
from analysis.refresh.workshop import Workshop


class SlimWorkshop(Workshop):
    """A workshop whose hosts preload little."""

    program = (str(DRIVER), "host")


class BrokenWorkshop(Workshop):
    """A workshop whose hosts end at once, with a last word."""

    program = ("-c", "import sys; sys.exit('no room for a host')")


class SlowWorkshop(Workshop):
    """A workshop whose hosts are never ready."""

    program = ("-c", "import time; time.sleep(100)")


@pytest.fixture
def slim() -> Iterator[SlimWorkshop]:
    """A workshop that is closed after the test."""
    with SlimWorkshop() as made:
        yield made


def task(project: Project, *cells: str) -> Task:
    """The run of a notebook of these cells."""
    path = project.notebook("01_plain", *cells)
    (one,) = plan.plan([ENGLISH], [path], inputs.read_inputs(project.root / "data", project.package))
    limits = Limits(seconds=60, start_seconds=20)
    return Task(str(path), ENGLISH.key, ENGLISH.parameters, one.context, limits)


def test_a_host_that_does_not_come_up_says_why_and_so_does_the_next_attempt() -> None:
    with BrokenWorkshop() as broken:
        for _ in range(2):
            with pytest.raises(FazhiError, match="no room for a host"):
                broken.start()


def test_a_host_that_takes_too_long_is_given_up() -> None:
    with SlowWorkshop(ready_seconds=0.5) as slow, pytest.raises(FazhiError, match="must come up"):
        slow.start()


def test_closing_does_not_wait_for_hosts_that_still_load() -> None:
    slow = SlowWorkshop()
    refused: list[str] = []

    def wait() -> None:
        try:
            slow.start()
        except FazhiError as error:
            refused.append(error.message)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while len(slow.hosts) < 2:
        time.sleep(0.01)
    began = time.monotonic()
    slow.close()
    waiting.join()
    assert time.monotonic() - began < 5
    assert refused == ["The process that runs are started from must come up."]
    with pytest.raises(FazhiError, match="interrupted"):
        slow.start()


def test_closing_while_hosts_are_launched_waits_for_none_of_them() -> None:
    class Interrupted(SlowWorkshop):
        """A workshop that is being closed when its hosts are launched."""

        def _launch(self) -> None:
            closing.start()
            closing.join(0.2)
            super()._launch()

    slow = Interrupted(ready_seconds=5)
    closing = threading.Thread(target=slow.close)
    with pytest.raises(FazhiError, match="interrupted"):
        slow.start()
    closing.join()
    assert not slow.hosts
    assert not slow.folder.exists()


@pytest.mark.parametrize(
    ("role", "reason"), [("kernel", "the kernel died"), ("run", "ended with -9 before its work was done")]
)
def test_a_host_that_dies_fails_its_run_and_is_started_again(
    project: Project, slim: SlimWorkshop, role: str, reason: str, tmp_path: Path
) -> None:
    slim.start()
    marker = tmp_path / "at work"
    outcomes: list[str] = []
    busy = task(project, f"open({str(marker)!r}, 'w').close()\nimport time\ntime.sleep(100)")
    working = threading.Thread(target=lambda: outcomes.append(slim.render(busy).reason))
    working.start()
    while not marker.exists():
        time.sleep(0.02)
    os.kill(slim.hosts[role].process.pid, signal.SIGKILL)
    working.join(30)
    assert len(outcomes) == 1
    assert outcomes[0].endswith(reason)
    assert slim.render(task(project, TEXT)).reason == ""
