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
    found = run(*rows)
    assert not {"two_sources", "one_source"} & set(found["check"])


@pytest.mark.parametrize(
    ("other", "cells", "result", "reason"),
    [
        ("15270", {}, "fail", "figures_differ"),
        ("15000", {"resolution": 1000.0}, "pass", "figures_agree"),
        ("15270", {"scope_as_reported": "市辖区"}, "note", "labels_differ"),
        ("15200", {"qualifier": ">"}, "undecided", "figures_agree"),
    ],
)
def test_two_figures_of_one_source_for_one_fact_are_reported_like_two_sources(
    run: Run, other: str, cells: dict[str, object], result: str, reason: str
) -> None:
    rows = two("mediation.cases", "15207", other, **{"source_id": "report", **cells})
    found = only(run(*rows, check="one_source"))
    assert (found["result"], found["reason"], found["rows"]) == (result, reason, (0, 1))
    assert run(*rows, check="two_sources").empty
    if reason == "figures_differ":
        assert (
            found["sentence_en"]
            == "People’s mediation cases: one source gives 15,207 and 15,270 for one fact."
        )
        assert found["sentence_zh"] == "人民调解案件：同一来源对同一事项给出15,207件和15,270件。"


def test_two_figures_of_one_source_stand_beside_those_of_another(run: Run) -> None:
    rows = two("mediation.cases", "15207", "15270", source_id="report")
    found = run(*rows, observation("mediation.cases", "15207", source_id="c"))
    assert set(found.loc[found["result"] == "fail", "check"]) == {"one_source", "two_sources"}


@pytest.mark.parametrize(
    ("cells", "result", "reason"),
    [
        ({}, "fail", "sources_differ"),
        ({"scope_as_reported": "市辖区"}, "note", "labels_differ"),
        ({"resolution": 1000.0}, "fail", "sources_differ"),
    ],
)
def test_sources_that_differ(run: Run, cells: dict[str, object], result: str, reason: str) -> None:
    found = only(run(*two("mediation.cases", "15207", "17000", **cells), check="two_sources"))
    assert (found["result"], found["reason"]) == (result, reason)


def test_a_rounded_figure_agrees_with_the_exact_one(run: Run) -> None:
    rows = two("mediation.cases", "15207", "15000", resolution=1000.0)
    assert only(run(*rows, check="two_sources"))["result"] == "pass"


def test_a_figure_with_one_bound_only_agrees_with_nothing(run: Run) -> None:
    rows = two("reconsideration.resolved_rate", "76.8", "70", qualifier=">")
    assert only(run(*rows, check="two_sources"))["result"] == "undecided"


def test_vintages_of_population_are_a_note(run: Run) -> None:
    rows = two("context.population", "6994832", "6993304")
    assert only(run(*rows, check="two_sources"))["reason"] == "vintages_differ"


def test_a_figure_stated_in_two_sections(run: Run) -> None:
    row = observation(
        "enforcement.town_powers_batch1", "4140", locator="三(一)", note="also stated in 六(一)"
    )
    found = only(run(row, check="two_sections"))
    assert (found["result"], found["numbers"]["section"], found["n"]) == ("pass", "六(一)", 1)


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
        assert (found["result"], found["reason"]) == ("note", reason)
    places = run(row, {**row, "region_code": "440100"}, check="identical")
    assert list(places["region_code"]) == ["440100", "440800"]
    assert set(places["reason"]) == {"same_as_other_place"}


def test_years_that_do_not_follow_each_other_may_repeat(run: Run) -> None:
    rows = [observation("mediation.cases", "15207", year=year) for year in (2018, 2020)]
    assert run(*rows, check="identical").empty


@pytest.mark.parametrize(("printed", "result"), [("126", "fail"), ("100", "pass"), ("98.8", "pass")])
def test_a_lost_decimal_point_shows_in_a_share(run: Run, printed: str, result: str) -> None:
    found = only(run(observation("mediation.success_rate", printed), check="plausible"))
    assert found["result"] == result


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
    assert only(found[found["check"] == "rate"])["result"] == "pass"
