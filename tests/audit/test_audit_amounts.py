"""Amounts: what must not be added, what exceeds or has no order, what repeats by chance."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import facts, observation, only

Run = Callable[..., pd.DataFrame]
OUTCOMES = {
    "reconsideration.revoked": "84",
    "reconsideration.modified": "1",
    "reconsideration.confirmed_illegal": "7",
    "reconsideration.ordered_to_perform": "8",
    "reconsideration.rejected": "19",
    "reconsideration.upheld": "112",
    "reconsideration.terminated": "37",
}
LEGAL_AID = {
    "legal_aid.civil_cases": "10813",
    "legal_aid.criminal_cases": "4790",
    "legal_aid.administrative_cases": "217",
}
OWN = {"scope": "own_level", "scope_as_reported": "市本级"}


def test_parts_of_another_period_scope_office_or_source_are_not_added(run: Run) -> None:
    total = observation("reconsideration.closed", "272")
    for cell in (
        {"period": "ytd-11"},
        {"scope": "own_level", "scope_as_reported": "市本级"},
        {"unit_name": "司法局"},
        {"source_id": "other"},
        {"year": 2019},
        {"region_code": "440100"},
    ):
        assert run(total, *facts(OUTCOMES, **cell), check="sum").empty


def test_a_total_without_parts_or_parts_without_a_total_show_nothing(run: Run) -> None:
    assert run(observation("reconsideration.closed", "272"), check="sum").empty
    assert run(*facts(OUTCOMES), check="sum").empty


def test_a_metric_with_two_figures_in_one_group_is_not_chosen_from(run: Run) -> None:
    rows = facts({"legal_aid.cases": "960", **LEGAL_AID})
    again = observation("legal_aid.cases", "961", scope_as_reported="市县两级")
    assert run(*rows, again, check="sum").empty


def test_a_part_that_is_not_printed_is_not_zero(run: Run) -> None:
    parts = {name: value for name, value in OUTCOMES.items() if name != "reconsideration.upheld"}
    found = only(run(observation("reconsideration.closed", "272"), *facts(parts), check="sum"))
    assert (found["result"], found["reason"]) == ("undecided", "part_not_printed")


def test_four_of_272_closed_cases_are_not_itemised(run: Run) -> None:
    found = only(run(observation("reconsideration.closed", "272"), *facts(OUTCOMES), check="sum"))
    assert (found["result"], found["reason"], found["printed"]) == ("undecided", "not_itemised", "272")
    assert found["expected"] == 268
    assert found["numbers"]["gap"] == 4
    assert found["n"] == 8


def test_delegated_powers_add_up(run: Run) -> None:
    powers = {
        "enforcement.town_powers_inspection": "188",
        "enforcement.town_powers_penalty": "3704",
        "enforcement.town_powers_coercion": "248",
        "enforcement.town_powers_batch1": "4140",
    }
    found = only(run(*facts(powers, period="year_end"), check="sum"))
    assert (found["result"], found["reason"], found["expected"]) == ("pass", "adds_up", 4140)


def test_parts_that_are_all_there_and_too_few_fail(run: Run) -> None:
    powers = {
        "enforcement.town_powers_inspection": "188",
        "enforcement.town_powers_penalty": "3700",
        "enforcement.town_powers_coercion": "248",
        "enforcement.town_powers_batch1": "4140",
    }
    found = only(run(*facts(powers), check="sum"))
    assert (found["result"], found["reason"], found["numbers"]["gap"]) == ("fail", "parts_short", 4)


def test_parts_that_exceed_their_total_fail(run: Run) -> None:
    found = only(run(*facts({"legal_aid.cases": "15280", **LEGAL_AID}), check="sum"))
    assert (found["result"], found["reason"]) == ("fail", "parts_exceed")
    assert found["numbers"]["gap"] == -540


def test_a_reading_that_was_not_meant_fails_nothing(run: Run) -> None:
    """Duty-lawyer help stands beside the cases here: adding it would exceed the total."""
    figures = {
        "legal_aid.cases": "9453",
        "legal_aid.criminal_cases": "8710",
        "legal_aid.duty_lawyer_cases": "4052",
    }
    assert run(*facts(figures), check="sum").empty


def test_the_reading_that_fits_is_found(run: Run) -> None:
    kinds = {
        "legal_aid.civil_cases": "381",
        "legal_aid.criminal_cases": "242",
        "legal_aid.administrative_cases": "1",
        "legal_aid.duty_lawyer_cases": "804",
    }
    found = only(run(*facts({"legal_aid.cases": "1428", **kinds}), check="sum"))
    assert found["result"] == "pass"
    assert found["rows"] == (0, 1, 2, 3, 4)


def test_rounded_parts_decide_only_what_rounding_leaves(run: Run) -> None:
    rounded = facts({"legal_aid.civil_cases": "10800", "legal_aid.criminal_cases": "4800"}, resolution=100.0)
    assert only(run(observation("legal_aid.cases", "15620"), *rounded, check="sum"))["result"] == "undecided"
    assert only(run(observation("legal_aid.cases", "15000"), *rounded, check="sum"))["result"] == "fail"


def test_the_ministrys_table_adds_up_over_places(run: Run) -> None:
    """A small table in the form of the ministry's: the total is the nation's, the rows are provinces."""
    metric = "reconsideration.accepted"
    rows = [
        observation(metric, value, region_code=code)
        for code, value in (("110000", "9298"), ("120000", "1832"), ("130000", "7040"))
    ]
    nation = {"region_code": "000000", "scope": "other", "scope_as_reported": "省区市合计"}
    found = only(run(*rows, observation(metric, "18170", **nation), check="place_sum"))
    assert (found["result"], found["expected"], found["n"]) == ("pass", 18170, 4)
    more = only(run(*rows, observation(metric, "18316", **nation), check="place_sum"))
    assert (more["result"], more["reason"], more["numbers"]["gap"]) == (
        "undecided",
        "places_incomplete",
        146,
    )
    whole = {"region_code": "000000", "scope_as_reported": "全国"}
    fewer = only(run(*rows, observation(metric, "18000", **whole), check="place_sum"))
    assert (fewer["result"], fewer["reason"]) == ("fail", "places_exceed")


def test_counties_are_not_added_to_their_province(run: Run) -> None:
    metric = "reconsideration.accepted"
    counties = [observation(metric, "5", region_code=code) for code in ("440802", "440803", "440804")]
    assert run(*counties, observation(metric, "15", region_code="440000"), check="place_sum").empty


def test_scopes_that_overlap_decide_nothing(run: Run) -> None:
    metric = "reconsideration.received"
    parts = [("other", "13个市州", "4377"), ("other", "市州本级", "2526"), ("own_level", "省政府", "188")]
    rows = [observation(metric, v, scope=s, scope_as_reported=r) for s, r, v in parts]
    found = only(run(*rows, observation(metric, "5422"), check="scope_sum"))
    assert (found["result"], found["reason"]) == ("undecided", "scopes_overlap")
    exact = only(run(*rows, observation(metric, "7091"), check="scope_sum"))
    assert exact["result"] == "pass"


def test_offices_add_up_to_the_figure_of_all_departments(run: Run) -> None:
    metric = "reconsideration.received"
    offices = [
        observation(metric, value, unit_name=name, scope="department", scope_as_reported="部门")
        for name, value in (("公安厅", "25"), ("司法厅", "43"), ("财政厅", "2"))
    ]
    both = [
        observation(metric, "70", scope="other", scope_as_reported="省直部门"),
        observation(metric, "5422"),
    ]
    found = only(run(*offices, *both, check="office_sum"))
    assert (found["result"], found["printed"]) == ("pass", "70")
    assert only(run(*offices, both[1], check="office_sum"))["reason"] == "offices_incomplete"


def test_a_part_larger_than_its_whole_fails(run: Run) -> None:
    found = only(run(*facts({"mediation.successes": "101", "mediation.cases": "100"}), check="order"))
    assert (found["result"], found["reason"]) == ("fail", "part_exceeds_whole")


def test_cases_carried_over_are_a_note(run: Run) -> None:
    figures = {"reconsideration.accepted": "59", "reconsideration.closed": "86"}
    found = only(run(*facts(figures), check="order"))
    assert (found["result"], found["reason"]) == ("note", "carried_over")


def test_more_closed_than_handled_fails(run: Run) -> None:
    figures = {"reconsideration.handled": "59", "reconsideration.closed": "86"}
    assert only(run(*facts(figures), check="order"))["result"] == "fail"


@pytest.mark.parametrize(
    ("organisations", "result"), [("1500", "undecided"), ("1400", "undecided"), ("1600", "pass")]
)
def test_words_may_leave_the_order_open(run: Run, organisations: str, result: str) -> None:
    rows = [
        observation("mediation.committees", "1500", qualifier=">", evidence="1500余个"),
        observation("mediation.organisations", organisations, qualifier=">", evidence=f"{organisations}余个"),
    ]
    if organisations == "1400":
        rows[1]["evidence"] = ""
    assert only(run(*rows, check="order"))["result"] == result


def test_city_level_organs_above_the_whole_city_fail_within_a_source_only(run: Run) -> None:
    metric = "oversight.press_conferences"
    own, whole = observation(metric, "20", **OWN), observation(metric, "15")
    assert only(run(own, whole, check="order"))["result"] == "fail"
    assert only(run({**own, "source_id": "b"}, whole, check="order"))["result"] == "undecided"
    assert only(run({**own, "printed": "15"}, whole, check="order"))["result"] == "pass"


def test_rates_have_no_order_between_scopes(run: Run) -> None:
    own, whole = (
        observation("services.hall_satisfaction_rate", "99.9", **OWN),
        observation("services.hall_satisfaction_rate", "98.1"),
    )
    assert run(own, whole, check="order").empty


def test_a_longer_part_of_the_year_never_has_fewer(run: Run) -> None:
    metric = "reconsideration.received"
    half = observation(metric, "100", period="ytd-06")
    found = only(run(half, observation(metric, "90"), check="cumulative"))
    assert (found["result"], found["reason"]) == ("fail", "cumulative_falls")
    assert only(run(half, observation(metric, "190"), check="cumulative"))["result"] == "pass"


def test_stocks_may_fall_within_a_year(run: Run) -> None:
    metric = "services.items"
    rows = [observation(metric, "300", period="ytd-06"), observation(metric, "290")]
    assert run(*rows, check="cumulative").empty


def test_a_running_total_never_falls(run: Run) -> None:
    metric = "services.powers_received_county"
    rows = [observation(metric, v, year=y, period="cumulative") for y, v in ((2019, "800"), (2020, "772"))]
    assert only(run(*rows, check="cumulative"))["result"] == "fail"


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
