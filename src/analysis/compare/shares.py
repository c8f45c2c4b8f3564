"""The exact counts behind a share: numerator and denominator, of one region or of a cross-section's cities.

A printed percentage alone has no interval, so it never enters; a city that prints both counts but not their
quotient does. It refuses rounded counts, parts of another scope or period, and what the grades refuse.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.catalog import Metric
from analysis.compare import grades
from analysis.compare.cities import CrossSection, region_role
from analysis.panel import Panel

_NEAR = 0.1
"""How far, in percentage points, two counts may lie from the share that is printed for them."""
_LEFT_OUT = ["region_code", "role", "row", "reasons"]
_NAMES = ["region_code", "role", "grade", "scope", "row", "parts", "count", "exposure"]


def shares(panel: Panel, section: CrossSection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The counts behind a share, and the regions left out.

    Args:
        panel: The panel the section was made from.
        section: A section of a rate in per cent.

    Returns:
        The frame that `funnels.judge` takes (region_code, role, grade, scope, row, parts, count, exposure;
        `row` is -1 where the share itself is not printed), and the frame of those left out (region_code,
        role, row, reasons).
    """
    metric = panel.catalog.metrics[section.metric_id]
    counts = _counts(panel, metric, section)
    printed = section.rows[section.rows["role"] != "context"].set_index("region_code", drop=False)
    labels = pd.Series(section.rows.index, index=section.rows["region_code"], dtype=int)
    graded = _graded(counts, panel, section)
    fit = graded[graded["grade"] != "C"]
    rows = fit.assign(row=[int(labels.get(code, -1)) for code in fit["region_code"]])
    refused = graded[graded["grade"] == "C"].assign(row=-1)
    bare = printed[~printed["region_code"].isin(graded["region_code"])]
    reasons = [found or ("counts_unstated",) for found in bare["reasons"]]
    silent = bare.assign(
        row=[int(labels[code]) for code in bare["region_code"]],
        reasons=pd.Series(reasons, index=bare.index, dtype=object),
    )
    left_out = pd.concat([refused[_LEFT_OUT], silent[_LEFT_OUT]], ignore_index=True)
    return rows[_NAMES].reset_index(drop=True), left_out


def counts_of(
    panel: Panel, metric: Metric, region: str, scope: str, year: int, printed: float
) -> tuple[float, float]:
    """The exact numerator and denominator behind a printed share of one region and year.

    Args:
        panel: A panel that holds the region.
        metric: A rate in per cent.
        region: The region code.
        scope: The scope of the share.
        year: Its year.
        printed: The share as printed, in per cent.

    Returns:
        The two counts; NaN twice where they are not all printed exactly, or do not give the printed share to
        within a tenth of a percentage point, so that the share rests on another base.
    """
    parts = [*metric.numerators, *metric.denominators]
    own = _exact(panel.pick(panel.facts(region, year, parts, whole_area=True)), scope)
    value = own.drop_duplicates("metric_id").set_index("metric_id")["value"]
    if not metric.numerators or not metric.denominators or not set(parts) <= set(value.index):
        return np.nan, np.nan
    above, below = value[list(metric.numerators)].sum(), value[list(metric.denominators)].sum()
    if below <= 0 or abs(100 * above / below - printed) > _NEAR:
        return np.nan, np.nan
    return float(above), float(below)


def _exact(facts: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The facts of one scope and a whole year that are printed in full."""
    fit = (facts["scope"] == scope) & (facts["period"] == "full")
    return facts[fit & (facts["qualifier"] == "=") & facts["resolution"].isna()]


def _counts(panel: Panel, metric: Metric, section: CrossSection) -> pd.DataFrame:
    """One row a region with all parts exact, of the whole year and of the section's scope."""
    parts = [*metric.numerators, *metric.denominators]
    facts = panel.pick(panel.facts(year=section.year, metrics=parts, whole_area=True))
    facts = _exact(facts, section.scope)
    found = []
    for code, own in facts.groupby("region_code", sort=True):
        by_metric = own.drop_duplicates("metric_id").set_index("metric_id")
        role = region_role(str(code), panel, section.focus, section.peer_codes)
        if not parts or role in ("", "context") or not set(parts) <= set(by_metric.index):
            continue
        labels = own.drop_duplicates("metric_id").index
        found.append(
            {
                **own.iloc[0].to_dict(),
                "role": role,
                "parts": tuple(int(label) for label in labels),
                "count": by_metric.loc[list(metric.numerators), "value"].sum(),
                "exposure": by_metric.loc[list(metric.denominators), "value"].sum(),
                "status": "U" if (own["status"] == "U").any() else own["status"].iloc[0],
            }
        )
    return pd.DataFrame(found, columns=[*facts.columns, "role", "parts", "count", "exposure"])


def _graded(counts: pd.DataFrame, panel: Panel, section: CrossSection) -> pd.DataFrame:
    """The counts graded as the share they give: its ceiling, scope and period count, its base is stated."""
    share = 100 * counts["count"] / counts["exposure"].where(counts["exposure"] > 0)
    # an impossible share is refused by the statistics, in words that fit better than a ceiling's
    as_rate = counts.assign(metric_id=section.metric_id, value=share.where(share <= 100, 0.0))
    stated = {
        (str(code), section.year, section.scope, part)
        for code in counts["region_code"]
        for part in panel.catalog.metrics[section.metric_id].denominators
    }
    return grades.grade(as_rate, panel.catalog, section.scope, stated)
