"""Page 4 says what the figures allow: a place with its range, a flow that adds up, a ratio where one fits."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.catalog import LANGUAGES
from analysis.figures import Chart
from analysis.report import Prose, case_flow, levels

PAGE = "04_dispute_resolution"


@pytest.fixture
def zhanjiang(render: Any) -> Any:
    """The page of Zhanjiang 2020 in English."""
    return render(PAGE, "440800", 2020, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_city_that_reported_nothing_keeps_its_province_and_no_table_of_its_own(
    render: Any, language: str
) -> None:
    made = render(PAGE, "440100", 2020, language)
    drawn = {name for name, figure in made.figures.items() if isinstance(figure, Chart)}
    assert drawn == {"provinces_funnel"}
    assert made.texts["findings"].count("<li") == 1
    assert made.tables["levels"].frame.empty
    assert made.tables["reported"].frame.empty


def test_provinces_are_not_shown_before_their_table_nor_for_the_nation(render: Any) -> None:
    assert isinstance(render(PAGE, "310000", 2014, "en").figures["provinces_funnel"], Prose)
    assert isinstance(render(PAGE, "000000", 2023, "en").figures["provinces_funnel"], Prose)


def test_figures_of_part_of_a_year_are_placed_nowhere(render: Any) -> None:
    made = render(PAGE, "440100", 2022, "en")
    assert isinstance(made.figures["disputes_funnel"], Prose)
    assert "covers part of the year" in made.texts["findings"]


def test_the_funnel_gives_place_range_phi_and_few_units(zhanjiang: Any) -> None:
    data = zhanjiang.figures["disputes_funnel"].data
    assert len(data) == 9
    focus = data[data["role"] == "focus"].iloc[0]
    assert (focus["observed_rank"], focus["rank_lower"], focus["rank_upper"]) == (8, 6, 8)
    assert f"φ\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{data['phi'].iloc[0]:.3g}" in zhanjiang.texts["intake"]
    assert "few units" in zhanjiang.figures["disputes_funnel"].text.subtitle
    assert len(zhanjiang.figures["provinces_funnel"].data) == 31


def test_the_flow_of_zhanjiang_leaves_four_and_names_the_balance(zhanjiang: Any) -> None:
    data = zhanjiang.figures["disputes_waterfall"].data
    levels_of, parts = data[data["kind"] == "level"], data[data["kind"] == "part"]
    assert list(levels_of["value"]) == [367, 272]
    assert parts["value"].sum() == 268
    assert "95" in zhanjiang.texts["outcomes"]


def test_shares_of_corrections_stand_with_intervals_and_reasons(zhanjiang: Any) -> None:
    frame = zhanjiang.tables["shares"].frame
    own = frame.iloc[0]
    assert list(own[["Corrected, of closed", "Share", "Interval"]]) == ["100 of 272", "36.8%", "31.3–42.6%"]
    others = frame[frame["Region"] != "Zhanjiang"]
    assert others["Why"].str.contains("another|part of|not every").all()
    incomplete = frame["Corrected, of closed"].str.startswith("at least")
    assert (incomplete == frame["Why"].str.contains("not every kind")).all()


def test_rates_are_set_against_the_province_only_where_both_may_be_compared(zhanjiang: Any) -> None:
    context = zhanjiang.page.context
    pairs = levels.beside(context, ["mediation.cases", "mediation.success_rate", "legal_aid.cases"])
    frame = pd.DataFrame([vars(pair) for pair in pairs])
    ratios = frame.set_index("metric_id")["ratio"]
    expected = (15207 / 6981236) / (444984 / float(frame.iloc[0]["theirs"]["residents"]))
    assert ratios["mediation.cases"] == pytest.approx(expected)
    assert ratios[["mediation.success_rate", "legal_aid.cases"]].isna().all()
    assert frame["reasons"].map(bool).tolist() == frame["ratio"].isna().tolist()


def test_duty_lawyers_are_set_against_what_is_not_criminal(zhanjiang: Any, render: Any) -> None:
    assert "743" in zhanjiang.texts["fields"]
    assert "743" in render(PAGE, "440800", 2020, "zh").texts["fields"]


def test_appearances_and_their_rate_imply_a_base(render: Any) -> None:
    assert "265 to 266" in render(PAGE, "371100", 2017, "en").texts["findings"]


def rows(**values: float) -> pd.DataFrame:
    """Facts of one scope and period by the short names of metrics."""
    names = [f"reconsideration.{name}" for name in values]
    return pd.DataFrame(
        {"metric_id": names, "value": list(values.values()), "scope": "whole", "period": "full"}
    )


def test_an_outcome_that_another_may_contain_is_left_out_of_the_flow() -> None:
    found = case_flow._flow(rows(closed=9, corrections=4, revoked=4, mediated=2, terminated=3, upheld=2))
    assert list(found.parts["metric_id"].str.partition(".")[2]) == ["revoked", "terminated", "upheld"]
    bare = case_flow._flow(rows(closed=9, corrections=4, mediated=2, mediated_or_withdrawn=3))
    assert list(bare.parts["value"]) == [4, 3]
    assert bare.rest == 2


def test_outcomes_without_closed_cases_are_no_flow() -> None:
    assert case_flow._flow(rows(received=9, revoked=4, upheld=2)).parts.empty
