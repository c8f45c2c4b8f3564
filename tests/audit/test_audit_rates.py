"""Printed rates and changes: misses that decide nothing, rules that reproduce, bases and years implied."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pandas as pd
import pytest
from audit_frames import facts, frame, observation, only
from hypothesis import given
from hypothesis import strategies as st
from rounding import round_to

from analysis import audit
from analysis.audit.facts import companies, read
from analysis.audit.rates import check
from analysis.catalog import Catalog
from analysis.quantity import Rounding
from analysis.tables import Rate

Run = Callable[..., pd.DataFrame]
CORRECTED = {
    "reconsideration.revoked": "84",
    "reconsideration.modified": "1",
    "reconsideration.confirmed_illegal": "7",
    "reconsideration.ordered_to_perform": "8",
}
MEDIATION = ("mediation.successes", "mediation.cases", "mediation.success_rate")
SHARE, CHANGE = "mediation.success_rate", "legal_aid.cases_change"
LEGAL_AID = [
    ("legal_aid.cases", "9453", "81", 5208, 5238),
    ("legal_aid.criminal_cases", "8710", "115", 4041, 4061),
    ("legal_aid.duty_lawyer_cases", "4052", "85", 2184, 2197),
]


def mediation(part: str, whole: str, rate: str) -> list[dict[str, object]]:
    return facts(dict(zip(MEDIATION, (part, whole, rate), strict=True)))


def test_a_rate_alone_shows_nothing(run: Run) -> None:
    found = run(observation("mediation.success_rate", "98.8"))
    assert set(found["check"]) == {"plausible"}


def test_a_rate_on_its_stated_base_that_no_rule_gives_fails(run: Run) -> None:
    found = only(run(*mediation("2784", "2872", "96.7"), check="rate"))
    assert (found["result"], found["reason"], found["method"]) == ("fail", "not_reproducible", "none")
    assert found["numbers"]["gives"] == pytest.approx(96.936)


def test_a_miss_with_scopes_worded_differently_decides_nothing(run: Run) -> None:
    rows = mediation("2784", "2872", "96.7")
    rows[1]["scope_as_reported"] = "市县两级"
    assert only(run(*rows, check="rate"))["reason"] == "labels_differ"


def test_a_miss_on_an_unstated_base_decides_nothing(run: Run) -> None:
    figures = {
        "litigation.government_losses": "55",
        "litigation.all_closed": "907",
        "litigation.loss_rate": "8.89",
    }
    found = run(*facts(figures))
    assert "rate" not in set(found["check"])
    base = only(found[found["check"] == "base"])
    assert (base["result"], base["reason"]) == ("undecided", "no_printed_base_fits")
    assert (base["numbers"]["low"], base["numbers"]["high"]) == (618, 619)


def test_a_rate_that_no_whole_base_gives_fails(run: Run) -> None:
    figures = {
        "reconsideration.upheld": "900",
        "reconsideration.accepted": "1346",
        "reconsideration.upheld_rate": "66.89",
    }
    found = only(run(*facts(figures), check="base"))
    assert (found["result"], found["reason"]) == ("fail", "no_whole_base")


def test_the_correction_rate_of_2020_is_truncated(run: Run) -> None:
    rows = facts(
        {
            "reconsideration.received": "367",
            "reconsideration.closed": "272",
            "reconsideration.correction_rate": "36.7",
            **CORRECTED,
        }
    )
    found = run(*rows)
    rate = only(found[found["check"] == "rate"])
    assert (rate["result"], rate["reason"]) == ("pass", "reproduced_by_truncation")
    assert rate["method"] == "truncation"
    assert rate["expected"] == pytest.approx(36.7647, abs=1e-4)
    base = only(found[found["check"] == "base"])
    assert (base["result"], base["reason"], base["numbers"]["base"]) == ("pass", "one_base_fits", 272)


def test_the_mediation_success_rate_of_2020_is_rounded(run: Run) -> None:
    found = only(run(*mediation("15021", "15207", "98.8"), check="rate"))
    assert (found["result"], found["reason"]) == ("pass", "reproduced_by_rounding")


def test_only_seventeen_of_272_gives_the_mediation_rate_and_only_by_rounding(run: Run) -> None:
    figures = {
        "reconsideration.closed": "272",
        "reconsideration.received": "367",
        "reconsideration.mediation_rate": "6.3",
    }
    found = only(run(*facts(figures), check="grim"))
    assert (found["result"], found["method"]) == ("pass", "half-up")
    assert (found["lower"], found["upper"]) == (17, 17)


def test_a_percentage_that_no_whole_number_gives_is_undecided_where_the_base_is_unstated(run: Run) -> None:
    figures = {"litigation.all_closed": "61", "litigation.head_appearance_rate": "84.8"}
    found = only(run(*facts(figures), check="grim"))
    assert (found["result"], found["reason"]) == ("undecided", "no_whole_number")


def test_whole_numbers_are_not_tried_where_they_rule_nothing_out(run: Run) -> None:
    large = {"reconsideration.closed": "1000", "reconsideration.mediation_rate": "6.3"}
    full = {"reconsideration.closed": "272", "reconsideration.mediation_rate": "100"}
    assert run(*facts(large), check="grim").empty
    assert run(*facts(full), check="grim").empty
    assert len(run(*facts({**large, "reconsideration.closed": "999"}), check="grim")) == 1


def test_10362_items_at_91_33_per_cent_imply_their_base(run: Run) -> None:
    """The item count stands at the end of the year, the rate for the year."""
    rows = [
        observation("services.items_online", "10362", period="year_end"),
        observation("services.online_rate", "91.33"),
    ]
    found = only(run(*rows, check="base"))
    assert (found["result"], found["reason"]) == ("note", "implied_base")
    assert (found["lower"], found["upper"]) == (11345, 11346)


@pytest.mark.parametrize("losses", ["0", "2"])
def test_a_rate_of_nothing_implies_no_base(run: Run, losses: str) -> None:
    figures = {"litigation.government_losses": losses, "litigation.loss_rate": "0"}
    assert run(*facts(figures), check="base").empty
    base = observation("litigation.all_closed", "10")
    assert "no_whole_base" not in set(run(*facts(figures), base)["reason"])


def test_several_bases_that_fit_decide_nothing(run: Run) -> None:
    figures = {
        "litigation.government_losses": "896",
        "litigation.first_instance_closed": "21316",
        "litigation.first_instance_filed": "21442",
        "litigation.loss_rate": "4.2",
    }
    found = only(run(*facts(figures), check="base"))
    assert (found["result"], found["reason"]) == ("undecided", "several_bases_fit")


def test_trailing_zeros_in_the_evidence_make_the_rate_sharper(run: Run) -> None:
    figures = {"reconsideration.accepted": "199", "reconsideration.received": "1000"}
    rate = observation("reconsideration.acceptance_rate", "20")
    assert only(run(*facts(figures), rate, check="base"))["result"] == "pass"
    sharper = {**rate, "evidence": "受理率20.00%"}
    assert only(run(*facts(figures), sharper, check="base"))["result"] != "pass"


def test_rounded_parts_leave_a_rate_undecided(run: Run) -> None:
    rows = facts({"reconsideration.mediated": "37000", "reconsideration.closed": "293000"}, resolution=1000.0)
    found = only(run(*rows, observation("reconsideration.mediation_rate", "12.6"), check="rate"))
    assert (found["result"], found["reason"]) == ("undecided", "rounded_parts_allow_it")


def test_a_rate_said_to_be_about_is_taken_as_worded(run: Run) -> None:
    figures = {"reconsideration.corrections": "29", "reconsideration.accepted": "151"}
    about = observation("reconsideration.correction_rate", "19.2", qualifier="~")
    found = only(run(*facts(figures), about, check="rate"))
    assert (found["result"], found["method"]) == ("pass", "as worded")


def test_a_report_with_both_rounding_and_truncation_has_no_single_rule(run: Run) -> None:
    rows = facts({"reconsideration.closed": "272", "reconsideration.correction_rate": "36.7", **CORRECTED})
    rows += mediation("15021", "15207", "98.8")
    found = only(run(*rows, observation("reconsideration.mediation_rate", "6.3"), check="rounding"))
    assert (found["result"], found["reason"], found["n"]) == ("note", "mixed_rounding", 3)
    assert (found["numbers"]["only_truncation"], found["numbers"]["only_half_up"]) == (1, 2)


def test_one_rate_is_not_a_rule(run: Run) -> None:
    assert run(*mediation("15021", "15207", "98.8"), check="rounding").empty


def test_a_county_whose_failing_half_up_rates_all_pass_truncation_truncates(run: Run) -> None:
    """A county's figures of 2024 on a base of 151; 66 of the year before makes +128.78 %."""
    rates = {
        "reconsideration.corrections": "140",
        "reconsideration.correction_rate": "92.71",
        "reconsideration.mediated": "75",
        "reconsideration.mediation_rate": "49.66",
        "reconsideration.upheld": "16",
        "reconsideration.upheld_rate": "10.59",
    }
    change = {"reconsideration.accepted": "151", "reconsideration.accepted_change": "128.78"}
    prior = observation("reconsideration.accepted", "66", year=2019)
    found = run(*facts({**rates, **change}), prior)
    assert set(found.loc[found["check"] == "rate", "reason"]) == {"reproduced_by_truncation"}
    rule = only(found[found["check"] == "rounding"])
    assert (rule["reason"], rule["n"]) == ("truncates", 4)


@given(st.integers(1, 5000), st.data(), st.sampled_from(list(Rounding)))
def test_a_rate_made_by_any_rule_is_reproduced_by_it(base: int, data: st.DataObject, rule: Rounding) -> None:
    part = data.draw(st.integers(0, base))
    printed = round_to(Decimal(100) * part / base, Decimal("0.01"), rule)
    identity = Rate(rate="r.r", numerators=(("r.k",),), denominators=("r.n",), stated=True)
    rows = facts({"r.k": str(part), "r.n": str(base), "r.r": f"{printed:f}"}, evidence=f"{printed:f}")
    company = companies(read(pd.DataFrame(rows), {"r.r"}))[0]
    found = list(check(identity, company))
    assert [(one.result, rule.value in one.method.split("|")) for one in found] == [("pass", True)]


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
    for change, name, reason in (
        ("10.0", "points", "read_as_points"),
        ("25.0", "backcast", "prior_agrees"),
    ):
        rows = facts({SHARE: "50.00", CHANGE: change}, evidence=f"50.00 {change}")
        prior = observation(SHARE, "40.00", year=2019, evidence="40.00")
        found = audit.findings(frame(*rows, prior), identities, catalog)
        assert only(found[found["check"] == name])["reason"] == reason


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
