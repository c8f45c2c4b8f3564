"""A change is tested only where two exact figures of one rule bear it; all tests of a page are one family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_folder import REPORT, DataFolder, fact, metric

from analysis import compare, stats, words
from analysis import panel as panels
from analysis.compare.years import untested

CLOSED, RATE = "reconsideration.closed", "reconsideration.correction_rate"
REVOKED, MODIFIED = "reconsideration.revoked", "reconsideration.modified"


def changes(folder: DataFolder) -> pd.DataFrame:
    """Every change of Zhanjiang in the small folder, by metric and year."""
    loaded = panels.load(folder.write())
    return compare.changes(loaded, compare.series(loaded, "440800")).set_index(["metric_id", "year"])


def with_2019(folder: DataFolder, revoked: str = "50", rate: str = "25.5", **cells: str) -> DataFolder:
    """The folder with the share of 2019 and the counts behind it: (revoked + 1) of 200."""
    folder.observations += [
        fact("440800", 2019, REVOKED, revoked, REPORT, **cells),
        fact("440800", 2019, MODIFIED, "1", REPORT),
        fact("440800", 2019, RATE, rate, REPORT),
    ]
    return folder


def test_a_percentage_without_its_counts_is_not_tested(folder: DataFolder) -> None:
    folder.observations.append(fact("440800", 2019, RATE, "25.5", REPORT))
    found = changes(folder).loc[(RATE, 2020)]
    assert found["reason"] == "counts_unstated"
    assert found["change"] == pytest.approx(31.2 - 25.5)
    assert found[["p_value", "lower", "upper"]].isna().all()


@pytest.mark.parametrize("cells", [{"qualifier": ">", "resolution": "10"}, {"scope": "own_level"}])
def test_counts_that_are_rounded_or_of_another_scope_bear_no_test(
    folder: DataFolder, cells: dict[str, str]
) -> None:
    assert np.isnan(changes(with_2019(folder, **cells)).loc[(RATE, 2020), "p_value"])


def test_counts_that_give_another_share_are_of_another_base(folder: DataFolder) -> None:
    found = changes(with_2019(folder, rate="61.0")).loc[(RATE, 2020)]
    assert found["reason"] == "counts_unstated"


@pytest.mark.parametrize(
    ("year", "cells", "reason"),
    [
        ("2019", {"qualifier": ">", "resolution": "100"}, "not_exact"),
        ("2020", {"status": "B"}, "break_between"),
        ("2020", {"value": "100"}, None),
    ],
)
def test_a_pair_without_a_test_says_why(
    folder: DataFolder, year: str, cells: dict[str, str], reason: str | None
) -> None:
    folder.find(metric_id=CLOSED, year=year).update(cells)
    found = changes(folder).loc[(CLOSED, 2020)]
    assert found["reason"] == (reason or "")
    assert bool(found["method"]) == (reason is None)
    assert np.isnan(found["p_value"]) == (reason is not None)


def test_part_years_and_derived_years_are_not_tested(folder: DataFolder) -> None:
    for year in ("2019", "2020"):
        folder.find(metric_id=CLOSED, year=year)["period"] = "ytd-11"
    found = changes(folder)
    assert found.loc[(CLOSED, 2020), "reason"] == "no_full_year"
    assert found.loc[("legal_aid.cases", 2020), "reason"] == "derived"
    assert found["p_value"].isna().all()


def test_money_is_no_count_of_events(folder: DataFolder) -> None:
    folder.metrics.append(metric("mediation.amount", "万元", "count"))
    folder.metrics.sort(key=lambda row: row["metric_id"])
    folder.observations += [
        fact("440800", 2019, "mediation.amount", "1394", REPORT),
        fact("440800", 2020, "mediation.amount", "1715", REPORT),
    ]
    found = changes(folder).loc[("mediation.amount", 2020)]
    assert found["ratio"] == pytest.approx(1715 / 1394)
    assert (found["reason"], np.isnan(found["p_value"])) == ("not_events", True)
    assert np.isnan(found["lower_before"]), "no chance of events"


def test_a_saturated_share_is_not_tested(folder: DataFolder) -> None:
    folder.find(metric_id=RATE)["value"] = "99.6"
    folder.find(metric_id=REVOKED)["value"] = "270"
    found = changes(with_2019(folder)).loc[(RATE, 2020)]
    assert (found["reason"], np.isnan(found["p_value"])) == ("saturated", True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_words(folder: DataFolder, language: words.Language) -> None:
    reasons = untested(changes(folder))
    assert len(reasons.columns) == 8
    assert all(words.label("reason", code, language) for code in reasons)


@pytest.mark.parametrize("scope", ["other", "courts"])
def test_two_parts_of_an_area_are_no_series(folder: DataFolder, scope: str) -> None:
    folder.observations += [
        fact("440800", 2021, CLOSED, "17", REPORT, scope=scope, scope_as_reported="某铁路法院"),
        fact("440800", 2022, CLOSED, "20", REPORT, scope=scope, scope_as_reported="某中级法院"),
    ]
    assert (CLOSED, 2022) not in changes(folder).index


def test_two_shares_with_their_counts_have_newcombes_difference(folder: DataFolder) -> None:
    found = changes(with_2019(folder)).loc[(RATE, 2020)]
    counts = {"numerator_before": 51, "denominator_before": 200, "numerator_after": 85}
    expected = stats.change_in_proportions(pd.DataFrame([counts | {"denominator_after": 272}])).iloc[0]
    assert (found["statistic"], found["reason"]) == ("points", "")
    assert found["lower"] == pytest.approx(100 * expected["lower"])
    assert found["upper"] == pytest.approx(100 * expected["upper"])
    assert found["p_value"] == pytest.approx(expected["p_value"])
    assert found["n"] == 472
    assert found["change"] == pytest.approx(31.2 - 25.5), "the difference as printed"
    assert len(found["rows"]) == 8, "both shares and the counts behind them"


def test_all_tests_of_a_page_are_one_family(folder: DataFolder) -> None:
    found = changes(with_2019(folder))
    tested = found[found["p_value"].notna()]
    assert set(tested.index) == {(RATE, 2020), (CLOSED, 2020), (REVOKED, 2020), (MODIFIED, 2020)}
    assert set(found["tests"]) == {4}
    adjusted = stats.benjamini_hochberg(tested[["p_value"]].reset_index(drop=True))["q_value"]
    assert tested["p_adjusted"].tolist() == pytest.approx(adjusted.tolist())
    assert (tested["p_adjusted"] >= tested["p_value"]).all()
    assert found.loc[found["p_value"].isna(), "p_adjusted"].isna().all()
