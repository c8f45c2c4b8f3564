"""What must hold for any figures: limits in order, invariance, monotony, bounds; coverage by simulation."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import stats
from analysis.errors import InputError
from analysis.stats.overdispersion import log_ratio, spread

COUNTS = st.lists(st.integers(0, 5_000), min_size=1, max_size=8)
SCALE = st.floats(1e-3, 1e3)
LEVEL = st.floats(0.5, 0.999)
SLACK = 1e-9
few = settings(max_examples=25, deadline=None)


@st.composite
def proportions(draw: st.DrawFn, units: int = 1) -> pd.DataFrame:
    totals = draw(st.lists(st.integers(1, 3_000), min_size=units, max_size=14))
    cases = [draw(st.integers(0, total)) for total in totals]
    return pd.DataFrame({"numerator": cases, "denominator": totals, "region_code": range(len(totals))})


@st.composite
def rates(draw: st.DrawFn, units: int = 2) -> pd.DataFrame:
    counts = draw(st.lists(st.integers(0, 2_000), min_size=units, max_size=14).filter(any))
    bases = [draw(st.floats(0.5, 50)) for _ in counts]
    return pd.DataFrame({"count": counts, "exposure": bases, "region_code": range(len(counts))})


def assert_in_order(frame: pd.DataFrame, *names: str) -> None:
    for low, high in pairwise(names):
        gap = frame[high].to_numpy(float) - frame[low].to_numpy(float)
        assert (gap >= -SLACK * np.maximum(1, np.abs(frame[high].to_numpy(float)))).all(), (low, high)


@few
@given(proportions(), LEVEL)
def test_wilson_limits_hold_the_value_within_zero_and_one(frame, level):
    result = stats.wilson_interval(frame, level=level).assign(zero=0.0, one=1.0)
    assert_in_order(result, "zero", "lower", "value", "upper", "one")


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
    assert_in_order(result, "zero", "lower", "value", "upper")
    assert (result[["value", "lower", "upper"]].diff().dropna() > 0).all(axis=None)


@few
@given(st.integers(1, 3_000), st.lists(st.floats(0, 1), min_size=2, max_size=6), LEVEL)
def test_wilson_limits_rise_with_the_cases(total, shares, level):
    cases = sorted({round(total * share) for share in shares})
    result = stats.wilson_interval(pd.DataFrame({"numerator": cases, "denominator": total}), level=level)
    assert (result[["value", "lower", "upper"]].diff().dropna() > -SLACK).all(axis=None)


@few
@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 50))
def test_ratio_and_its_limits_rise_with_the_later_count(before, after, more):
    frame = pd.DataFrame({"count_before": before, "count_after": [after, after + more]})
    assert (stats.change_in_counts(frame)[["value", "lower", "upper"]].diff().dropna() > 0).all(axis=None)


@few
@given(proportions(), st.integers(1, 500), st.integers(0, 499))
def test_difference_and_its_limits_rise_with_the_later_cases(frame, total, later):
    later = min(later, total - 1)
    pair = {"numerator_after": [later, later + 1], "denominator_after": total}
    earlier = {f"{name}_before": frame[name].iloc[0] for name in ("numerator", "denominator")}
    result = stats.change_in_proportions(pd.DataFrame(pair).assign(**earlier))
    assert (result[["value", "lower", "upper"]].diff().dropna() > -SLACK).all(axis=None)


@few
@given(rates(), SCALE)
def test_scaling_the_base_and_the_multiplier_changes_nothing(frame, scale):
    names = ["value", "lower", "upper"]
    scaled = frame.assign(exposure=frame["exposure"] * scale)
    for function in (stats.funnel_rates, stats.shrink_rates):
        one, other = function(frame, multiplier=1), function(scaled, multiplier=scale)
        np.testing.assert_allclose(one[names], other[names], rtol=1e-6, atol=1e-9)
    one = stats.poisson_interval(frame, exposure="exposure", multiplier=1)
    other = stats.poisson_interval(scaled, exposure="exposure", multiplier=scale)
    np.testing.assert_allclose(one[names], other[names], rtol=1e-9)


@few
@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.2, 5), SCALE)
def test_ratio_of_rates_depends_on_the_ratio_of_bases_alone(before, after, base, scale):
    def change(then: float, now: float) -> pd.Series:
        row = {"count_before": [before], "count_after": [after], "then": [then], "now": [now]}
        return stats.change_in_counts(pd.DataFrame(row), exposure_before="then", exposure_after="now").iloc[0]

    one, other = change(1.0, base), change(scale, base * scale)
    names = ["value", "lower", "upper", "p_value", "p_value_e_test"]
    np.testing.assert_allclose(one[names].to_numpy(float), other[names].to_numpy(float), rtol=1e-6, atol=1e-9)
    assert_in_order(one.to_frame().T, "lower", "value", "upper")
    assert 0 <= one["p_value_e_test"] <= 1


@few
@given(st.integers(1, 300), st.integers(1, 300))
def test_ratio_the_other_way_round_is_the_inverse(before, after):
    frame = pd.DataFrame({"count_before": [before, after], "count_after": [after, before]})
    there, back = (row for _, row in stats.change_in_counts(frame).iterrows())
    assert there["value"] * back["value"] == pytest.approx(1)
    assert there["lower"] * back["upper"] == pytest.approx(1)
    assert there["p_value"] == pytest.approx(back["p_value"])
    assert there["p_value_e_test"] == pytest.approx(back["p_value_e_test"])


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
    assert_in_order(result, "least", "lower", "value", "upper", "most")
    assert result["p_value"].between(0, 1).all()


@few
@given(proportions(units=2))
def test_funnel_of_proportions_is_nested_and_within_zero_and_one(frame):
    result = stats.funnel_proportions(frame).query("refusal == ''").assign(zero=0.0, one=1.0)
    assert_in_order(result, "zero", "lower_998", "lower", "reference", "upper", "upper_998", "one")
    assert_in_order(
        result, "zero", "plain_lower_998", "plain_lower", "reference", "plain_upper", "plain_upper_998", "one"
    )
    assert (result["tau_squared"] >= 0).all()


@few
@given(rates())
def test_funnel_of_rates_is_nested_and_not_below_zero(frame):
    result = stats.funnel_rates(frame, multiplier=1).assign(zero=0.0)
    assert_in_order(result, "zero", "lower_998", "lower", "reference", "upper", "upper_998")
    assert_in_order(
        result, "zero", "plain_lower_998", "plain_lower", "reference", "plain_upper", "plain_upper_998"
    )
    assert np.isclose(result["expected"].sum(), result["count"].sum())


@few
@given(st.floats(0.05, 0.95), st.floats(0, 0.2))
def test_funnels_narrow_as_cases_grow(reference, tau_squared):
    sizes = np.array([5.0, 20, 80, 320, 1280])
    for limits in (
        stats.proportion_limits(sizes, reference, tau_squared),
        stats.rate_limits(sizes, reference * 10, tau_squared, multiplier=1),
    ):
        for prefix in ("", "plain_"):
            for suffix in ("", "_998"):
                widths = limits[f"{prefix}upper{suffix}"] - limits[f"{prefix}lower{suffix}"]
                assert (widths.diff().dropna() <= SLACK).all()


@few
@given(st.floats(0.02, 0.3), st.floats(0.001, 0.2))
def test_spread_between_units_widens_the_funnel(reference, more):
    sizes = [10, 100, 1000]
    for function in (stats.proportion_limits, stats.rate_limits):
        narrow, wide = function(sizes, reference, 0.01), function(sizes, reference, 0.01 + more)
        assert (wide["upper"] > narrow["upper"]).all()
        assert (wide["lower"] <= narrow["lower"]).all()
        pd.testing.assert_series_equal(wide["plain_upper"], narrow["plain_upper"])


@settings(max_examples=10, deadline=None)
@given(rates(units=4), st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_rows(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    result = stats.rank_rates(frame, exposure="exposure", draws=1_000)
    shuffled = stats.rank_rates(frame.iloc[order], exposure="exposure", draws=1_000)
    pd.testing.assert_frame_equal(result, shuffled.sort_index())
    assert_in_order(result, "lower", "value", "upper")
    assert result["value"].between(1, len(frame)).all()
    assert result["p_top_quarter"].sum() == pytest.approx(len(frame) // 4)


@settings(max_examples=10, deadline=None)
@given(rates(units=4))
def test_lowest_first_turns_the_ranks_round(frame):
    high = stats.rank_rates(frame, draws=2_001)
    low = stats.rank_rates(frame, draws=2_001, highest_first=False)
    turned = len(frame) + 1 - low["value"]
    assert (high["value"] - turned).abs().max() <= 1


@few
@given(rates())
def test_shrunk_rates_lie_between_their_own_and_the_common_rate(frame):
    result = stats.shrink_rates(frame, multiplier=1)
    ends = result[["observed", "reference"]]
    result = result.assign(least=ends.min(axis=1), most=ends.max(axis=1))
    assert_in_order(result, "least", "value", "most")
    assert result["weight"].between(0, 1).all()
    with_limits = result.dropna(subset=["lower"])
    assert_in_order(with_limits, "lower", "value", "upper")
    assert result["lower"].isna().eq(result["caution"].str.contains("no spread")).all()
    pooled = result["count"].sum() / result["exposure"].sum()
    assert np.allclose(result["reference"], pooled)


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
    frame = pd.DataFrame(
        {"region_code": range(ROUNDS), "count": generator.poisson(exposure), "exposure": exposure}
    )
    flagged = (stats.funnel_rates(frame)["plain_signal"] != "").mean()
    assert 0.03 < flagged < 0.055


def test_squared_scores_are_one_on_average_by_chance_alone():
    generator = np.random.default_rng(GENERATOR_SEED)
    base = generator.integers(40, 400, ROUNDS)
    shares = {"numerator": generator.binomial(base, 0.3), "denominator": base}
    frame = pd.DataFrame({"region_code": range(ROUNDS), "count": generator.poisson(base), **shares})
    for result in (stats.funnel_rates(frame, exposure="denominator"), stats.funnel_proportions(frame)):
        # the mean of squared scores has the standard error √(2/n); half as much again for small counts
        assert (result["z"] ** 2).mean() == pytest.approx(1, abs=4.5 * np.sqrt(2 / ROUNDS))
        assert result["phi"].iloc[0] == pytest.approx(0.679, abs=0.04), "winsorised at 10 % and 90 %"
        assert (result["signal"] != "").mean() == pytest.approx(0.05, abs=0.01)


def test_overdispersed_funnel_flags_few_units_where_the_plain_one_flags_most():
    generator = np.random.default_rng(GENERATOR_SEED)
    exposure = generator.uniform(200, 2_000, ROUNDS)
    counts = generator.poisson(exposure * np.exp(generator.normal(0, 0.4, ROUNDS)))
    result = stats.funnel_rates(
        pd.DataFrame({"region_code": range(ROUNDS), "count": counts, "exposure": exposure}), multiplier=1
    )
    assert (result["plain_signal"] != "").mean() > 0.7
    # not one in twenty: winsorising takes extreme units out of the spread it measures
    assert 0.05 < (result["signal"] != "").mean() < 0.16
    assert result["phi"].iloc[0] > 20


def test_chance_alone_gives_the_phi_that_is_told_beside_it():
    for units in (9, 31):
        expected = np.full(units, 200.0)
        groups = np.random.default_rng(7).poisson(200, (1_500, units)).astype(float)
        found = [
            spread(log_ratio(group, expected * group.mean() / 200), 1 / (expected * group.mean() / 200)).phi
            for group in groups
        ]
        assert np.mean(found) == pytest.approx(stats.phi_by_chance(units), abs=0.03)


def test_one_unit_has_no_spread_by_chance_either():
    with pytest.raises(InputError, match="two units"):
        stats.phi_by_chance(1)
