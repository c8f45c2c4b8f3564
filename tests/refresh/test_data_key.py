"""The data in a run's key: what a page may see of the panel, no less and not much more."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixture_project import ENGLISH

from analysis import panel, project
from analysis.refresh import data_key, inputs
from analysis.refresh.manifest import Entry
from analysis.refresh.plan import plan, why_stale
from analysis.report import PAGES, open_page

ZHANJIANG, WUHAN = "440800", "420100"
Change = Callable[[dict[str, str]], dict[str, str] | None]
NOTEBOOKS = sorted(project.notebooks_folder().glob("[0-9]*.ipynb"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the project's data."""
    return Path(shutil.copytree(project.data_folder(), tmp_path / "data"))


def rewrite(path: Path, change: Change) -> None:
    """Changes each row of a table; None drops it."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        rows = [new for row in reader if (new := change(row)) is not None]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def alter_first(path: Path, region: str, column: str) -> None:
    """Alters one cell of the first row of a region."""
    left = [1]

    def change(row: dict[str, str]) -> dict[str, str]:
        if row["region_code"] == region and left:
            row[column] += left.pop() and "9"
        return row

    rewrite(path, change)
    assert not left


def parts(folder: Path, city: str = ZHANJIANG) -> tuple[str, str]:
    """The data part of a page that sees a city, and of one that sees the panel."""
    key = data_key.read(folder)
    return key.part("city", city), key.part("panel", city)


def stale(data: Path, alter: Callable[[], None]) -> dict[str, str]:
    """Notebook -> why it is stale once the data are altered, for the project's own notebooks."""
    package = data.parent / "package"
    package.mkdir()
    before = plan([ENGLISH], NOTEBOOKS, inputs.read_inputs(data, package))
    alter()
    after = plan([ENGLISH], NOTEBOOKS, inputs.read_inputs(data, package))
    entries = [Entry(one.edition.key, one.stem, {}, one.key, one.parts) for one in before]
    whys = zip(after, entries, strict=True)
    return {run.stem: why_stale(run, entry, data.parent) for run, entry in whys}


def test_a_row_of_wuhan_leaves_the_pages_that_see_zhanjiang_fresh(data: Path) -> None:
    whys = stale(data, lambda: alter_first(data / "observations/42.csv", WUHAN, "value"))
    expected = {stem: "" if PAGES[stem].reads == "city" else "changed: data" for stem in whys}
    assert whys == expected
    assert {whys["01_report_profile"], whys["02_over_time"]} == {""}
    assert whys["03_other_cities"] == "changed: data"


def test_a_row_of_zhanjiang_makes_all_its_pages_stale(data: Path) -> None:
    whys = stale(data, lambda: alter_first(data / "observations/44.csv", ZHANJIANG, "value"))
    assert set(whys.values()) == {"changed: data"}


def test_a_new_city_in_the_file_of_the_same_province_leaves_them_fresh(data: Path) -> None:
    before = parts(data)
    rewrite(data / "observations/44.csv", lambda row: None if row["region_code"] == "440100" else row)
    after = parts(data)
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)


@pytest.mark.parametrize(
    ("table", "region", "column"),
    [
        ("observations/44.csv", ZHANJIANG, "note"),
        ("sources.csv", ZHANJIANG, "publisher"),
        ("corrections.csv", ZHANJIANG, "reason"),
        ("regions.csv", WUHAN, "name_en"),
        ("peer_groups.csv", WUHAN, "label_en"),
    ],
)
def test_what_a_city_page_may_see_is_in_its_key(data: Path, table: str, region: str, column: str) -> None:
    if table == "corrections.csv":
        with (data / table).open("a", encoding="utf-8") as file:
            file.write(f"{region},2020,a.b,a-source,flag,1,,a reason,open\n")
    before = parts(data)
    alter_first(data / table, region, column)
    assert parts(data)[0] != before[0]


