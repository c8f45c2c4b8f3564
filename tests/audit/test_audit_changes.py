"""Printed changes: what they imply for the year before, and what they are not compared with."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import facts, frame, observation, only

from analysis import audit
from analysis.quantity import Rounding

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


def test_a_span_of_years_has_no_prior_period(run: Run, identities: audit.Identities) -> None:
    span = received("14555", "60.7", period="span-2015-05..2017-04")
    assert run(*span, check="backcast").empty
    assert audit.backcast(frame(*span), identities).empty


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
    assert (found["verdict"], found["reason"]) == ("fail", "prior_differs")
    assert found["numbers"]["gives"] == 64.25


def test_a_level_with_an_open_bound_confirms_nothing(run: Run) -> None:
    rows = received("16000", "30.87", qualifier=">")
    rows[1]["qualifier"] = "="
    prior = observation("reconsideration.received", "12839", year=2019)
    assert only(run(*rows, prior, check="backcast"))["verdict"] == "undecided"


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
    assert (found["verdict"], found["method"], found["n"]) == ("pass", method, 3)


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
    assert (found["verdict"], found["reason"]) == ("fail", reason)


def test_percentage_points_are_told_from_per_cent() -> None:
    """A share that rose from 40 to 50 rose by 25 per cent and by 10 percentage points."""
    identities = audit.parse(
        {"change": [{"level": "r.share", "change": "r.change"}], "figures": {"shares": ["r.share"]}}
    )
    for change, check, reason in (
        ("10.0", "points", "read_as_points"),
        ("25.0", "backcast", "prior_agrees"),
    ):
        rows = facts({"r.share": "50.00", "r.change": change}, evidence=f"50.00 {change}")
        prior = observation("r.share", "40.00", year=2019, evidence="40.00")
        found = audit.panel(frame(*rows, prior), identities)
        assert only(found[found["check"] == check])["reason"] == reason


def test_a_fall_of_more_than_everything_fails(run: Run) -> None:
    found = only(run(observation("reconsideration.received_change", "-126"), check="plausible"))
    assert (found["verdict"], found["reason"]) == ("fail", "fall_beyond_all")


def test_a_change_printed_in_points_is_noted(run: Run) -> None:
    row = observation("reconsideration.received_change", "3.2", evidence="提高3.2个百分点")
    assert only(run(row, check="points"))["reason"] == "said_in_points"


@pytest.mark.parametrize(("metric", "level", "change", "low", "high"), LEGAL_AID)
def test_golden_implied_prior_figures(
    run: Run, metric: str, level: str, change: str, low: int, high: int
) -> None:
    rows = facts({metric: level, f"{metric}_change": change})
    found = only(run(*rows, check="backcast"))
    assert (found["verdict"], found["reason"]) == ("note", "prior_implied")
    assert (found["lower"], found["upper"]) == (low, high)


def test_back_cast_values_are_derived_rows_with_their_interval(identities: audit.Identities) -> None:
    rows = [
        row for name, level, change, *_ in LEGAL_AID for row in facts({name: level, f"{name}_change": change})
    ]
    found = audit.backcast(frame(*rows), identities)
    assert list(found["metric_id"]) == [name for name, *_ in LEGAL_AID]
    assert list(zip(found["lower"], found["upper"], strict=True)) == [
        (low, high) for *_, low, high in LEGAL_AID
    ]
    assert found["derived"].all()
    assert set(found["year"]) == {2019}
    assert set(found["status"]) == {"E"}
    assert set(found["printed"]) == {""}
    assert found["value"].between(found["lower"], found["upper"]).all()
    assert set(found["n"]) == {2}


def test_a_back_cast_value_never_stands_beside_the_printed_one(identities: audit.Identities) -> None:
    rows = [*received("205", "16"), observation("reconsideration.received", "177", year=2019, source_id="b")]
    assert audit.backcast(frame(*rows), identities).empty
    both = audit.backcast(frame(*rows), identities, missing_only=False)
    assert (both["lower"].item(), both["upper"].item()) == (175, 178)


def test_either_rounding_widens_a_back_cast_value(identities: audit.Identities) -> None:
    rows = frame(*received("9453", "81"))
    either = audit.backcast(rows, identities, None)
    truncated = audit.backcast(rows, identities, Rounding.TRUNCATION)
    assert (either["lower"].item(), either["upper"].item()) == (5193, 5238)
    assert (truncated["lower"].item(), truncated["upper"].item()) == (5193, 5223)


def test_a_back_cast_value_is_not_audited(run: Run, identities: audit.Identities) -> None:
    rows = received("205", "16")
    derived = audit.backcast(frame(*rows), identities).to_dict("records")
    found = run(*rows, *[{str(key): value for key, value in row.items()} for row in derived])
    assert "prior_agrees" not in set(found["reason"])


def test_a_level_without_bound_is_not_back_cast(identities: audit.Identities) -> None:
    rows = received("16000", "30", qualifier=">")
    rows[1]["qualifier"] = "="
    assert audit.backcast(frame(*rows), identities).empty


def test_nothing_to_back_cast_keeps_the_columns(identities: audit.Identities) -> None:
    found = audit.backcast(frame(), identities)
    assert found.empty
    assert {"lower", "upper", "method", "n", "region_code"} <= set(found.columns)
