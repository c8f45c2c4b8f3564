"""The index and the downloads of a site, from its manifest alone."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from fixture_project import describe

from analysis.editions import Edition
from analysis.refresh import index
from analysis.refresh.markup import check_page
from analysis.refresh.publish import Entry, Manifest, record

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
CSV = b"a,b\n1,2\n"
SITE = {"figures/a.svg": SVG, "figures/a.csv": CSV, "tables/01_summary/b.csv": CSV, "01_summary.html": b"x"}


def entry(language: str, notebook: str = "01_summary", **changes: Any) -> Entry:
    """A published page of Zhanjiang."""
    edition = Edition("440800", 2020, "guangdong", "zh" if language == "zh" else "en")
    page = {"title": f"A page in {language}", "findings": [f"Finding {number}" for number in range(7)]}
    page["picture"] = {"path": f"{edition.key}/figures/a.svg", "alt": "Three bars"}
    files = {f"{edition.key}/{name}": record(body) for name, body in SITE.items()}
    made = {
        "page": page,
        "about": describe(edition),
        "files": files,
        "key": "k",
        "published": "2026-11-22T00:00:00",
    }
    return Entry(edition.key, notebook, edition.parameters, **{**made, **changes})


def site(*entries: Entry, **changes: Any) -> Manifest:
    """A manifest with these entries and the download of their data."""
    package = {index.PACKAGE: record(b"zip" * 500_000)}
    zips = {f"downloads/{one.edition}.zip": record(b"") for one in entries}
    made = {"downloads": {**package, **zips}, "data_version": "2026.11", "refreshed": "2026-11-23T00:00:00"}
    return Manifest(**{**made, **changes}).with_entries(entries)


def read(path: str) -> bytes | None:
    """A published file of any edition."""
    return SITE.get(path.partition("/")[2])


def shown(*entries: Entry, **changes: Any) -> BeautifulSoup:
    """The parsed index of a site."""
    html = index.render(site(*entries, **changes), read)
    check_page(html)
    return BeautifulSoup(html, "html.parser")


def composed(data: Path, after: Manifest, before: Manifest) -> dict[str, bytes]:
    """The downloads that are made anew, once the manifest was seen to record them all."""
    complete, made = index.compose(data, after, before, read)
    assert made.pop("index.html") == index.render(complete, read).encode()
    assert complete.downloads == {**before.downloads, **{path: record(body) for path, body in made.items()}}
    return made


def test_an_index_of_nothing_says_so() -> None:
    html = index.render(Manifest(), read)
    check_page(html)
    assert "No edition has been rendered yet" in html


def test_editions_stand_side_by_side_with_findings_picture_coverage_and_date() -> None:
    page = shown(entry("zh"), entry("en"))
    (section,) = page.select(".edition:not(#data)")
    assert re.sub(r"\s+", " ", section.h3.get_text()) == "Zhanjiang 湛江市 2020"
    assert [part["lang"] for part in section.select(".languages > div")] == ["en", "zh-Hans"]
    assert [len(part.select(".brief li")) for part in section.select(".languages > div")] == [5, 5]
    assert [image["alt"] for image in section.select("img")] == ["Three bars", "Three bars"]
    assert "3 facts on 2 metrics" in section.get_text()
    assert "2026-11-22" in section.get_text()
    assert not re.search(r"\d s\b|to run", section.get_text())


def test_a_page_that_fell_behind_or_never_came_says_so() -> None:
    failure = dict(when="2026-11-20T01:00:00", reason="the process died <SIGKILL>", key="k")
    page = shown(entry("zh", failure=failure), entry("en", files={}, page={}, published=""))
    assert "2026-11-20：the process died <SIGKILL>" in page.select_one(".stale").get_text()
    assert "not rendered yet" in page.get_text()
    assert page.select_one(f'a[href="{entry("zh").edition}/01_summary.html"]') is not None
    assert page.select_one(f'a[href="{entry("en").edition}/01_summary.html"]') is None


def test_the_data_are_named_with_licence_and_how_to_cite() -> None:
    data = shown(entry("en")).select_one("#data").get_text()
    assert "CC BY 4.0" in data
    assert "version 2026.11, 2026-11-23" in data
    assert "数据版本2026.11" in data
    assert "1.5 MB" in data


def test_pictures_are_left_out_where_they_would_make_the_index_heavy() -> None:
    large = {f"{entry('en').edition}/figures/a.svg": dict(sha256="", size=index.PICTURE_BYTES)}
    assert not shown(entry("en", files=large)).select("img")


def test_downloads_hold_the_data_as_used_and_the_data_of_figures_and_tables(tmp_path: Path) -> None:
    (tmp_path / "observations").mkdir()
    (tmp_path / "observations/44.csv").write_bytes(CSV)
    (tmp_path / "adopted.csv").write_bytes(CSV)
    after = site(entry("en"), data="new")
    made = composed(tmp_path, after, Manifest())
    edition = f"downloads/{entry('en').edition}.zip"
    assert made.keys() == {index.PACKAGE, edition}
    assert zipfile.ZipFile(io.BytesIO(made[index.PACKAGE])).namelist() == ["observations/44.csv"]
    tables = zipfile.ZipFile(io.BytesIO(made[edition]))
    assert tables.namelist() == ["figures/a.csv", "tables/01_summary/b.csv"]
    assert tables.read("figures/a.csv") == CSV
    assert made == composed(tmp_path, after, Manifest()), "the same contents are the same bytes"


def test_downloads_are_made_anew_only_where_something_changed(tmp_path: Path) -> None:
    before = site(entry("en"), entry("zh"), data="old")
    assert not composed(tmp_path, before, before)
    changed = {**entry("en").files, f"{entry('en').edition}/figures/a.csv": record(b"other")}
    after = site(entry("en", files=changed), entry("zh"), data="old")
    assert composed(tmp_path, after, before).keys() == {f"downloads/{entry('en').edition}.zip"}
    only, made = index.compose(tmp_path, site(entry("en"), data="new"), before, read)
    assert made.keys() == {index.PACKAGE, "index.html"}
    assert only.downloads.keys() == {index.PACKAGE, f"downloads/{entry('en').edition}.zip"}
