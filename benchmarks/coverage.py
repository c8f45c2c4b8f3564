"""Prints how often the intervals of `analysis.stats` hold the truth and how often funnels flag.

Wilson and Garwood are summed exactly over all outcomes; the ratio and the funnels are
simulated with a fixed seed. It writes no file and takes no arguments: `python benchmarks/coverage.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, poisson

from analysis import stats

SEED = 440_800
RATIO_ROUNDS = 1_000
GROUPS = 100
UNITS = 21


def wilson() -> pd.DataFrame:
    """Exact coverage of the 95 % Wilson interval: one row a denominator, one column a true proportion."""
    rows = {}
    for size in (10, 30, 90, 272, 1000):
        limits = stats.wilson_interval(pd.DataFrame({"numerator": range(size + 1), "denominator": size}))
        rows[size] = {
            share: np.dot(binom.pmf(limits["numerator"], size, share), _holds(limits, share))
            for share in (0.02, 0.1, 0.3, 0.5)
        }
    return pd.DataFrame(rows).T.rename_axis(index="n", columns="true proportion")


def garwood() -> pd.DataFrame:
    """Exact coverage of the Garwood interval: one row a level, one column a true mean."""
    rows = {}
    for level in (0.9, 0.95, 0.998):
        limits = stats.poisson_interval(pd.DataFrame({"count": range(1_000)}), level=level)
        rows[level] = {
            mean: np.dot(poisson.pmf(limits["count"], mean), _holds(limits, mean))
            for mean in (0.5, 2, 8, 30, 111, 500)
        }
    return pd.DataFrame(rows).T.rename_axis(index="level", columns="true mean")


def ratio(generator: np.random.Generator) -> pd.DataFrame:
    """Simulated coverage of the conditional ratio, and the share of false alarms of both tests at 5 %."""
    rows = []
    for mean, true in ((5, 1.0), (20, 1.0), (20, 1.5), (111, 1.0), (111, 1.5)):
        frame = pd.DataFrame(
            {
                "count_before": generator.poisson(mean, RATIO_ROUNDS),
                "count_after": generator.poisson(mean * true, RATIO_ROUNDS),
            }
        )
        found = stats.change_in_counts(frame).query("refusal == ''")
        alarms = [
            (found[name] < 0.05).mean() if true == 1 else np.nan for name in ("p_value", "p_value_e_test")
        ]
        rows.append((mean, true, _holds(found, true).mean(), *alarms))
    names = ["mean before", "true ratio", "coverage", "false alarms, conditional", "false alarms, E-test"]
    return pd.DataFrame(rows, columns=names).set_index(names[:2])


def groups(generator: np.random.Generator) -> pd.DataFrame:
    """Simulated groups of 21 units: what funnels flag at 95 %, and mean phi."""
    rows = []
    for mean in (20, 200):
        for sigma in (0.0, 0.2, 0.6):
            found = [_group(generator, mean, sigma) for _ in range(GROUPS)]
            rows.append((mean, sigma, *np.mean(np.array(found), axis=0)))
    names = ["mean count", "sigma", "phi", "flagged, plain", "flagged, overdispersed"]
    return pd.DataFrame(rows, columns=names).set_index(names[:2])


def _group(generator: np.random.Generator, mean: float, sigma: float) -> tuple[float, ...]:
    exposure = mean * generator.uniform(0.3, 1.7, UNITS)
    rates = generator.gamma(1 / sigma**2, sigma**2, UNITS) if sigma else np.ones(UNITS)
    counts = generator.poisson(exposure * rates)
    expected = exposure * counts.sum() / exposure.sum()
    phi, tau_squared = stats.spread(np.log((counts + 0.5) / (expected + 0.5)), 1 / expected)
    limits = stats.funnel_limits(exposure, counts.sum() / exposure.sum(), "rate", tau_squared=tau_squared)
    outside = [
        np.mean((counts / exposure < limits[low]) | (counts / exposure > limits[high]))
        for low, high in (("plain_low_95", "plain_high_95"), ("low_95", "high_95"))
    ]
    return phi, *outside


def _holds(limits: pd.DataFrame, truth: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    true = np.asarray(truth, dtype=np.float64)
    return (limits["lower"].to_numpy(float) <= true) & (true <= limits["upper"].to_numpy(float))


def main() -> None:
    """Nothing; prints the four tables."""
    generator = np.random.default_rng(SEED)
    for title, table in (
        ("Wilson, 95 %: exact coverage", wilson()),
        ("Garwood: exact coverage", garwood()),
        (f"Conditional exact ratio, 95 %: {RATIO_ROUNDS:,} rounds", ratio(generator)),
        (f"Groups of {UNITS} units: {GROUPS} rounds; sigma is the true spread of rates", groups(generator)),
    ):
        print(f"{title}\n{table.to_string(float_format='{:.3f}'.format)}\n")


if __name__ == "__main__":
    main()
