"""The exact counts behind a printed share, so that it gets an interval.

A printed percentage alone has no interval. It refuses rounded counts, parts of another scope or period, and
counts that do not give the printed share to within a tenth of a percentage point: then it rests on another
base.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.catalog import Metric
from analysis.panel import Panel

_NEAR = 0.1
"""How far, in percentage points, two counts may lie from the share that is printed for them."""
_KEY = ["region_code", "scope", "year", "metric_id"]


def counts_behind(panel: Panel, shares: pd.DataFrame) -> pd.DataFrame:
    """The numerator and denominator of each share, a rate in per cent, by the frame's index.

    Returns:
        Columns numerator, denominator (NaN where not all parts are printed exactly for the whole year and the
        same scope, or where they give another share) and parts (labels of the parts, a tuple, perhaps empty).
    """
    metrics = {name: panel.catalog.metrics[name] for name in shares["metric_id"].unique()}
    parts = sorted({part for item in metrics.values() for part in (*item.numerators, *item.denominators)})
    facts = panel.pick(panel.facts(year=shares["year"].unique().tolist(), metrics=parts, whole_area=True))
    exact = facts[(facts["period"] == "full") & (facts["qualifier"] == "=") & facts["resolution"].isna()]
    exact = exact.assign(row=exact.index).drop_duplicates(_KEY)
    keys = exact[_KEY].itertuples(index=False, name=None)
    known = dict(zip(keys, exact[["row", "value"]].itertuples(index=False, name=None), strict=True))
    found = [_pair(metrics[str(share["metric_id"])], share, known) for _, share in shares.iterrows()]
    return pd.DataFrame(found, index=shares.index, columns=["numerator", "denominator", "parts"])


def _pair(
    metric: Metric, share: pd.Series, known: Mapping[tuple[object, ...], tuple[int, float]]
) -> tuple[float, float, tuple[int, ...]]:
    """Numerator, denominator and labels of the parts of one share; NaN and none where they do not fit."""
    parts, first = (*metric.numerators, *metric.denominators), len(metric.numerators)
    wanted = [(share["region_code"], share["scope"], share["year"], part) for part in parts]
    if metric.numerators and metric.denominators and all(key in known for key in wanted):
        rows, values = zip(*(known[key] for key in wanted), strict=True)
        above, below = sum(values[:first]), sum(values[first:])
        if below > 0 and abs(100 * above / below - share["value"]) <= _NEAR:
            return float(above), float(below), tuple(int(row) for row in rows)
    return (np.nan, np.nan, ())
