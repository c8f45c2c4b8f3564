"""A printed change is set beside the year before: inside, outside, open or without a figure."""

from __future__ import annotations

import pandas as pd
import pytest
from data_folder import OTHER, DataFolder, fact

from analysis import compare, words
from analysis import panel as panels
from analysis.panel import Panel

AID = "legal_aid.cases"
OUTCOMES = ("inside", "outside", "open", "unreported")


def found(folder: DataFolder) -> pd.Series:
    """The one back-cast of Zhanjiang in the small folder: 9453 cases, 81 % more than the year before."""
    rows = compare.backcasts(panels.load(folder.write()), "440800")
    assert len(rows) == 1
    return rows.iloc[0]


def prior(folder: DataFolder, value: str, **cells: str) -> DataFolder:
    """The folder with the figure that 2019 reported."""
    folder.observations.append(fact("440800", 2019, AID, value, OTHER, **cells))
    return folder


def test_a_region_without_changes_has_no_backcasts(folder: DataFolder) -> None:
    assert compare.backcasts(panels.load(folder.write()), "440100").empty


@pytest.mark.parametrize("period", ["span-2018-01..2020-12", "cumulative"])
def test_a_span_of_years_has_no_year_before(folder: DataFolder, period: str) -> None:
    for name in (AID, f"{AID}_change"):
        folder.find(metric_id=name)["period"] = period
    assert compare.backcasts(panels.load(folder.write()), "440800").empty


def test_a_year_that_printed_no_figure_stays_without_one(folder: DataFolder) -> None:
    row = found(folder)
    assert row["outcome"] == "unreported"
    assert pd.isna(row["reported"])
    assert (row["lower"], row["upper"]) == (5208, 5238)
    assert (row["year_before"], row["year"], row["n"]) == (2019, 2020, 2)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [("5223", "inside"), ("5195", "inside"), ("5300", "outside"), ("5100", "outside")],
)
def test_a_reported_figure_lies_inside_either_interval_or_outside_both(
    folder: DataFolder, value: str, outcome: str
) -> None:
    row = found(prior(folder, value))
    assert row["outcome"] == outcome
    assert row["reported"] == float(value)
    assert row["gives"] == pytest.approx(100 * (9453 / float(value) - 1), abs=0.005)
    inside = row["cut_lower"] <= float(value) <= row["upper"]
    assert inside == (outcome == "inside")


@pytest.mark.parametrize("cells", [{"qualifier": "~"}, {"value": "-100"}])
def test_a_change_that_is_not_printed_plainly_implies_nothing(
    folder: DataFolder, cells: dict[str, str]
) -> None:
    folder.find(metric_id=f"{AID}_change").update(cells)
    assert compare.backcasts(panels.load(folder.write()), "440800").empty


def test_a_change_in_another_source_is_not_of_this_figure(folder: DataFolder) -> None:
    folder.find(metric_id=f"{AID}_change")["source_id"] = OTHER
    assert compare.backcasts(panels.load(folder.write()), "440800").empty


def test_it_leads_to_the_figure_the_change_and_the_year_before(folder: DataFolder) -> None:
    loaded = panels.load(prior(folder, "5223").write())
    row = compare.backcasts(loaded, "440800").iloc[0]
    told = loaded.observations.loc[list(row["rows"])]
    assert told["metric_id"].tolist() == [AID, f"{AID}_change", AID]
    assert told["year"].tolist() == [2020, 2020, 2019]
    assert (row["n"], row["method"]) == (3, "back-cast, half-up")


def test_a_rounded_figure_that_reaches_in_and_out_leaves_it_open(folder: DataFolder) -> None:
    row = found(prior(folder, "5200", qualifier=">", resolution="100"))
    assert row["outcome"] == "open"


def test_another_scope_of_the_year_before_is_not_its_figure(folder: DataFolder) -> None:
    assert found(prior(folder, "5223", scope="own_level"))["outcome"] == "unreported"


@pytest.mark.parametrize("code", OUTCOMES)
def test_every_outcome_has_words(code: str) -> None:
    assert words.label("reconciled", code, "en") != words.label("reconciled", code, "zh")


def test_the_known_truths_of_zhanjiang_are_reconciled(panel: Panel) -> None:
    rows = compare.backcasts(panel, "440800").set_index("metric_id")
    bounds = rows.loc[["legal_aid.cases", "legal_aid.criminal_cases"], ["lower", "upper"]]
    assert bounds.to_numpy().tolist() == [[5208, 5238], [4041, 4061]]
    assert set(rows["outcome"]) <= set(OUTCOMES)
