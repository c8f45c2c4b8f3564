"""Comparability grades: whether a figure may stand beside another city's, and if not, why.

A: same form, rule and period. B: same name, base stated, full year. C: shown with its reason, never ranked,
tested or drawn among others. It grades figures, not cities. Source: the project's methods, section 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.facts import scope_group
from analysis.catalog import Catalog, Metric
from analysis.panel import Panel

SATURATION = 99.0
"""A share at or above this is at its ceiling: differences there say nothing."""
SCOPES = ("whole", "own_level", "courts", "lower_level", "other", "department")
"""The scopes, the widest first."""
NEAR = 0.1
"""How far, in percentage points, counts may lie from the share that is printed for them."""


def graded(panel: Panel, facts: pd.DataFrame, wanted: pd.DataFrame | None = None) -> pd.DataFrame:
    """The facts with `grade`, `reason` (of `hazards`, empty for A and B) and `weight`, how many apply.

    `wanted` holds the `scope` and `part` (see `part_of`) that each row is compared on, by the frame's index;
    its own when None.
    """
    wanted = facts.assign(part=part_of(facts)) if wanted is None else wanted
    found, same = hazards(panel, facts, wanted), _same_form(facts, panel.catalog)
    grade = np.where(found.any(axis=1), "C", np.where(same, "A", "B"))
    return facts.assign(grade=grade, reason=first_of(found), weight=found.sum(axis=1))


def hazards(panel: Panel, facts: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """Whether each reason for grade C applies to each row: one column a reason, the weightiest first."""
    about = ("measure", "unit", "comparable")
    measure, unit, comparable = (behind(facts["metric_id"], panel.catalog.metrics, name) for name in about)
    share, stock, period = (measure == "rate") & (unit == "%"), measure == "stock", facts["period"]
    bases = _parts(panel, facts[share], "denominators")
    stated = bases["value"].notna().groupby(bases["rate"]).all().reindex(facts.index, fill_value=False)
    of_a_date = period.str.startswith(("full", "cumulative", "year_end", "at-"))
    reasons = {
        "not_comparable": comparable == "no",
        "scored_elsewhere": measure.isin(["rank", "score"]) & (comparable != "yes"),
        "part_year": ~stock & period.str.startswith("ytd-"),
        "cumulative": ~stock & (period == "cumulative"),
        "other_period": np.where(stock, ~of_a_date, period.str.startswith("span-")),
        "scope_differs": (facts["scope"] != wanted["scope"]) | (part_of(facts) != wanted["part"]),
        "base_unstated": (measure == "change") | (share & ~stated),
        "saturated": share & (facts["value"] >= SATURATION),
        "provisional": facts["status"] == "P",
        "estimated": facts["status"] == "E",
        "no_residents": False,  # known once a rate is made, see `fair.measured`
    }
    return pd.DataFrame(reasons, index=facts.index).astype(bool)


def first_of(reasons: pd.DataFrame) -> pd.Series:
    """The name of the first column that is true in each row; empty where none is."""
    return reasons.assign(**{"": True}).idxmax(axis=1)


def areas(frame: pd.DataFrame) -> pd.Series:
    """The scope under which each figure meets others: see `audit.facts.scope_group`."""
    pairs = zip(frame["scope"], frame["scope_as_reported"], strict=True)
    return pd.Series([scope_group(*pair) for pair in pairs], index=frame.index, dtype=object)


def part_of(frame: pd.DataFrame) -> pd.Series:
    """Which part of an area each figure is of, where the code of its scope leaves that to words; else empty.

    All courts of an area are one part, however they are called; any other court is a part of its own.
    """
    found = areas(frame)
    return found.where(frame["scope"].isin(["courts", "other"]) & (found != "whole"), "")


def rule_changed(metric: Metric, earlier: float, year: int) -> bool:
    """Whether a new rule of the metric began after the earlier year, up to the later one."""
    return any(earlier < first <= year for first in metric.break_years)


def behind(ids: pd.Series, records: Mapping[str, Any], attribute: str) -> pd.Series:
    """A text that the records of the catalogue hold on each id."""
    return ids.map({name: getattr(records[name], attribute) for name in ids.unique()}).astype("str")


def exact(frame: pd.DataFrame) -> pd.Series:
    """Whether each figure is printed to its last digit, without a word that qualifies it."""
    return (frame["qualifier"] == "=") & frame["resolution"].isna()


def _same_form(frame: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Whether a figure comes from a form or a definition that is the same for every city, and no copy."""
    about = ("kind", "reliability")
    kind, reliability = (behind(frame["source_id"], catalog.sources, name) for name in about)
    form = frame["metric_id"].str.startswith("oversight.disclosure_") & (kind == "disclosure_report")
    context = frame["metric_id"].str.startswith("context.") & reliability.isin(["official", "dataset"])
    return (form | context) & (frame["status"] != "U")


def _parts(panel: Panel, rates: pd.DataFrame, *sides: str) -> pd.DataFrame:
    """The metrics on the sides of each `rate` (a label), with every figure of its place, year and scope."""
    key, metrics = ["region_code", "scope", "year"], panel.catalog.metrics
    names = {side: [getattr(metrics[name], side) for name in rates["metric_id"]] for side in sides}
    asked = pd.concat([rates[key].assign(metric_id=parts, side=side) for side, parts in names.items()])
    asked = asked.rename_axis("rate").reset_index().explode("metric_id").dropna(subset="metric_id")
    years, ids, regions = rates["year"].unique(), asked["metric_id"].unique(), rates["region_code"].unique()
    region = regions[0] if len(regions) == 1 else None  # picking among the whole nation's takes seconds
    known = panel.pick(panel.facts(region, years, ids, whole_area=True)).rename_axis("row").reset_index()
    return asked.astype({"metric_id": "str"}).merge(known, on=[*key, "metric_id"], how="left")


def counts_behind(panel: Panel, shares: pd.DataFrame) -> pd.DataFrame:
    """The numerator and denominator of each share, a rate in per cent, by the frame's index.

    Returns:
        Columns numerator, denominator (NaN where not all parts are printed exactly for the whole year and the
        same scope, or where they give another share) and parts (labels of the parts, a tuple, perhaps empty).
    """
    sides = ["numerators", "denominators"]
    parts = _parts(panel, shares, *sides)
    fit = exact(parts) & (parts["period"] == "full")
    found = parts[["value", "row"]].where(fit).join(parts[["rate", "side", "metric_id"]])
    # the first figure that fits, missing where none does
    one = found.groupby(["rate", "side", "metric_id"], sort=False).first()
    sums = one["value"].groupby(["rate", "side"]).sum(skipna=False).unstack()
    counts = sums.reindex(index=shares.index, columns=sides).astype(float)
    counts.columns = ["numerator", "denominator"]
    off = (100 * counts["numerator"] / counts["denominator"] - shares["value"]).abs()
    near = (off <= NEAR) & (counts["denominator"] > 0) & (shares["period"] == "full")
    near &= ~shares["derived"].astype(bool)
    rows = one["row"].groupby("rate").agg(tuple).reindex(shares.index)
    told = [tuple(map(int, labels)) if fits else () for labels, fits in zip(rows, near, strict=True)]
    return counts.where(near).assign(parts=pd.Series(told, index=shares.index, dtype=object))
