"""The direct correction rate stands on its counts, or as printed; what a report lists in part gives none."""

from __future__ import annotations

import pytest
from data_folder import OTHER, REPORT, DataFolder, fact, metric

from analysis import compare
from analysis import panel as panels
from analysis.panel import Panel

NAMES = (
    *("upheld", "rejected", "confirmed_illegal", "ordered_to_perform", "corrections"),
    *("terminated", "mediated_or_withdrawn", "mediated"),
    "direct_correction_rate",
)
ZHANJIANG = {"revoked": 84, "modified": 1, "confirmed_illegal": 7, "ordered_to_perform": 8}


@pytest.fixture
def facts(folder: DataFolder) -> DataFolder:
    """A folder in which Guangzhou 2020 may report reconsideration outcomes, and reports none yet."""
    folder.metrics += [
        metric(f"reconsideration.{name}", "%" if name.endswith("rate") else "宗", "count", breaks="2021")
        for name in NAMES
    ]
    return folder


def told(folder: DataFolder, year: int = 2020, scope: str = "whole", **values: float) -> Panel:
    """The panel when Guangzhou reports these figures."""
    folder.observations += [
        fact("440100", year, f"reconsideration.{name}", str(value), OTHER, scope=scope)
        for name, value in values.items()
    ]
    return panels.load(folder.write())


def test_zhanjiang_corrected_100_of_272(panel: Panel) -> None:
    found = compare.corrections(panel, "440800", 2020).iloc[0]
    assert (found["corrected"], found["n"], found["made"], found["scope"]) == (100, 272, "counts", "whole")
    assert found[["rate", "lower", "upper"]].round(2).tolist() == [36.76, 31.26, 42.64]
    assert found["method"].startswith("Wilson")
    assert len(found["rows"]) == 5


def test_the_nation_prints_a_rate_without_counts(panel: Panel) -> None:
    found = compare.corrections(panel, "000000", 2020).iloc[0]
    assert (found["rate"], found["made"]) == (14.6, "printed")
    assert found[["lower", "upper", "n"]].isna().all()


def test_a_rate_of_unnamed_kind_is_no_direct_rate(panel: Panel) -> None:
    # the nation's 2018 figure is called 纠错率 only
    assert compare.corrections(panel, "000000", 2018).empty


def test_kinds_listed_in_part_give_no_rate(facts: DataFolder) -> None:
    assert compare.corrections(told(facts, closed=100, revoked=10, modified=2), "440100", 2020).empty


def test_a_kind_not_listed_is_none_where_the_outcomes_add_up(facts: DataFolder) -> None:
    panel = told(facts, closed=100, revoked=10, upheld=60, rejected=20, terminated=10)
    assert compare.corrections(panel, "440100", 2020)["corrected"].tolist() == [10]


def test_a_total_goes_before_the_kinds(facts: DataFolder) -> None:
    panel = told(facts, closed=400, corrections=110, **ZHANJIANG)
    assert compare.corrections(panel, "440100", 2020)["corrected"].tolist() == [110]


@pytest.mark.parametrize(("printed", "made"), [(25.0, "counts"), (30.0, "printed")])
def test_counts_that_miss_the_printed_rate_are_not_behind_it(
    facts: DataFolder, printed: float, made: str
) -> None:
    panel = told(facts, closed=400, direct_correction_rate=printed, **ZHANJIANG)
    found = compare.corrections(panel, "440100", 2020)
    assert found["made"].tolist() == [made]
    assert found["rate"].tolist() == [printed]


def test_counts_of_two_scopes_do_not_meet(facts: DataFolder) -> None:
    told(facts, closed=400)
    assert compare.corrections(told(facts, scope="own_level", **ZHANJIANG), "440100", 2020).empty


def test_no_case_closed_gives_no_rate(facts: DataFolder) -> None:
    assert compare.corrections(told(facts, closed=0, corrections=0), "440100", 2020).empty


def test_an_earlier_year_stands_in_unless_the_rules_changed(facts: DataFolder) -> None:
    panel = told(facts, closed=400, **ZHANJIANG)
    assert compare.corrections(panel, "440100", 2020, back=3)["year"].tolist() == [2020]
    assert compare.corrections(panel, "440100", 2022, back=3).empty  # a break in 2021
    before = told(facts, year=2018, closed=400, corrections=20)
    assert compare.corrections(before, "440100", 2019, back=1)["year"].tolist() == [2018]
    assert compare.corrections(before, "440100", 2019).empty


def test_outcomes_of_zhanjiang_leave_four_cases(panel: Panel) -> None:
    found = compare.outcomes(panel, "440800", 2020)
    assert found["closed"].iloc[0] - found["value"].sum() == 4
    assert found.loc[found["corrects"], "value"].sum() == 100
    assert all(len(rows) == 2 for rows in found["rows"])


def test_corrections_of_a_kind_not_listed_are_a_part_of_their_own(facts: DataFolder) -> None:
    panel = told(facts, closed=100, corrections=30, revoked=20, upheld=60)
    found = compare.outcomes(panel, "440100", 2020).set_index("outcome")["value"]
    assert found.to_dict() == {"upheld": 60, "revoked": 20, "other_corrections": 10}


@pytest.mark.parametrize("upheld", [20, 95])
def test_outcomes_below_half_or_above_the_total_are_not_shown(facts: DataFolder, upheld: int) -> None:
    assert compare.outcomes(told(facts, closed=100, upheld=upheld, revoked=10), "440100", 2020).empty


def test_a_region_without_figures_has_empty_frames_with_columns(facts: DataFolder) -> None:
    panel = panels.load(facts.write())
    for found in (
        compare.outcomes(panel, "450900", 2020),
        compare.corrections(panel, "450900", 2020, back=3),
    ):
        assert found.empty
        assert {"rows", "scope"} <= set(found.columns)
        assert found.index.name == "row"


def test_rounded_counts_and_part_years_are_left_out(facts: DataFolder) -> None:
    facts.observations += [
        fact("440100", 2020, "reconsideration.closed", "400", OTHER, qualifier=">"),
        fact("440100", 2020, "reconsideration.corrections", "90", OTHER),
        fact("440100", 2019, "reconsideration.closed", "400", REPORT, period="ytd-11"),
        fact("440100", 2019, "reconsideration.corrections", "90", REPORT, period="ytd-11"),
    ]
    assert compare.corrections(panels.load(facts.write()), "440100", 2020, back=1).empty
