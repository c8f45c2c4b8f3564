"""Printed changes: what they imply for the year before, and what they are not compared with."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import facts, frame, observation, only

from analysis import audit
from analysis.catalog import Catalog

SHARE, CHANGE = "mediation.success_rate", "legal_aid.cases_change"
Run = Callable[..., pd.DataFrame]
LEGAL_AID = [
    ("legal_aid.cases", "9453", "81", 5208, 5238),
    ("legal_aid.criminal_cases", "8710", "115", 4041, 4061),
    ("legal_aid.duty_lawyer_cases", "4052", "85", 2184, 2197),
]


def received(level: str, change: str, **cells: object) -> list[dict[str, object]]:
    return facts({"reconsideration.received": level, "reconsideration.received_change": change}, **cells)


def test_a_change_without_its_level_shows_nothing(run: Run) -> None:
    assert run(observation("reconsideration.received_change", "12.5"), check="backcast").empty


def test_a_span_of_years_has_no_prior_period(run: Run) -> None:
    span = received("14555", "60.7", period="span-2015-05..2017-04")
    assert run(*span, check="backcast").empty


def test_the_prior_figure_of_another_scope_or_period_is_not_compared(run: Run) -> None:
    for cell in (
        {"scope": "own_level", "scope_as_reported": "市本级"},
        {"period": "ytd-06"},
        {"unit_name": "司法局"},
    ):
        prior = observation("reconsideration.received", "500", year=2019, **cell)
        found = only(run(*received("205", "16"), prior, check="backcast"))
        assert found["reason"] == "prior_implied"


def test_a_prior_figure_that_implies_another_change_fails(run: Run) -> None:
    rows = facts({"reconsideration.handled": "6813", "reconsideration.handled_change": "65"})
    prior = observation("reconsideration.handled", "4148", year=2019, source_id="last year")
    found = only(run(*rows, prior, check="backcast"))
    assert (found["result"], found["reason"]) == ("fail", "prior_differs")
    assert found["numbers"]["gives"] == 64.25


def test_a_level_with_an_open_bound_confirms_nothing(run: Run) -> None:
    rows = received("16000", "30.87", qualifier=">")
    rows[1]["qualifier"] = "="
    prior = observation("reconsideration.received", "12839", year=2019)
    assert only(run(*rows, prior, check="backcast"))["result"] == "undecided"


@pytest.mark.parametrize(
    ("level", "change", "prior", "method"),
    [
        ("205", "16", "177", "half-up|half-even"),
        ("151", "128.78", "66", "truncation"),
        ("59", "-38.5", "96", "half-up|half-even|truncation"),
        ("22004", "-4.95", "23149", "half-up|half-even"),
    ],
)
def test_a_change_agrees_with_the_prior_figure(
    run: Run, level: str, change: str, prior: str, method: str
) -> None:
    last = observation("reconsideration.received", prior, year=2019, source_id="last year")
    found = only(run(*received(level, change), last, check="backcast"))
    assert (found["result"], found["method"], found["n"]) == ("pass", method, 3)


@pytest.mark.parametrize(
    ("level", "change", "prior", "reason"),
    [
        ("150", "150", "100", "read_as_ratio"),
        ("150", "33.3", "100", "read_as_share_of_current"),
        ("80", "20", "100", "read_as_other_sign"),
    ],
)
def test_another_reading_of_a_change_is_named(
    run: Run, level: str, change: str, prior: str, reason: str
) -> None:
    last = observation("reconsideration.received", prior, year=2019)
    found = only(run(*received(level, change), last, check="backcast"))
    assert (found["result"], found["reason"]) == ("fail", reason)


def test_percentage_points_are_told_from_per_cent(catalog: Catalog) -> None:
    """A share that rose from 40 to 50 rose by 25 per cent and by 10 percentage points."""
    identities = audit.Identities.model_validate(
        {"change": [{"level": SHARE, "change": CHANGE}], "figures": {"shares": [SHARE]}}
    )
    for change, check, reason in (
        ("10.0", "points", "read_as_points"),
        ("25.0", "backcast", "prior_agrees"),
    ):
        rows = facts({SHARE: "50.00", CHANGE: change}, evidence=f"50.00 {change}")
        prior = observation(SHARE, "40.00", year=2019, evidence="40.00")
        found = audit.findings(frame(*rows, prior), identities, catalog)
        assert only(found[found["check"] == check])["reason"] == reason


def test_a_fall_of_more_than_everything_fails(run: Run) -> None:
    found = only(run(observation("reconsideration.received_change", "-126"), check="plausible"))
    assert (found["result"], found["reason"]) == ("fail", "fall_beyond_all")


def test_a_change_printed_in_points_is_noted(run: Run) -> None:
    row = observation("reconsideration.received_change", "3.2", evidence="提高3.2个百分点")
    assert only(run(row, check="points"))["reason"] == "said_in_points"


@pytest.mark.parametrize(("metric", "level", "change", "low", "high"), LEGAL_AID)
def test_golden_implied_prior_figures(
    run: Run, metric: str, level: str, change: str, low: int, high: int
) -> None:
    rows = facts({metric: level, f"{metric}_change": change})
    found = only(run(*rows, check="backcast"))
    assert (found["result"], found["reason"]) == ("note", "prior_implied")
    assert (found["lower"], found["upper"]) == (low, high)
