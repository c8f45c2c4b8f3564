"""Cities are set side by side on one metric, scope and year; nothing missing is filled or ranked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_folder import OTHER, REPORT, STATISTICS, DataFolder, fact

from analysis import compare
from analysis import panel as panels
from analysis.panel import Panel

RECEIVED = "reconsideration.received"


def section(panel: Panel, metric_id: str = RECEIVED, year: int = 2020) -> compare.CrossSection:
    """A cross-section with Zhanjiang in focus among Guangdong's cities."""
    return compare.cross_section(panel, metric_id, year, "440800", panel.catalog.group("guangdong"))


@pytest.fixture
def small(folder: DataFolder) -> Panel:
    return panels.load(folder.write())


def test_a_metric_that_nobody_reports_has_no_rows(small: Panel) -> None:
    found = section(small, "legal_aid.cases", 2015)
    assert found.rows.empty
    assert found.reporting == 0


def test_a_city_without_residents_is_not_rated(folder: DataFolder) -> None:
    folder.observations = [
        row
        for row in folder.observations
        if (row["region_code"], row["metric_id"]) != ("440100", "context.population")
    ]
    rows = section(panels.load(folder.write())).rows.set_index("region_code")
    assert rows.loc["440100", "grade"] == "C"
    assert rows.loc["440100", "reasons"] == ("no_residents",)
    assert np.isnan(rows.loc["440100", "shown"])
    assert rows.loc["440800", "grade"] == "B"


def test_provinces_are_context_and_never_ranked(folder: DataFolder) -> None:
    folder.observations.append(
        fact("440000", 2020, "context.population", "126012510", STATISTICS, period="at-2020-11-01")
    )
    found = section(panels.load(folder.write()))
    assert found.rows.set_index("region_code").loc["440000", "role"] == "context"
    assert set(found.comparable["region_code"]) == {"440100", "440800"}


def test_counties_do_not_stand_beside_cities(folder: DataFolder) -> None:
    folder.observations.append(fact("110105", 2020, RECEIVED, "50", STATISTICS))
    assert "110105" not in set(section(panels.load(folder.write())).rows["region_code"])


def test_departments_do_not_stand_beside_cities(folder: DataFolder) -> None:
    cells = {"unit_name": "某局", "scope": "department"}
    folder.observations.append(fact("450900", 2020, RECEIVED, "5", STATISTICS, **cells))
    assert "450900" not in set(section(panels.load(folder.write())).rows["region_code"])


def test_another_scope_is_shown_with_grade_c(folder: DataFolder) -> None:
    folder.find(region_code="440100", year="2020", metric_id=RECEIVED)["scope"] = "own_level"
    found = section(panels.load(folder.write()))
    row = found.rows.set_index("region_code").loc["440100"]
    assert (row["grade"], row["reasons"]) == ("C", ("scope_differs",))
    assert found.reporting == 1


def test_a_rounded_count_has_a_rate_but_no_interval(folder: DataFolder) -> None:
    folder.find(region_code="440100", year="2020", metric_id=RECEIVED).update(qualifier=">", resolution="100")
    rows = section(panels.load(folder.write())).rows.set_index("region_code")
    assert rows.loc["440100", "shown"] == pytest.approx(3100 / 18676605 * 100_000)
    assert np.isnan(rows.loc["440100", "lower"])
    assert rows.loc["440800", "lower"] < rows.loc["440800", "shown"] < rows.loc["440800", "upper"]


def test_two_sources_make_one_row(folder: DataFolder) -> None:
    folder.observations.append(fact("440800", 2020, RECEIVED, "368", OTHER))
    found = section(panels.load(folder.write()))
    assert (found.rows["region_code"] == "440800").sum() == 1


def test_residents_of_the_year_come_before_the_census(folder: DataFolder) -> None:
    folder.observations.append(
        fact("440800", 2019, "context.population", "7030000", REPORT, period="year_end")
    )
    loaded = panels.load(folder.write())
    found = {year: compare.residents(loaded, year) for year in (2018, 2019, 2020)}
    assert found[2019].loc["440800", "residents"] == 7030000
    assert found[2020].loc["440800", "residents"] == 6981236
    assert found[2018].loc["440800", "residents"] == 6981236, "the nearest census"
    assert found[2018].loc["440800", "residents_period"] == "at-2020-11-01"
    assert "000000" not in found[2020].index


def test_coverage_counts_metrics_and_not_figures(small: Panel) -> None:
    found = compare.coverage(small, 2020, ["440800", "440100", "450900"])
    counts = found.set_index(["region_code", "domain"])["metrics"].to_dict()
    assert counts == {
        ("440100", "reconsideration"): 1,
        ("440800", "legal_aid"): 2,
        ("440800", "reconsideration"): 5,
    }


def test_shared_metrics_need_another_region_of_the_level(small: Panel) -> None:
    assert compare.shared_metrics(small, "440800", 2020) == [RECEIVED]
    assert compare.shared_metrics(small, "440800", 2019) == []
    assert compare.shared_metrics(small, "450900", 2020) == []


def test_zhanjiang_among_the_cities_that_report_applications(panel: Panel) -> None:
    found = section(panel)
    assert found.rated
    assert found.peers == 21
    assert found.reporting >= 9
    ranked = found.comparable.reset_index(drop=True)
    focus = ranked[ranked["role"] == "focus"].iloc[0]
    assert focus["value"] == 367
    assert focus["residents"] == 6981236
    assert focus["shown"] == pytest.approx(5.257, abs=5e-4)
    assert focus["lower"] == pytest.approx(4.733, abs=5e-4)
    assert focus["upper"] == pytest.approx(5.823, abs=5e-4)
    if found.reporting == 9:
        assert ranked.index[ranked["role"] == "focus"].tolist() == [7], "second lowest of nine"
    assert ranked["shown"].is_monotonic_decreasing
    assert set(ranked["grade"]) <= {"A", "B"}


@pytest.mark.parametrize("year", [2020, 2021, 2022])
def test_no_cross_section_of_the_repository_ranks_grade_c(panel: Panel, year: int) -> None:
    for metric_id in compare.shared_metrics(panel, "440800", year)[:6]:
        found = section(panel, metric_id, year)
        assert not found.rows["region_code"].duplicated().any()
        assert (found.comparable["grade"] != "C").all()
        assert found.comparable["shown"].notna().all()
        refused = found.rows[found.rows["grade"] == "C"]
        assert refused["reasons"].map(len).gt(0).all()


def test_a_panel_is_not_changed_by_comparing(panel: Panel) -> None:
    before = pd.util.hash_pandas_object(panel.observations.drop(columns="derived")).sum()
    section(panel)
    compare.series(panel, "440800")
    assert pd.util.hash_pandas_object(panel.observations.drop(columns="derived")).sum() == before


def test_a_railway_court_does_not_stand_beside_all_courts(folder: DataFolder) -> None:
    mine = folder.find(region_code="440800", year="2020", metric_id=RECEIVED)
    mine.update(scope="courts", scope_as_reported="全市法院")
    other = folder.find(region_code="440100", year="2020", metric_id=RECEIVED)
    other.update(scope="courts", scope_as_reported="广州铁路运输两级法院")
    rows = section(panels.load(folder.write())).rows.set_index("region_code")
    assert rows.loc["440100", "reasons"] == ("scope_differs",)
    assert rows.loc["440800", "reasons"] == ()
    other["scope_as_reported"] = "全市两级法院"
    assert section(panels.load(folder.write())).reporting == 2
