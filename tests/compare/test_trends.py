"""A trend needs five independent years of one rule; else the change over the latest run, and why."""

from __future__ import annotations

import pandas as pd
import pytest
from data_folder import REPORT, DataFolder, fact

from analysis import compare, stats
from analysis import panel as panels
from analysis.panel import Panel

CLOSED, RATE = "reconsideration.closed", "reconsideration.correction_rate"
COUNTS = {2014: "100", 2015: "112", 2016: "118", 2017: "131", 2018: "155"}


def trend(folder: DataFolder, metric_id: str = CLOSED) -> pd.Series:
    """The trend of one metric of Zhanjiang in the small folder."""
    loaded = panels.load(folder.write())
    found = compare.trends(compare.series(loaded, "440800"), loaded)
    return found[found["metric_id"] == metric_id].iloc[0]


@pytest.fixture
def yearly(folder: DataFolder) -> DataFolder:
    """Closed cases of seven years, 2014 to 2020."""
    folder.observations += [fact("440800", year, CLOSED, value, REPORT) for year, value in COUNTS.items()]
    return folder


def test_a_region_without_facts_has_no_trends(folder: DataFolder) -> None:
    loaded = panels.load(folder.write())
    assert compare.trends(compare.series(loaded, "450900"), loaded).empty


def test_two_years_are_a_change_and_no_trend(folder: DataFolder) -> None:
    found = trend(folder)
    assert found["refusal"] == stats.label("too_few_years")
    assert (found["value"], found["statistic"]) == (pytest.approx(272 / 200), "ratio")
    assert pd.isna(found["p_adjusted"])


@pytest.mark.parametrize(
    "cells", [{"qualifier": ">", "resolution": "10"}, {"period": "cumulative"}, {"period": "ytd-11"}]
)
def test_rounded_and_running_figures_are_no_points(yearly: DataFolder, cells: dict[str, str]) -> None:
    for year in ("2016", "2017", "2018"):
        yearly.find(metric_id=CLOSED, year=year).update(cells)
    found = trend(yearly)
    assert found["points"] == 4
    assert found["refusal"].startswith(stats.label("too_few_years"))


def test_a_break_leaves_the_latest_run_only(yearly: DataFolder) -> None:
    yearly.observations.append(fact("440800", 2021, CLOSED, "400", REPORT))
    yearly.observations.append(fact("440800", 2022, CLOSED, "500", REPORT))
    found = trend(yearly)
    assert found["refusal"] == stats.label("series_break")
    assert (found["year_from"], found["year_to"], found["value"]) == (2021, 2022, pytest.approx(1.25))


def test_a_derived_figure_is_no_point(folder: DataFolder) -> None:
    assert trend(folder, "legal_aid.cases")["points"] == 1


def test_a_running_total_beside_a_years_own_figure_is_passed_over(yearly: DataFolder) -> None:
    yearly.observations.append(fact("440800", 2018, CLOSED, "900", REPORT, period="cumulative"))
    assert trend(yearly)["points"] == 7


def test_seven_unbroken_years_have_the_trend_of_the_statistics(yearly: DataFolder) -> None:
    found = trend(yearly)
    values = [*map(int, COUNTS.values()), 200, 272]
    frame = pd.DataFrame({"region_code": "440800", "year": range(2014, 2021), "count": values})
    expected = stats.trend_in_counts(frame.assign(break_before=False)).iloc[0]
    for name in ("value", "lower", "upper", "p_value", "n"):
        assert found[name] == pytest.approx(expected[name]), name
    assert found["refusal"] == ""
    assert (found["tests"], found["p_adjusted"]) == (1, pytest.approx(expected["p_value"]))


def test_shares_are_fitted_by_their_counts(folder: DataFolder) -> None:
    for place, year in enumerate(range(2015, 2020)):
        if year < 2019:
            folder.observations.append(fact("440800", year, CLOSED, "200", REPORT))
        folder.observations += [
            fact("440800", year, "reconsideration.revoked", str(39 + 4 * place), REPORT),
            fact("440800", year, "reconsideration.modified", "1", REPORT),
            fact("440800", year, RATE, f"{(40 + 4 * place) / 2:g}", REPORT),
        ]
    found = trend(folder, RATE)
    assert found["statistic"] == "odds ratio per year"
    assert (found["points"], found["n"]) == (6, 1272)
    assert found["lower"] > 1


def test_litigation_of_guangdong_has_the_trend_its_counts_bear(panel: Panel) -> None:
    found = compare.trends(compare.series(panel, "440000"), panel)
    whole = found[(found["metric_id"] == "litigation.first_instance_filed") & (found["scope"] == "courts")]
    assert whole["points"].item() >= 5
    assert whole["refusal"].item() == ""
    assert whole["lower"].item() < whole["value"].item() < whole["upper"].item()
