"""Golden values: those of the project's methods, and golden.csv, made with base R by golden.R.

golden.csv holds one expected quantity a row; vectors are separated by spaces. The inputs, in this order:

- wilson: numerator, denominator; garwood: count, exposure
- change_in_counts: count and exposure before, count and exposure after
- change_in_proportions: numerator and denominator before, numerator and denominator after
- funnel_proportions, rank_proportions: numerators, denominators
- funnel_rates, rank_rates: counts, exposures
- benjamini_hochberg: p-values
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fair_cases import rates, shares
from scipy.stats import poisson_means_test
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis import stats
from analysis.stats.place import DRAWS

GOLDEN = pd.read_csv(Path(__file__).with_name("golden.csv"), dtype=str, keep_default_na=False)
ROUNDING = 1e-9
# 10,000 draws and a chance near one half: four standard errors
MONTE_CARLO = 4 * np.sqrt(0.25 / DRAWS)
BEFORE_AFTER = ("before", "after")


def frame_of(names: tuple[str, ...], inputs: list[np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(names, inputs, strict=True)))


PROPORTION = ("numerator", "denominator")
RATE = ("count", "exposure")
COMPUTE: dict[str, Callable[[list[np.ndarray], float], pd.DataFrame]] = {
    "wilson": lambda x, level: stats.wilson_interval(frame_of(PROPORTION, x), level=level),
    "garwood": lambda x, level: stats.poisson_interval(
        frame_of(RATE, x), exposure="exposure", multiplier=1, level=level
    ),
    "change_in_counts": lambda x, level: stats.change_in_counts(
        frame_of(("count_before", "exposure_before", "count_after", "exposure_after"), x),
        level=level,
    ),
    "change_in_proportions": lambda x, level: stats.change_in_proportions(
        frame_of(tuple(f"{name}_{when}" for when in BEFORE_AFTER for name in PROPORTION), x), level=level
    ),
    "funnel_proportions": lambda x, _: stats.funnel(shares(*x)),
    "funnel_rates": lambda x, _: stats.funnel(rates(*x)),
    "rank_proportions": lambda x, _: stats.ranks(shares(*x)),
    "rank_rates": lambda x, _: stats.ranks(rates(*x)),
    "benjamini_hochberg": lambda x, _: stats.benjamini_hochberg(frame_of(("p_value",), x)),
}


def vector(cell: str) -> np.ndarray:
    return np.array([float(part) for part in cell.split()])


def case_id(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{first['case']}-{first['function']}"


CASES = [rows for _, rows in GOLDEN.groupby("case", sort=False)]


@pytest.mark.parametrize("rows", CASES, ids=case_id)
def test_values_of_base_r(rows):
    first = rows.iloc[0]
    inputs = [vector(first[f"input_{place}"]) for place in range(1, 5) if first[f"input_{place}"]]
    result = COMPUTE[first["function"]](inputs, float(first["level"]))
    for _, row in rows.iterrows():
        got, expected = result[row["quantity"]].to_numpy(float), vector(row["expected"])
        if row["function"].startswith("rank"):
            np.testing.assert_allclose(got, expected, atol=MONTE_CARLO)
        else:
            np.testing.assert_allclose(got, expected, rtol=1e-8, atol=ROUNDING, err_msg=row["quantity"])


def test_golden_table_covers_every_function_with_forty_values_and_more():
    assert set(GOLDEN["function"]) == set(COMPUTE)
    assert len(GOLDEN) > 40
    assert GOLDEN["tool"].str.startswith("R ").all()


def test_wilson_interval_of_12_in_90():
    row = stats.wilson_interval(pd.DataFrame({"numerator": [12], "denominator": [90]})).iloc[0]
    assert (round(row["lower"], 6), round(row["upper"], 6)) == (0.077947, 0.218739)
    assert (row["statistic"], row["method"], row["n"]) == ("proportion", "Wilson score, 95 %", 90)


def test_garwood_interval_of_111_and_of_0():
    result = stats.poisson_interval(pd.DataFrame({"count": [111, 0]}))
    assert result["lower"].round(4).tolist() == [91.3133, 0.0]
    assert result["upper"].round(4).tolist() == [133.6726, 3.6889]
    assert result["method"].tolist() == ["exact Poisson (Garwood), 95 %"] * 2
    assert result["statistic"].tolist() == ["count"] * 2
    assert result["n"].tolist() == [111, 0]


def test_111_after_90():
    row = stats.change_in_counts(pd.DataFrame({"count_before": [90], "count_after": [111]})).iloc[0]
    assert [round(row[name], 3) for name in ("change", "lower", "upper")] == [1.233, 0.926, 1.647]
    assert round(row["p_value"], 3) == 0.158
    assert round(row["p_value_e_test"], 4) == 0.1395
    assert (row["statistic"], row["n"]) == ("ratio", 201)


def test_e_test_of_scipy_agrees():
    pairs = pd.DataFrame({"count_before": [90, 5, 40, 1000], "count_after": [111, 12, 41, 1080]})
    expected = [poisson_means_test(a, 1, b, 1).pvalue for b, a in pairs.itertuples(index=False)]
    assert stats.change_in_counts(pairs)["p_value_e_test"].tolist() == pytest.approx(expected, abs=1e-8)


def test_score_interval_of_statsmodels_is_near_newcombe_for_large_counts():
    frame = pd.DataFrame(
        [[15021, 15207, 14890, 15100]],
        columns=[f"{name}_{when}" for when in BEFORE_AFTER for name in PROPORTION],
    )
    row = stats.change_in_proportions(frame).iloc[0]
    score = confint_proportions_2indep(14890, 15100, 15021, 15207, method="score", compare="diff")
    assert row[["lower", "upper"]].tolist() == pytest.approx(score, abs=2e-5)


def test_plain_funnel_of_a_hundred_expected_events():
    limits = stats.funnel_limits([100], 1.0, "rate").iloc[0]
    names = ["plain_low_95", "plain_high_95", "plain_low_998", "plain_high_998"]
    assert limits[names].tolist() == pytest.approx([0.813640, 1.216268, 0.719214, 1.349243], abs=1e-6)


def test_plain_funnel_of_proportions_uses_the_normal_quantiles():
    limits = stats.funnel_limits([100], 0.5, "proportion").iloc[0]
    assert limits["plain_high_95"] == pytest.approx(0.5 + 1.959964 * 0.05, abs=1e-7)
    assert limits["plain_low_998"] == pytest.approx(0.5 - 3.090232 * 0.05, abs=1e-7)
