"""A notebook run alone refuses what a refresh refuses, in the same words, and shows no blank cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from data_folder import DataFolder, edit

from analysis import report
from analysis.errors import DataError, FazhiError, InputError
from analysis.panel import Panel
from analysis.report import Head, Prose, Table

GOOD: dict[str, Any] = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong"}


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"city": "Zhanjaing"}, "type 440800 (Zhanjiang 湛江市)"),
        ({"city": "Yulin"}, "type one of 450900 (玉林市), 610800 (榆林市)"),
        ({"year": 1999}, "choose one of 2014"),
        ({"year": "2020"}, "write year = 2020"),
        ({"city": True}, 'write city = "440800"'),
        ({"city": 440801}, "must be one of data/regions.csv"),
        ({"language": "fr"}, "choose en or zh"),
        ({"peers": "guangdon"}, "type guangdong"),
    ],
)
def test_a_parameter_is_refused(panel: Panel, change: dict[str, Any], shown: str) -> None:
    with pytest.raises(InputError) as caught:
        report.open_page("01_report_profile", **{**GOOD, **change}, panel_=panel)
    assert shown in caught.value.message


def test_an_unknown_page_is_refused(panel: Panel) -> None:
    with pytest.raises(InputError, match="type 02_over_time"):
        report.open_page("02_overtime", **GOOD, panel_=panel)


@pytest.mark.parametrize("kind", ["text", "table", "figure"])
def test_an_unknown_output_is_refused_with_what_there_is(panel: Panel, kind: str) -> None:
    page = report.open_page("01_report_profile", **GOOD, panel_=panel)
    with pytest.raises(InputError, match="The page has these") as caught:
        getattr(page, kind)("covrage")
    assert "type coverage" in caught.value.message


def test_broken_data_stop_a_notebook_with_file_and_line(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder.write() / "observations" / "44.csv", "84,=,", "84")
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    with pytest.raises(DataError, match=r"observations/44\.csv:14: 13 cells"):
        report.open_page("01_report_profile", **GOOD)


def test_a_missing_table_stops_a_notebook(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.write() / "sources.csv").unlink()
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    with pytest.raises(DataError, match=r"The table sources\.csv must exist"):
        report.open_page("01_report_profile", **GOOD)


@pytest.mark.parametrize("city", ["湛江", "zhanjiang", "440800"])
def test_a_city_is_opened_by_any_of_its_names(panel: Panel, city: str) -> None:
    page = report.open_page("01_report_profile", **{**GOOD, "city": city}, panel_=panel)
    assert page.context.edition.city == "440800"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_table_with_a_blank_cell_is_refused(missing: object) -> None:
    with pytest.raises(FazhiError, match="Each cell of a table must hold words"):
        Table("t", "A caption", pd.DataFrame({"a": ["x", missing]}))


def test_a_tables_cells_are_escaped_but_for_its_html_columns() -> None:
    frame = pd.DataFrame({"a<b": ["1 < 2 & 3"], "link": ['<a href="https://example.org">x</a>']})
    table = Table("t", 'A "caption"', frame, numeric=("a<b",), html=("link",), anchors=("e1",))
    bundle = table._repr_mimebundle_()
    assert '<tr id="e1">' in bundle["text/html"]
    assert "1 &lt; 2 &amp; 3" in bundle["text/html"]
    assert '<a href="https://example.org">x</a>' in bundle["text/html"]
    assert '<th scope="col" class="n">a&lt;b</th>' in bundle["text/html"]
    assert "example.org" not in bundle["text/plain"], "nbval compares no addresses"


def test_an_empty_table_says_so() -> None:
    table = Table("t", "A caption", pd.DataFrame({"a": []}), empty="Nothing was reported.")
    bundle = table._repr_mimebundle_()
    assert "Nothing was reported." in bundle["text/plain"]
    assert "Nothing was reported." in bundle["text/html"]
    assert "<table" not in bundle["text/html"]


def test_bundles_carry_what_the_export_reads() -> None:
    assert Prose("Some *words*")._repr_mimebundle_() == {
        "text/markdown": "Some *words*",
        "text/plain": "Some *words*",
    }
    head = Head("p", "Title?", "Lead.", "Kicker", "en", "Zhanjiang", 2020, "Lead.")
    bundle = head._repr_mimebundle_()
    assert bundle["application/vnd.fazhi.page+json"]["title"] == "Title?"
    assert bundle["text/markdown"] == "# Title?\n\nLead."
