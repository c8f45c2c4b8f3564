"""Points are joined inside one scope, kind of period and rule; what was computed is marked derived."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_folder import REPORT, DataFolder, fact

from analysis import compare
from analysis import panel as panels
from analysis.compare.years import period_kinds
from analysis.errors import InputError
from analysis.panel import Panel

CLOSED = "reconsideration.closed"


def points(folder: DataFolder, metric_id: str = CLOSED) -> pd.DataFrame:
    """The points of one metric of Zhanjiang in the small folder."""
    found = compare.series(panels.load(folder.write()), "440800")
    return found[found["metric_id"] == metric_id]


def changes(folder: DataFolder) -> pd.DataFrame:
    """The changes between the points of the closed cases."""
    loaded = panels.load(folder.write())
    found = compare.changes(loaded, compare.series(loaded, "440800"))
    return found[found["metric_id"] == CLOSED]


def closed(year: int, value: str, **cells: str) -> dict[str, str]:
    """A row of closed cases of Zhanjiang."""
    return fact("440800", year, CLOSED, value, REPORT, **cells)


def test_a_region_without_facts_has_no_series(folder: DataFolder) -> None:
    loaded = panels.load(folder.write())
    assert compare.series(loaded, "450900").empty
    assert compare.changes(loaded, compare.series(loaded, "450900")).empty


def test_an_unknown_region_or_metric_is_refused_with_the_closest(folder: DataFolder) -> None:
    loaded = panels.load(folder.write())
    with pytest.raises(InputError, match=CLOSED):
        compare.series(loaded, "440800", ["reconsideration.close"])
    with pytest.raises(InputError):
        compare.series(loaded, "Zhanjang")


def test_only_the_wanted_metrics_are_series(folder: DataFolder) -> None:
    found = compare.series(panels.load(folder.write()), "湛江", [CLOSED])
    assert set(found["metric_id"]) == {CLOSED}


def test_a_metric_of_one_year_is_no_series(folder: DataFolder) -> None:
    assert points(folder, "reconsideration.revoked").empty


def test_numbers_stay_numbers_where_nothing_is_derived(folder: DataFolder) -> None:
    folder.observations.remove(folder.find(metric_id="legal_aid.cases_change"))
    loaded = panels.load(folder.write())
    found = compare.series(loaded, "440800")
    assert not found["derived"].any()
    assert found["value"].dtype == float
    assert compare.changes(loaded, found)["ratio"].dtype == float


def test_no_year_is_filled(folder: DataFolder) -> None:
    folder.observations.append(closed(2016, "90"))
    assert points(folder)["year"].tolist() == [2016, 2019, 2020]


def test_departments_are_left_out(folder: DataFolder) -> None:
    folder.observations.append(closed(2018, "9", unit_name="某局", scope="department"))
    assert points(folder)["year"].tolist() == [2019, 2020]


@pytest.mark.parametrize("cells", [{"scope": "own_level"}, {"period": "ytd-11"}, {"period": "year_end"}])
def test_another_scope_or_period_is_another_series(folder: DataFolder, cells: dict[str, str]) -> None:
    folder.observations.append(closed(2021, "300", **cells))
    found = points(folder)
    assert found["series"].nunique() == 2
    assert found[found["year"] == 2021]["series"].item() not in set(found[found["year"] < 2021]["series"])
    assert changes(folder)[["year_before", "year"]].to_numpy().tolist() == [[2019, 2020]]


def test_a_new_rule_parts_the_points_and_forbids_the_test(folder: DataFolder) -> None:
    folder.observations.append(closed(2021, "500"))
    assert points(folder).set_index("year")["break_before"].to_dict() == {
        2019: False,
        2020: False,
        2021: True,
    }
    found = changes(folder).set_index("year")
    assert found.loc[2021, "ratio"] == pytest.approx(500 / 272)
    assert np.isnan(found.loc[2021, "p_value"])
    assert found.loc[2020, "p_value"] < 0.01


def test_a_break_between_distant_points_is_seen(folder: DataFolder) -> None:
    folder.observations.append(closed(2023, "500"))
    assert points(folder).set_index("year").loc[2023, "break_before"]


def test_a_status_of_break_parts_the_points(folder: DataFolder) -> None:
    folder.find(metric_id=CLOSED, year="2020")["status"] = "B"
    assert points(folder).set_index("year").loc[2020, "break_before"]


def test_only_two_exact_counts_are_tested(folder: DataFolder) -> None:
    folder.find(metric_id=CLOSED, year="2019").update(qualifier=">", resolution="100")
    found = changes(folder).iloc[0]
    assert found["ratio"] == pytest.approx(1.36)
    assert np.isnan(found["p_value"])
    assert found["reason"] == "not_exact"


def test_the_change_of_two_counts_agrees_with_the_golden_values(folder: DataFolder) -> None:
    folder.find(metric_id=CLOSED, year="2019")["value"] = "90"
    folder.find(metric_id=CLOSED, year="2020")["value"] = "111"
    found = changes(folder).iloc[0]
    assert found["ratio"] == pytest.approx(1.233, abs=5e-4)
    assert (found["lower"], found["upper"]) == pytest.approx((0.926, 1.647), abs=1e-3)


def test_exact_counts_have_the_poisson_interval_and_rounded_ones_what_was_printed(folder: DataFolder) -> None:
    folder.find(metric_id=CLOSED, year="2020")["value"] = "111"
    folder.find(metric_id=CLOSED, year="2019").update(qualifier=">", resolution="100")
    found = points(folder).set_index("year")
    assert (found.loc[2020, "lower"], found.loc[2020, "upper"]) == pytest.approx(
        (91.3133, 133.6726), abs=1e-3
    )
    assert (found.loc[2019, "lower"], found.loc[2019, "upper"]) == (200, 300)
    assert found.loc[2019, "method"] == "as printed"


def test_a_zero_before_has_no_ratio(folder: DataFolder) -> None:
    folder.find(metric_id=CLOSED, year="2019")["value"] = "0"
    assert np.isnan(changes(folder).iloc[0]["ratio"])


@pytest.mark.parametrize(
    ("period", "kind"),
    [
        ("full", "year"),
        ("year_end", "date"),
        ("at-2020-11-01", "date"),
        ("ytd-11", "ytd-11"),
        ("span-a..b", "span-a..b"),
        ("cumulative", "cumulative"),
    ],
)
def test_kinds_of_period(period: str, kind: str) -> None:
    assert period_kinds(pd.Series([period])).tolist() == [kind]


@pytest.mark.parametrize(
    ("metric_id", "lower", "upper"),
    [
        ("legal_aid.cases", 5208, 5238),
        ("legal_aid.criminal_cases", 4041, 4061),
        ("legal_aid.duty_lawyer_cases", 2184, 2197),
    ],
)
def test_back_casts_of_zhanjiang_2019(panel: Panel, metric_id: str, lower: int, upper: int) -> None:
    found = compare.series(panel, "440800")
    row = found[(found["metric_id"] == metric_id) & (found["year"] == 2019)].iloc[0]
    assert row["derived"]
    assert (np.ceil(row["lower"]), np.floor(row["upper"])) == (lower, upper)
    cited = panel.observations.loc[list(row["rows"])]
    assert cited["metric_id"].tolist() == [metric_id, f"{metric_id}_change"], (
        "it follows from rows of the panel"
    )
    assert set(cited["year"]) == {2020}
    assert not panel.observations["derived"].any()


def test_a_reported_year_is_never_overwritten_by_a_back_cast(folder: DataFolder) -> None:
    folder.observations.append(fact("440800", 2019, "legal_aid.cases", "5300", REPORT))
    found = points(folder, "legal_aid.cases")
    assert found["value"].tolist() == [5300, 9453]
    assert not found["derived"].any()


@pytest.mark.parametrize("code", ["000000", "440000", "440800", "420100"])
def test_every_point_and_change_leads_to_rows_of_the_panel(panel: Panel, code: str) -> None:
    found = compare.series(panel, code)
    pairs = compare.changes(panel, found)
    known = set(panel.observations.index)
    for frame in (found, pairs, compare.backcasts(panel, code)):
        assert all(rows and set(rows) <= known for rows in frame["rows"])
        bounded = frame[frame["lower"].notna()]
        assert (bounded["method"] != "").all()
        assert bounded["n"].notna().all()
    assert (found["derived"] | found["rows"].map(len).eq(1)).all()
