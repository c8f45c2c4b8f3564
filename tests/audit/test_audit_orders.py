"""Order relations: what fails, what carried-over cases excuse, and what has no order."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import facts, observation, only

Run = Callable[..., pd.DataFrame]
OWN = {"scope": "own_level", "scope_as_reported": "市本级"}


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
