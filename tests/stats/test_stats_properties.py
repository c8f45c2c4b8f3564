"""What must hold for any figures: limits in order, invariance, monotony, bounds; coverage by simulation."""

from itertools import pairwise

import fair_cases as fair
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import stats

COUNTS = st.lists(st.integers(0, 5_000), min_size=1, max_size=8)
SCALE = st.floats(1e-3, 1e3)
LEVEL = st.floats(0.5, 0.999)
SLACK = 1e-9
INTERVAL = ["rate", "lower", "upper"]
CHANGE = ["change", "lower", "upper"]
few = settings(max_examples=25, deadline=None)


@st.composite
def proportions(draw: st.DrawFn, units: int = 1) -> pd.DataFrame:
    totals = draw(st.lists(st.integers(1, 3_000), min_size=units, max_size=14))
    cases = [draw(st.integers(0, total)) for total in totals]
    return pd.DataFrame({"numerator": cases, "denominator": totals})


@st.composite
def rates(draw: st.DrawFn, units: int = 2) -> pd.DataFrame:
    counts = draw(st.lists(st.integers(0, 2_000), min_size=units, max_size=14).filter(any))
    bases = [draw(st.floats(0.5, 50)) for _ in counts]
    return pd.DataFrame({"count": counts, "exposure": bases})


def assert_in_order(frame: pd.DataFrame, *names: str) -> None:
    for low, high in pairwise(names):
        gap = frame[high].to_numpy(float) - frame[low].to_numpy(float)
        assert (gap >= -SLACK * np.maximum(1, np.abs(frame[high].to_numpy(float)))).all(), (low, high)


@few
@given(proportions(), LEVEL)
def test_wilson_limits_hold_the_value_within_zero_and_one(frame, level):
    result = stats.wilson_interval(frame, level=level).assign(zero=0.0, one=1.0)
    assert_in_order(result, "zero", "lower", "rate", "upper", "one")


@few
@given(proportions())
def test_wilson_interval_of_the_complement_is_the_mirror_image(frame):
    result = stats.wilson_interval(frame)
    mirror = stats.wilson_interval(frame.assign(numerator=frame["denominator"] - frame["numerator"]))
    np.testing.assert_allclose(mirror["lower"], 1 - result["upper"], atol=1e-12)


@few
@given(COUNTS, LEVEL)
def test_garwood_limits_hold_the_value_and_rise_with_the_count(counts, level):
    ordered = sorted(set(counts))
    result = stats.poisson_interval(pd.DataFrame({"count": ordered}), level=level).assign(zero=0.0)
    assert_in_order(result, "zero", "lower", "rate", "upper")
    assert (result[INTERVAL].diff().dropna() > 0).all(axis=None)


@few
@given(st.integers(1, 3_000), st.lists(st.floats(0, 1), min_size=2, max_size=6), LEVEL)
def test_wilson_limits_rise_with_the_cases(total, shares, level):
    cases = sorted({round(total * share) for share in shares})
    result = stats.wilson_interval(pd.DataFrame({"numerator": cases, "denominator": total}), level=level)
    assert (result[INTERVAL].diff().dropna() > -SLACK).all(axis=None)


@few
@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 50))
def test_ratio_and_its_limits_rise_with_the_later_count(before, after, more):
    frame = pd.DataFrame({"count_before": before, "count_after": [after, after + more]})
    assert (stats.change_in_counts(frame)[CHANGE].diff().dropna() > 0).all(axis=None)


@few
@given(proportions(), st.integers(1, 500), st.integers(0, 499))
def test_difference_and_its_limits_rise_with_the_later_cases(frame, total, later):
    later = min(later, total - 1)
    pair = {"numerator_after": [later, later + 1], "denominator_after": total}
    earlier = {f"{name}_before": frame[name].iloc[0] for name in ("numerator", "denominator")}
    result = stats.change_in_proportions(pd.DataFrame(pair).assign(**earlier))
    assert (result[CHANGE].diff().dropna() > -SLACK).all(axis=None)


@few
@given(rates(), SCALE)
def test_scaling_the_base_and_the_multiplier_changes_nothing(frame, scale):
    scaled = frame.assign(exposure=frame["exposure"] * scale)
    one, other = (
        stats.funnel(fair.rates(*(data[name] for name in ("count", "exposure")), per=per))
        for data, per in ((frame, 1), (scaled, scale))
    )
    np.testing.assert_allclose(one[list(stats.LIMITS)], other[list(stats.LIMITS)], rtol=1e-6, atol=1e-9)
    one = stats.poisson_interval(frame, exposure="exposure", multiplier=1)
    other = stats.poisson_interval(scaled, exposure="exposure", multiplier=scale)
    np.testing.assert_allclose(one[INTERVAL], other[INTERVAL], rtol=1e-9)


