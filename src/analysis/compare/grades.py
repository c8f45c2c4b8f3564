"""Comparability grades: whether a figure may stand beside another city's, and if not, why.

A: same form, rule and period. B: same name, base stated, full year. C: shown with its reason, never ranked,
tested or drawn among others. It grades figures, not cities, and refuses nothing: a C figure is still shown.

A printed percentage alone has no interval: the counts behind it give one where they are printed exactly.

Source: the project's methods, section 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.facts import scope_group
from analysis.catalog import Catalog, Metric
from analysis.panel import Panel

REASONS = (
    *("not_comparable", "scored_elsewhere", "part_year", "cumulative", "other_period", "scope_differs"),
    *("base_unstated", "saturated", "provisional", "estimated", "no_residents"),
)
"""Why a figure has grade C, the weightiest first; the words for each are in words.csv."""
SATURATION = 99.0
"""A share at or above this is at its ceiling: differences there say nothing."""
SCOPES = ("whole", "own_level", "courts", "lower_level", "other", "department")
"""The scopes, the widest first."""
NEAR = 0.1
"""How far, in percentage points, counts may lie from the share that is printed for them."""
_KEY = ["region_code", "scope", "year", "metric_id"]
_WORDED_SCOPES = ("courts", "other")
"""Scopes whose code alone does not say which part of an area is meant."""


def graded(panel: Panel, facts: pd.DataFrame, wanted: pd.DataFrame | None = None) -> pd.DataFrame:
    """The facts with `grade`, `reason` (of `REASONS`, empty for A and B) and `weight`, how many apply.

    `wanted` holds the `scope` and `part` (see `part_of`) that each row is compared on, by the frame's index;
    its own when None. The bases of rates are looked for in the whole panel.
    """
    wanted = facts.assign(part=part_of(facts)) if wanted is None else wanted
    hazards = _hazards(facts, panel.catalog, _base_stated(panel, facts), wanted)
    clean = pd.Series("B", index=facts.index).mask(_same_form(facts, panel.catalog), "A")
    grade, reason = clean.mask(hazards.any(axis=1), "C"), first_of(hazards)
    return facts.assign(grade=grade, reason=reason, weight=hazards.sum(axis=1))


def first_of(reasons: pd.DataFrame) -> pd.Series:
    """The name of the first column that is true in each row; empty where none is."""
    first = reasons.idxmax(axis=1) if len(reasons) else pd.Series(dtype=object)
    return first.astype(object).where(reasons.any(axis=1), "")


def areas(frame: pd.DataFrame) -> pd.Series:
    """The scope under which each figure meets others: see `audit.facts.scope_group`."""
    pairs = zip(frame["scope"], frame["scope_as_reported"], strict=True)
    return pd.Series([scope_group(*pair) for pair in pairs], index=frame.index, dtype=object)


def part_of(frame: pd.DataFrame) -> pd.Series:
    """Which part of an area each figure is of, where the code of its scope leaves that to words; else empty.

    All courts of an area are one part, however they are called; any other court is a part of its own.
    """
    found = areas(frame)
    return found.where(frame["scope"].isin(_WORDED_SCOPES) & (found != "whole"), "")


def rule_changed(metric: Metric, earlier: float, year: int) -> bool:
    """Whether a new rule of the metric began after the earlier year, up to the later one."""
    return any(earlier < first <= year for first in metric.break_years)


def behind(ids: pd.Series, records: Mapping[str, Any], attribute: str) -> pd.Series:
    """A text that the records of the catalogue hold on each id."""
    return ids.map({name: getattr(records[name], attribute) for name in ids.unique()}).astype("str")


def _base_stated(panel: Panel, frame: pd.DataFrame) -> pd.Series:
    """Whether the denominators of each row's metric are figures of the same region, year and scope."""
    key = ["region_code", "year", "scope", "metric_id"]
    bases = {name: panel.catalog.metrics[name].denominators for name in frame["metric_id"].unique()}
    parts, years = sorted({part for base in bases.values() for part in base}), frame["year"].unique()
    known = panel.facts(year=years.tolist(), metrics=parts, whole_area=True)
    have = set(known[key].itertuples(index=False, name=None))
    rows = frame[key].itertuples(index=False, name=None)
    wanted = ([(*where, part) for part in bases[name]] for *where, name in rows)
    return pd.Series(
        [bool(parts) and have.issuperset(parts) for parts in wanted], index=frame.index, dtype=bool
    )


def _hazards(frame: pd.DataFrame, catalog: Catalog, stated: pd.Series, wanted: pd.DataFrame) -> pd.DataFrame:
    """Whether each reason applies to each row: one column a reason."""
    about = ("measure", "unit", "comparable")
    measure, unit, comparable = (behind(frame["metric_id"], catalog.metrics, name) for name in about)
    share, stock, period = (measure == "rate") & (unit == "%"), measure == "stock", frame["period"]
    of_a_date = period.str.startswith(("full", "cumulative", "year_end", "at-"))
    hazards = {
        "not_comparable": comparable == "no",
        "scored_elsewhere": measure.isin(["rank", "score"]) & (comparable != "yes"),
        "part_year": ~stock & period.str.startswith("ytd-"),
        "cumulative": ~stock & (period == "cumulative"),
        "other_period": np.where(stock, ~of_a_date, period.str.startswith("span-")),
        "scope_differs": (frame["scope"] != wanted["scope"]) | (part_of(frame) != wanted["part"]),
        "base_unstated": (measure == "change") | (share & ~stated),
        "saturated": share & (frame["value"] >= SATURATION),
        "provisional": frame["status"] == "P",
        "estimated": frame["status"] == "E",
        "no_residents": False,
    }
    return pd.DataFrame(hazards, index=frame.index, columns=list(REASONS)).astype(bool)


def _same_form(frame: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Whether a figure comes from a form or a definition that is the same for every city, and no copy."""
    about = ("kind", "reliability")
    kind, reliability = (behind(frame["source_id"], catalog.sources, name) for name in about)
    form = frame["metric_id"].str.startswith("oversight.disclosure_") & (kind == "disclosure_report")
    context = frame["metric_id"].str.startswith("context.") & reliability.isin(["official", "dataset"])
    return (form | context) & (frame["status"] != "U")


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
    told = shares[["metric_id", "value", *_KEY[:3]]].itertuples(index=False, name=None)
    found = [_pair(metrics[name], float(value), where, known) for name, value, *where in told]
    return pd.DataFrame(found, index=shares.index, columns=["numerator", "denominator", "parts"])


def _pair(
    metric: Metric, share: float, where: list[object], known: Mapping[tuple[object, ...], tuple[int, float]]
) -> tuple[float, float, tuple[int, ...]]:
    """Numerator, denominator and labels of the parts of one share; NaN and none where they do not fit."""
    first = len(metric.numerators)
    wanted = [(*where, part) for part in (*metric.numerators, *metric.denominators)]
    if metric.numerators and metric.denominators and all(key in known for key in wanted):
        rows, values = zip(*(known[key] for key in wanted), strict=True)
        above, below = sum(values[:first]), sum(values[first:])
        if below > 0 and abs(100 * above / below - share) <= NEAR:
            return float(above), float(below), tuple(int(row) for row in rows)
    return (np.nan, np.nan, ())