@pytest.mark.parametrize("table", ["metrics.csv", "identities.toml"])
def test_what_every_page_may_see_is_in_its_key(data: Path, table: str) -> None:
    before = parts(data)
    with (data / table).open("a", encoding="utf-8") as file:
        file.write("# a note\n")
    assert parts(data)[0] != before[0]


def test_a_source_of_the_province_that_the_city_cites_is_in_its_key(data: Path) -> None:
    cited = next(
        row["source_id"]
        for row in csv.DictReader((data / "observations/44.csv").open(encoding="utf-8"))
        if row["region_code"] == ZHANJIANG and not row["source_id"].startswith(ZHANJIANG)
    )
    before = parts(data)
    rewrite(
        data / "sources.csv", lambda row: {**row, "title": "another"} if row["source_id"] == cited else row
    )
    assert parts(data)[0] != before[0]


def test_what_was_adopted_is_read_by_no_page(data: Path) -> None:
    before = parts(data)
    (data / "adopted.csv").write_text("table,key,digest\n")
    assert parts(data) == before


@pytest.mark.parametrize("broken", ['"open\n', "region_code\n440800,1\n", "a,b\n1,2\n", "\xff"])
def test_data_that_cannot_be_told_apart_count_whole(data: Path, broken: str) -> None:
    (data / "observations/44.csv").write_bytes(broken.encode("latin-1"))
    city, whole = parts(data)
    assert city == whole


def test_a_page_that_says_nothing_or_anything_else_sees_the_panel(tmp_path: Path) -> None:
    path = tmp_path / "01_report_profile.ipynb"
    raw: dict[str, Any] = json.loads(NOTEBOOKS[0].read_text())
    package = tmp_path / "package"
    package.mkdir()
    given = inputs.read_inputs(project.data_folder(), package)
    for word in (None, "", "City", "province", ["city"]):
        raw["metadata"]["fazhi"]["reads"] = word
        path.write_text(json.dumps(raw))
        (run,) = plan([ENGLISH], [path], given)
        assert run.parts["data"] == given.data.panel
    raw["metadata"]["fazhi"]["reads"] = "city"
    path.write_text(json.dumps(raw))
    assert plan([ENGLISH], [path], given)[0].parts["data"] != given.data.panel


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_its_page_reads(notebook: Path) -> None:
    assert json.loads(notebook.read_text())["metadata"]["fazhi"]["reads"] == PAGES[notebook.stem].reads


def shown(page_id: str, folder: Path) -> list[str]:
    """Everything a page could show, as text."""
    page = open_page(page_id, **ENGLISH.parameters, panel_=panel.load(folder))
    contents = PAGES[page_id]
    made: list[Any] = [page.head(), *(page.text(name) for name in contents.sections if name != "head")]
    made += [page.table(name) for name in contents.tables]
    made += [page.figure(name) for name in contents.figures]
    made += [page.evidence(), page.sources()]
    return [json.dumps(one._repr_mimebundle_(), sort_keys=True, default=str) for one in made]


def test_pages_of_a_city_are_the_same_whatever_is_said_of_the_others(data: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(data, tmp_path / "other"))
    seen: set[str] = {ZHANJIANG}

    def observation(row: dict[str, str]) -> dict[str, str]:
        if row["region_code"] == ZHANJIANG:
            seen.add(row["source_id"])
            return row
        return {**row, "value": row["value"] + "1", "evidence": "changed", "note": "changed"}

    for path in sorted((other / "observations").glob("*.csv")):
        rewrite(path, observation)
    rewrite(other / "corrections.csv", lambda row: row if row["region_code"] == ZHANJIANG else None)
    rewrite(
        other / "sources.csv",
        lambda row: row if seen & {row["region_code"], row["source_id"]} else {**row, "title": "changed"},
    )
    before, after = parts(data), parts(other)
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)
    for page_id, contents in PAGES.items():
        if contents.reads == "city":
            assert shown(page_id, data) == shown(page_id, other), page_id