@few
@given(st.integers(1, 300), st.integers(1, 300))
def test_ratio_the_other_way_round_is_the_inverse(before, after):
    frame = pd.DataFrame({"count_before": [before, after], "count_after": [after, before]})
    there, back = (row for _, row in stats.change_in_counts(frame).iterrows())
    assert there["change"] * back["change"] == pytest.approx(1)
    assert there["lower"] * back["upper"] == pytest.approx(1)
    assert there["p_value"] == pytest.approx(back["p_value"])
    assert there["p_value_e_test"] == pytest.approx(back["p_value_e_test"])
    assert 0 <= there["p_value_e_test"] <= 1
    assert_in_order(there.to_frame().T, "lower", "change", "upper")


@few
@given(proportions(units=2))
def test_difference_lies_within_its_limits_and_minus_one_and_one(frame):
    then, now = frame.iloc[0], frame.iloc[1]
    row = {
        f"{name}_{when}": [data[name]]
        for when, data in (("before", then), ("after", now))
        for name in ("numerator", "denominator")
    }
    result = stats.change_in_proportions(pd.DataFrame(row)).assign(least=-1.0, most=1.0)
    assert_in_order(result, "least", "lower", "change", "upper", "most")
    assert result["p_value"].between(0, 1).all()


@few
@given(proportions(units=2))
def test_funnel_of_proportions_is_nested_and_within_zero_and_one(frame):
    found = stats.funnel(fair.shares(frame["numerator"], frame["denominator"]))
    result = found[found["funnel_refusal"] == ""].assign(zero=0.0, one=1.0)
    assert_in_order(result, "zero", "low_998", "low_95", "reference", "high_95", "high_998", "one")
    assert_in_order(
        *(result, "zero", "plain_low_998", "plain_low_95", "reference"),
        *("plain_high_95", "plain_high_998", "one"),
    )
    assert (result["tau_squared"] >= 0).all()


@few
@given(rates())
def test_funnel_of_rates_is_nested_and_not_below_zero(frame):
    result = stats.funnel(fair.rates(frame["count"], frame["exposure"])).assign(zero=0.0)
    assert_in_order(result, "zero", "low_998", "low_95", "reference", "high_95", "high_998")
    assert_in_order(
        *(result, "zero", "plain_low_998", "plain_low_95", "reference", "plain_high_95", "plain_high_998")
    )
    assert np.isclose(result["expected"].sum(), result["count"].sum())


@few
@given(st.floats(0.05, 0.95), st.floats(0, 0.2))
def test_funnels_narrow_as_cases_grow(reference, tau_squared):
    sizes = np.array([5.0, 20, 80, 320, 1280])
    for limits in (
        stats.funnel_limits(sizes, reference, "proportion", tau_squared=tau_squared),
        stats.funnel_limits(sizes, reference * 10, "rate", tau_squared=tau_squared),
    ):
        for prefix in ("", "plain_"):
            for suffix in ("95", "998"):
                widths = limits[f"{prefix}high_{suffix}"] - limits[f"{prefix}low_{suffix}"]
                assert (widths.diff().dropna() <= SLACK).all()


@few
@given(st.floats(0.02, 0.3), st.floats(0.001, 0.2))
def test_spread_between_units_widens_the_funnel(reference, more):
    sizes = [10, 100, 1000]
    for kind in ("proportion", "rate"):
        narrow, wide = (
            stats.funnel_limits(sizes, reference, kind, tau_squared=between)
            for between in (0.01, more + 0.01)
        )
        assert (wide["high_95"] > narrow["high_95"]).all()
        assert (wide["low_95"] <= narrow["low_95"]).all()
        pd.testing.assert_series_equal(wide["plain_high_95"], narrow["plain_high_95"])


