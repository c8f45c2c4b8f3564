"""Parts and totals: what must not be added, what is not itemised, what exceeds."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
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
