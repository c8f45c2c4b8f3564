"""Repeated figures: what is no confirmation, what is chance, what is worth a note."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import observation, only

Run = Callable[..., pd.DataFrame]


def two(metric: str, one: str, other: str, **cells: object) -> list[dict[str, object]]:
    return [observation(metric, one), observation(metric, other, **{"source_id": "b", **cells})]


def test_one_source_does_not_agree_with_itself(run: Run) -> None:
    rows = two("mediation.cases", "15207", "15207", source_id="report", scope_as_reported="全域")
    assert run(*rows, check="two_sources").empty


@pytest.mark.parametrize(
    ("cells", "verdict", "reason"),
    [
        ({}, "fail", "sources_differ"),
        ({"scope_as_reported": "市辖区"}, "note", "labels_differ"),
        ({"resolution": 1000.0}, "fail", "sources_differ"),
    ],
)
def test_sources_that_differ(run: Run, cells: dict[str, object], verdict: str, reason: str) -> None:
    found = only(run(*two("mediation.cases", "15207", "17000", **cells), check="two_sources"))
    assert (found["verdict"], found["reason"]) == (verdict, reason)


def test_a_rounded_figure_agrees_with_the_exact_one(run: Run) -> None:
    rows = two("mediation.cases", "15207", "15000", resolution=1000.0)
    assert only(run(*rows, check="two_sources"))["verdict"] == "pass"


def test_a_figure_with_one_bound_only_agrees_with_nothing(run: Run) -> None:
    rows = two("reconsideration.resolved_rate", "76.8", "70", qualifier=">")
    assert only(run(*rows, check="two_sources"))["verdict"] == "undecided"


def test_vintages_of_population_are_a_note(run: Run) -> None:
    rows = two("context.population", "6994832", "6993304")
    assert only(run(*rows, check="two_sources"))["reason"] == "vintages_differ"


def test_a_figure_stated_in_two_sections(run: Run) -> None:
    row = observation(
        "enforcement.town_powers_batch1", "4140", locator="三(一)", note="also stated in 六(一)"
    )
    found = only(run(row, check="two_sections"))
    assert (found["verdict"], found["parts"], found["n"]) == ("pass", "六(一)", 2)


@pytest.mark.parametrize("printed", ["12", "1500", "100"])
def test_short_figures_repeat_by_chance(run: Run, printed: str) -> None:
    rows = [observation("mediation.cases", printed, year=year) for year in (2019, 2020)]
    assert run(*rows, check="identical").empty


def test_figures_that_last_may_repeat(run: Run) -> None:
    rows = [observation("context.population", "6981236", year=year) for year in (2019, 2020)]
    assert run(*rows, check="identical").empty


def test_one_figure_in_two_years_two_periods_or_two_places_is_noted(run: Run) -> None:
    metric = "mediation.cases"
    row = observation(metric, "15207")
    for other, reason in (
        ({**row, "year": 2019}, "same_as_year_before"),
        ({**row, "period": "ytd-11"}, "same_as_other_period"),
    ):
        found = only(run(row, other, check="identical"))
        assert (found["verdict"], found["reason"]) == ("note", reason)
    places = run(row, {**row, "region_code": "440100"}, check="identical")
    assert list(places["region_code"]) == ["440100", "440800"]
    assert set(places["reason"]) == {"same_as_other_place"}


def test_years_that_do_not_follow_each_other_may_repeat(run: Run) -> None:
    rows = [observation("mediation.cases", "15207", year=year) for year in (2018, 2020)]
    assert run(*rows, check="identical").empty


@pytest.mark.parametrize(("printed", "verdict"), [("126", "fail"), ("100", "pass"), ("98.8", "pass")])
def test_a_lost_decimal_point_shows_in_a_share(run: Run, printed: str, verdict: str) -> None:
    found = only(run(observation("mediation.success_rate", printed), check="plausible"))
    assert found["verdict"] == verdict


def test_a_closure_rate_may_exceed_one_hundred(run: Run) -> None:
    assert run(observation("reconsideration.closure_rate", "104.5"), check="plausible").empty


def test_words_that_were_not_stored_are_noted_and_used(run: Run) -> None:
    rate = observation("litigation.loss_rate", "9", evidence="败诉率保持在9%以下")
    figures = [
        observation("litigation.government_losses", "8"),
        observation("litigation.first_instance_closed", "100"),
    ]
    found = run(rate, *figures)
    assert only(found[found["check"] == "wording"])["method"] == "<="
    assert only(found[found["check"] == "rate"])["verdict"] == "pass"
