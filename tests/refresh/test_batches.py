"""In which order runs are done, and how often a growing site is published: with runs that cost nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fixture_project import ENGLISH, Project, describe

from analysis.refresh import orchestration
from analysis.refresh import publish as manifests
from analysis.refresh.pool import Options, Outcome, Task
from analysis.refresh.publish import Entry, Recap, Site

EDITIONS = [replace(ENGLISH, year=year) for year in range(2001, 2013)]
PUBLICATION_SECONDS = 0.05


def page(task: Task) -> Outcome:
    """A page of a run that takes no time but says that it took some."""
    return Outcome(
        "",
        {f"{task.context['edition']}/{task.context['stem']}.html": b"<html></html>"},
        seconds=len(task.context["stem"]),
        preload_seconds=1.5,
    )


def refresh(project: Project, done: list[Task], **options: Any) -> Recap:
    """Refreshes twelve editions, one run at a time, and notes the runs as they are done."""

    def render(task: Task) -> Outcome:
        done.append(task)
        return page(task)

    with ThreadPoolExecutor(1) as executor:
        return orchestration.refresh(
            {edition: describe(edition) for edition in EDITIONS},
            project.notebooks,
            lambda task: executor.submit(render, task),
            options=Options(**options),
        )


@pytest.fixture
def publications(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names of what was published together, as it was published; each publication takes a while."""
    seen: list[list[str]] = []
    publish = Site.publish

    def slow(site: Site, new: Sequence[Entry], *rest: Any) -> None:
        time.sleep(PUBLICATION_SECONDS)
        seen.append([one.name for one in new])
        publish(site, new, *rest)

    monkeypatch.setattr(Site, "publish", slow)
    return seen


def test_editions_are_published_whole_and_seldom(project: Project, publications: list[list[str]]) -> None:
    for name in ("01_a", "02_b"):
        project.notebook(name)
    recap = refresh(project, [])
    assert recap.counts == {"rendered": 24}
    assert recap.preload_seconds == 1.5
    assert len(publications) == 2, "the first edition at once, all that was done meanwhile together"
    assert len(publications[0]) == 2
    for names in publications:
        editions = [name.partition("/")[0] for name in names]
        assert all(editions.count(edition) == 2 for edition in editions)
    manifest = manifests.parse((project.reports / "manifest.json").read_bytes())
    assert len(manifest.entries) == 24
    assert all((project.reports / path).is_file() for path in manifest.records())


def test_where_publishing_costs_little_an_edition_does_not_wait(
    project: Project, publications: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orchestration, "PATIENCE", 0)
    project.notebook("01_a")
    refresh(project, [])
    assert publications == [[f"{one.key}/01_a"] for one in EDITIONS]


def test_what_took_longest_comes_first_in_its_edition(project: Project) -> None:
    for name in ("01_a", "02_much_longer", "03_long"):
        project.notebook(name)
    first: list[Task] = []
    refresh(project, first)
    assert [task.context["stem"] for task in first[:3]] == ["01_a", "02_much_longer", "03_long"]
    again: list[Task] = []
    refresh(project, again, force=True)
    assert [task.context["stem"] for task in again] == ["02_much_longer", "03_long", "01_a"] * len(EDITIONS)
    assert [task.context["edition"] for task in again][::3] == [one.key for one in EDITIONS]
