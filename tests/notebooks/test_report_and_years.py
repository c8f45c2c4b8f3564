"""Notebooks 02 and 03 run for rich and poor city-years in both languages and say what is known to be true."""

from __future__ import annotations

import contract
import pytest
from running import Ran, run

from analysis.panel import Panel

PAGES = ("02_report", "03_over_time")
EDITIONS = {
    "first": ("440800", 2020),
    "outcomes": ("330300", 2024),
    "two facts": ("420100", 2020),
    "one fact": ("540100", 2019),
    "derived years": ("000000", 2007),
    "several sources": ("000000", 2023),
    "departments": ("420000", 2020),
}
LACKS = {"en": "Not in the panel for", "zh": "数据集未收录"}


def page(
    name: str,
    city: str,
    year: int,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    line: tuple[str, str] = ("", ""),
) -> Ran:
    """A notebook run for a city-year, with a line put in after another."""
    book = contract.read(name)
    marked, more = line
    if marked:
        (cell,) = [cell for cell in book.cells if marked in cell.source]
        cell.source = cell.source.replace(marked, marked + more)
    given = {"city": city, "year": year, "language": language, "peers": "all"}
    return run(book, monkeypatch, given)


def text(ran: Ran) -> str:
    """All that a page says and tabulates, evidence left out."""
    return "\n".join(part for kind in ("head", "finding", "text", "table") for part in ran.texts(kind))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", PAGES)
def test_it_runs_for_any_city_year(
    name: str, edition: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = page(name, *EDITIONS[edition], language, monkeypatch)
    assert len(ran.texts("head")) == 1
    assert len(ran.texts("evidence")) == 2
    assert ran.values == {}, "what a cell shows goes through page"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_section_without_figures_is_left_out_and_named_at_the_end(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = page("03_over_time", "540100", 2019, language, monkeypatch)
    assert not [part for part in ran.texts("text") if part.startswith("## ")]
    assert LACKS[language] in ran.texts("text")[-1]
    assert ran.texts("table") == []
    assert ran.figures() == {}


def test_every_figure_of_the_report_is_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = page("02_report", "440800", 2020, "en", monkeypatch)
    facts, listed = ran.names["facts"], ran.names["listed"]
    assert sorted(listed.index) == sorted(facts.index)
    # a table's text has a caption and a line of headings above its rows
    rows = [len(table.splitlines()) - 2 for table in ran.texts("table") if table.startswith("Section ")]
    assert sum(rows) == len(facts)
    order = [table.split(":")[0][-1] for table in ran.texts("table") if table.startswith("Section ")]
    assert order == list("一二三四五六七八九")


def test_the_audit_of_zhanjiang_says_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = page("02_report", "440800", 2020, "en", monkeypatch)
    said = text(ran)
    assert "268 of 272; 4 are not itemised" in said
    assert "implies a base of 11,345 to 11,346" in said
    assert "add up to 4,140" in said
    windows = ran.names["windows"].set_index(["metric_id", "rule"])
    inside = windows["point"].between(windows["lower"] - 1e-9, windows["upper"] - 1e-9)
    assert inside["reconsideration.correction_rate"].to_dict() == {"rounded": False, "cut": True}
    assert inside["reconsideration.mediation_rate"].to_dict() == {"rounded": True, "cut": False}


def test_only_of_a_report_that_was_read_is_a_figure_not_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Not stated:" in text(page("02_report", "440800", 2020, "en", monkeypatch))
    other = text(page("02_report", "420100", 2020, "en", monkeypatch))
    assert "Not stated:" not in other
    assert "Not in the panel:" in other


def test_back_casts_of_zhanjiang_lead_to_rows_of_the_panel(
    monkeypatch: pytest.MonkeyPatch, panel: Panel
) -> None:
    ran = page("03_over_time", "440800", 2020, "zh", monkeypatch)
    said = text(ran)
    for interval in ("5,208—5,238", "4,041—4,061", "2,184—2,197"):
        assert interval in said
    assert set(ran.names["page"].cited) <= set(panel.observations.index)
    assert "44.csv" in ran.figures()["implied"]["csv"]


def test_a_tested_change_has_its_interval_its_p_value_and_n(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = page("03_over_time", "440400", 2018, "en", monkeypatch)
    tested = ran.names["tested"]
    assert len(tested)
    assert (tested["p_adjusted"] >= tested["p_value"]).all()
    (table,) = [part for part in ran.texts("table") if ", n\N{NO-BREAK SPACE}" in part]
    assert table.count(", n\N{NO-BREAK SPACE}=") == len(tested)
    assert table.count("p under 0.001") == (tested["p_adjusted"] < 0.001).sum()
    assert ran.texts("finding")[0].count("95% interval") == 1


def test_an_analyst_leaves_a_metric_out_by_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    line = 'near = near[near["metric_id"] != "legal_aid.cases"]\n'
    marked = 'near = pairs[(pairs["year"] == year) | (pairs["year_before"] == year)]\n'
    was = page("03_over_time", "440800", 2020, "en", monkeypatch)
    now = page("03_over_time", "440800", 2020, "en", monkeypatch, (marked, line))
    assert len(now.names["near"]) == len(was.names["near"]) - 1
    assert "Of 7 changes" in was.texts("head")[0]
    assert "Of 6 changes" in now.texts("head")[0]