@settings(max_examples=10, deadline=None)
@given(rates(units=4), st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_rows(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    cases = fair.rates(frame["count"], frame["exposure"])
    result, shuffled = stats.ranks(cases), stats.ranks(cases.iloc[order])
    pd.testing.assert_frame_equal(result, shuffled.sort_index())
    assert_in_order(result, "rank_lower", "rank_median", "rank_upper")
    assert result["rank_median"].between(1, len(frame)).all()
    assert result["p_top_quarter"].sum() == pytest.approx(len(frame) // 4)


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_larger_and_keep_their_order(p_values):
    result = stats.benjamini_hochberg(pd.DataFrame({"p_value": p_values})).sort_values("p_value")
    assert (result["q_value"] >= result["p_value"] - SLACK).all()
    assert (result["q_value"].diff().dropna() >= -SLACK).all()
    assert (result["q_value"] <= 1).all()


GENERATOR_SEED = 440_800
ROUNDS = 4_000


def within(result: pd.DataFrame, truth: float) -> float:
    return float(((result["lower"] <= truth) & (truth <= result["upper"])).mean())


def error_of(rounds: int, coverage: float = 0.95) -> float:
    """Three standard errors of a simulated coverage."""
    return float(3 * np.sqrt(coverage * (1 - coverage) / rounds))


# the exact coverages are sums of dpois and dbinom over the limits of qchisq and prop.test in R 4.2.2
@pytest.mark.parametrize(("mean", "exact"), [(4.0, 0.9603), (30.0, 0.9560), (200.0, 0.9524)])
def test_garwood_covers_as_often_as_its_exact_sum(mean, exact):
    counts = np.random.default_rng(GENERATOR_SEED).poisson(mean, ROUNDS)
    covered = within(stats.poisson_interval(pd.DataFrame({"count": counts})), mean)
    assert covered == pytest.approx(exact, abs=error_of(ROUNDS))


@pytest.mark.parametrize(
    ("size", "share", "exact"), [(20, 0.1, 0.9568), (90, 0.13, 0.9416), (400, 0.5, 0.9490)]
)
def test_wilson_covers_as_often_as_its_exact_sum(size, share, exact):
    cases = np.random.default_rng(GENERATOR_SEED).binomial(size, share, ROUNDS)
    result = stats.wilson_interval(pd.DataFrame({"numerator": cases, "denominator": size}))
    assert within(result, share) == pytest.approx(exact, abs=error_of(ROUNDS))


def test_conditional_ratio_covers_at_least_its_level():
    generator, rounds = np.random.default_rng(GENERATOR_SEED), 250
    frame = pd.DataFrame(
        {"count_before": generator.poisson(12, rounds), "count_after": generator.poisson(18, rounds)}
    )
    covered = within(stats.change_in_counts(frame), 1.5)
    assert 0.95 - error_of(rounds) <= covered < 1


def test_newcombes_difference_covers_as_often_as_its_exact_sum():
    generator, rounds = np.random.default_rng(GENERATOR_SEED), 1_500
    frame = pd.DataFrame(
        {
            "numerator_before": generator.binomial(90, 0.13, rounds),
            "denominator_before": 90,
            "numerator_after": generator.binomial(272, 0.3, rounds),
            "denominator_after": 272,
        }
    )
    covered = within(stats.change_in_proportions(frame), 0.17)
    # summed with dbinom over both counts in R 4.2.2
    assert covered == pytest.approx(0.9515, abs=error_of(rounds))


def test_plain_funnel_flags_one_in_twenty_units_of_one_rate():
    generator = np.random.default_rng(GENERATOR_SEED)
    exposure = generator.uniform(50, 500, ROUNDS)
    found = stats.funnel(fair.rates(generator.poisson(exposure), exposure))
    flagged = (found["plain_signal"] != "").mean()
    assert 0.03 < flagged < 0.055


def test_squared_scores_are_one_on_average_by_chance_alone():
    generator = np.random.default_rng(GENERATOR_SEED)
    base = generator.integers(40, 400, ROUNDS)
    groups = fair.shares(generator.binomial(base, 0.3), base), fair.rates(generator.poisson(base), base)
    for result in map(stats.funnel, groups):
        # the mean of squared scores has the standard error √(2/n); half as much again for small counts
        assert (result["z"] ** 2).mean() == pytest.approx(1, abs=4.5 * np.sqrt(2 / ROUNDS))
        assert result["phi"].iloc[0] == pytest.approx(0.679, abs=0.04), "winsorised at 10 % and 90 %"
        assert (result["signal"] != "").mean() == pytest.approx(0.05, abs=0.01)


def test_overdispersed_funnel_flags_few_units_where_the_plain_one_flags_most():
    generator = np.random.default_rng(GENERATOR_SEED)
    exposure = generator.uniform(200, 2_000, ROUNDS)
    counts = generator.poisson(exposure * np.exp(generator.normal(0, 0.4, ROUNDS)))
    result = stats.funnel(fair.rates(counts, exposure))
    assert (result["plain_signal"] != "").mean() > 0.7
    # not one in twenty: winsorising takes extreme units out of the spread it measures
    assert 0.05 < (result["signal"] != "").mean() < 0.16
    assert result["phi"].iloc[0] > 20
