"""Run keys: what makes a run stale, what must not, and what cannot be run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from fixture_project import CHINESE, ENGLISH, Project, write_notebook

from analysis.refresh.plan import Run, plan, read_inputs, read_notebook, standings
from analysis.refresh.publish import Entry, record


def planned(project: Project) -> Run:
    """The first run of the English edition."""
    inputs = read_inputs(project.root / "data", project.package)
    return plan({ENGLISH: {}}, project.notebooks, inputs, [CHINESE])[0]


def published(run: Run, reports: Path) -> Entry:
    """The entry of a run whose page has just been published."""
    (reports / f"{run.entry.name}.html").parent.mkdir(parents=True, exist_ok=True)
    (reports / f"{run.entry.name}.html").write_bytes(b"page")
    files = {f"{run.entry.name}.html": record(b"page")}
    return replace(run.entry, files=files)


def why_stale(run: Run, entry: Entry | None, reports: Path) -> str:
    """Why a run must be done again; "" when its page is fresh."""
    ((_, state, why),) = standings([run], {run.entry.name: entry} if entry else {}, reports)
    assert bool(why) == (state != "fresh")
    return why


@pytest.fixture
def plain(project: Project) -> Project:
    """A project of one notebook."""
    project.notebook("01_plain", "answer = 42")
    return project


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "the file is not a notebook"),
        ("[]", "the file is not a notebook"),
        ('{"cells": [{"cell_type": "code"}]}', "the file is not a notebook"),
        ('{"cells": []}', "no cell tagged parameters"),
    ],
)
def test_a_file_that_cannot_be_run_is_a_problem_and_no_exception(
    tmp_path: Path, content: str, problem: str
) -> None:
    path = tmp_path / "corrupt.ipynb"
    path.write_text(content)
    assert problem in read_notebook(path).problem


def test_a_missing_notebook_is_a_problem(tmp_path: Path) -> None:
    assert "cannot be read" in read_notebook(tmp_path / "none.ipynb").problem


def test_a_parameter_that_the_cell_does_not_set_is_named(tmp_path: Path) -> None:
    path = write_notebook(
        tmp_path / "a.ipynb", parameters='city = "440800"\nyear: int = 2020\nlangage = "en"'
    )
    assert read_notebook(path).problem == "the parameters cell does not set language, peers"


def test_a_parameters_cell_that_is_not_python_is_a_problem(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", parameters="city = ")
    assert "not Python" in read_notebook(path).problem


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("data/observations.csv", "data"),
        ("package/compare.py", "source"),
        ("package/refresh/export.py", "source"),
        ("package/refresh/templates/page.html.j2", "template"),
    ],
)
def test_a_changed_file_makes_a_run_stale_and_is_named(plain: Project, path: str, part: str) -> None:
    before = planned(plain)
    (plain.root / path).write_text("second")
    assert why_stale(planned(plain), published(before, plain.reports), plain.reports) == f"changed: {part}"


@pytest.mark.parametrize(
    "path", ["package/cli/command.py", "package/__pycache__/compare.pyc", "data/.~lock.csv", "x.md"]
)
def test_what_no_page_depends_on_is_not_in_the_key(plain: Project, path: str) -> None:
    before = planned(plain)
    (plain.root / path).parent.mkdir(parents=True, exist_ok=True)
    (plain.root / path).write_text("second")
    assert planned(plain).entry.key == before.entry.key


def test_a_renamed_data_file_changes_the_key(plain: Project) -> None:
    before = planned(plain)
    (plain.root / "data/observations.csv").rename(plain.root / "data/facts.csv")
    assert planned(plain).entry.key != before.entry.key


def test_outputs_are_not_in_the_key_but_sources_and_tags_are(plain: Project) -> None:
    before = planned(plain)
    book = nbformat.read(plain.notebooks[0], 4)
    book.cells[-1].outputs = [nbformat.v4.new_output("stream", text="42")]
    book.cells[-1].execution_count = 7
    nbformat.write(book, plain.notebooks[0])
    assert planned(plain).entry.key == before.entry.key
    book.cells[-1].metadata["tags"] = ["analyst-note"]
    nbformat.write(book, plain.notebooks[0])
    tagged = planned(plain).entry.key
    book.cells[-1].source = "answer = 43"
    nbformat.write(book, plain.notebooks[0])
    assert len({before.entry.key, tagged, planned(plain).entry.key}) == 3


def test_a_source_given_as_lines_has_the_same_key_as_one_given_as_text(plain: Project) -> None:
    before = planned(plain)
    raw = json.loads(plain.notebooks[0].read_text())
    for cell in raw["cells"]:
        cell["source"] = "".join(cell["source"])
    plain.notebooks[0].write_text(json.dumps(raw))
    assert planned(plain).entry.key == before.entry.key


def test_a_new_library_version_makes_a_run_stale(plain: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = planned(plain)
    monkeypatch.setattr("analysis.refresh.plan.metadata.version", lambda name: "99")
    assert why_stale(planned(plain), published(before, plain.reports), plain.reports) == "changed: libraries"


def test_a_new_notebook_changes_the_links_of_the_others(plain: Project) -> None:
    before = planned(plain)
    plain.notebook("02_more")
    assert why_stale(planned(plain), published(before, plain.reports), plain.reports) == "changed: links"


def test_a_run_of_one_language_has_the_key_it_has_among_all(plain: Project) -> None:
    inputs = read_inputs(plain.root / "data", plain.package)
    together = plan({ENGLISH: {}, CHINESE: {}}, plain.notebooks, inputs)[0]
    assert together.entry.key == planned(plain).entry.key
    assert together.context["other_language"] == f"../{CHINESE.key}/01_plain.html"


def test_a_fresh_run_is_fresh_until_its_page_is_gone_or_cut(plain: Project) -> None:
    run = planned(plain)
    entry = published(run, plain.reports)
    assert why_stale(run, entry, plain.reports) == ""
    (plain.reports / f"{run.entry.name}.html").write_bytes(b"pa")
    assert "changed by hand" in why_stale(run, entry, plain.reports)
    (plain.reports / f"{run.entry.name}.html").unlink()
    assert "missing: " in why_stale(run, entry, plain.reports)


def test_a_page_changed_to_the_same_length_is_seen_where_hashing_is_affordable(
    plain: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = planned(plain)
    entry = published(run, plain.reports)
    (plain.reports / f"{run.entry.name}.html").write_bytes(b"pAge")
    assert "changed by hand" in why_stale(run, entry, plain.reports)
    monkeypatch.setattr("analysis.refresh.plan.HASHED_BYTES", 3)
    assert why_stale(run, entry, plain.reports) == ""


def test_a_run_that_failed_or_had_no_first_run_is_stale(plain: Project) -> None:
    run = planned(plain)
    assert why_stale(run, None, plain.reports) == "first run"
    failure = dict(when="2026-01-01", reason="the kernel died", key=run.entry.key)
    failed = replace(published(run, plain.reports), failure=failure)
    assert "the kernel died" in why_stale(run, failed, plain.reports)
    assert "the kernel died" in why_stale(run, replace(failed, files={}), plain.reports)
    other = dict(when="2026-01-01", reason="the kernel died", key="other")
    assert "the kernel died" in why_stale(run, replace(failed, failure=other), plain.reports)
    assert why_stale(run, replace(failed, failure=other, files={}), plain.reports) == "first run"


def test_titles_of_links_come_from_the_notebooks(plain: Project) -> None:
    book = nbformat.read(plain.notebooks[0], 4)
    book.metadata["fazhi"] = {"title": {"en": "What was reported?"}}
    nbformat.write(book, plain.notebooks[0])
    plain.notebook("02_over_time")
    assert planned(plain).context["pages"] == [
        ["01_plain.html", "What was reported?"],
        ["02_over_time.html", "Over time"],
    ]


def table(*rows: str) -> str:
    """A table of rows by region and source."""
    return "\n".join(["region_code,source_id,value", *rows]) + "\n"


@pytest.fixture
def split(plain: Project) -> Project:
    """A project whose notebook reads its city, with data of two regions and their sources."""
    book = nbformat.read(plain.notebooks[0], 4)
    book.metadata["fazhi"] = {"reads": "city"}
    nbformat.write(book, plain.notebooks[0])
    (plain.root / "data/observations").mkdir()
    (plain.root / "data/observations/44.csv").write_text(table("440800,s1,1", "440100,s2,2"))
    (plain.root / "data/sources.csv").write_text(table("440800,s1,x", "440100,s2,y"))
    return plain


@pytest.mark.parametrize(
    ("name", "rows", "stale"),
    [
        ("observations/44.csv", ["440800,s1,1", "440100,s2,3"], False),
        ("observations/44.csv", ["440800,s1,3", "440100,s2,2"], True),
        ("observations/44.csv", ["440800,s2,1", "440100,s2,2"], True),
        ("observations/43.csv", ["430100,s2,1"], False),
        ("sources.csv", ["440800,s1,x", "440100,s2,z"], False),
        ("sources.csv", ["440800,s1,z", "440100,s2,y"], True),
        ("regions.csv", ["440100,s2,1"], True),
        ("observations/44.csv", ['440800,s1,"1', "440100,s2,2"], True),
    ],
)
def test_a_page_that_reads_its_city_is_keyed_on_what_it_sees(
    split: Project, name: str, rows: list[str], stale: bool
) -> None:
    before = planned(split)
    (split.root / "data" / name).write_text(table(*rows))
    assert (planned(split).entry.key != before.entry.key) is stale


def test_a_page_that_reads_the_panel_is_keyed_on_all_of_it(split: Project) -> None:
    split.notebook("01_plain", "answer = 42")
    before = planned(split)
    (split.root / "data/observations/43.csv").write_text(table("430100,s2,1"))
    assert planned(split).entry.key != before.entry.key
