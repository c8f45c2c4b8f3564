"""One region over the years: every metric with more than one year, with what joins or parts its points.

Points are joined only inside a series: same metric, scope, part of the area and kind of period, no break
between. No year is filled; what follows from a printed change (see `backcasts`) is marked as derived, leads
to the rows that it follows from, and never takes the place of a figure that was reported.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis import stats
from analysis.audit.facts import read
from analysis.compare.backcasts import backcasts
from analysis.compare.grades import graded, part_of, rule_changed
from analysis.panel import Panel

SERIES = ["metric_id", "scope", "part", "kind"]
"""The columns that make two points members of one series."""
_OF_BACKCASTS = ["year_before", "current", "change", "implied", "cut_lower", "cut_upper", "reported", "gives"]


def series(panel: Panel, region: str, metrics: Collection[str] = ()) -> pd.DataFrame:
    """Every point of every metric that has more than one year in a region; departments' own figures left out.

    Returns:
        One row a point, by metric, series and year: the columns of an observation (empty where derived);
        `kind` of period and `part` of the area; `grade` and `reason` as a figure of its own scope; `lower`,
        `upper`, `method`, `n` (exact Poisson for an exact count, else what the printed digits leave open; NaN
        where they leave nothing, or no end); `derived`; `series`, an id; `break_before`: a new rule began
        after the point before; `rows`, the labels of the panel that it rests on.

    Raises:
        InputError: There is no such region or metric; the closest is named.
    """
    code = panel.catalog.region(region).region_code
    wanted = [panel.catalog.metric(name).metric_id for name in metrics]
    facts = panel.facts(code, metrics=wanted or None, whole_area=True)
    points = pd.concat([_reported(panel, facts), _derived(panel, code, wanted)], ignore_index=True)
    # a back-cast stands only where nobody reported that year
    points = points[~points["derived"] | points.groupby([*SERIES, "year"])["derived"].transform("all")]
    points = points[points.groupby("metric_id")["year"].transform("nunique") > 1]
    points = points.assign(order=points["metric_id"].map(list(panel.catalog.metrics).index))
    points = points.sort_values(["order", *SERIES[1:], "year", "period"], kind="stable", ignore_index=True)
    points = points.assign(series=points.groupby(SERIES, sort=False).ngroup())
    return points.assign(break_before=_breaks(panel, points)).drop(columns="order")


def period_kind(period: str) -> str:
    """What a period is: `year` (a whole year), `date` (a stock), or the period itself where it is neither.

    So January to June of one year meets January to June of another, and never a whole year.
    """
    return {"full": "year", "year_end": "date"}.get(period, "date" if period.startswith("at-") else period)


def _reported(panel: Panel, facts: pd.DataFrame) -> pd.DataFrame:
    """The reported points with grade, trace and interval."""
    frame = graded(panel, panel.pick(facts))
    means = [fact.interval for fact in read(frame, panel.identities.continuous)]
    exact = np.array([mean.is_point for mean in means], dtype=bool)
    shown = np.array([mean.bounded for mean in means], dtype=bool) & ~exact
    events = [panel.catalog.metrics[name].counts_events for name in frame["metric_id"]]
    counted = exact & np.array(events, dtype=bool)
    ends = np.array([(mean.lower, mean.upper) for mean in means], dtype=float).reshape(-1, 2)
    poisson = stats.poisson_interval(pd.DataFrame({"count": frame["value"].where(counted)}))
    return frame.assign(
        kind=[period_kind(period) for period in frame["period"]],
        part=part_of(frame),
        lower=poisson["lower"].where(counted, np.where(shown, ends[:, 0], np.nan)),
        upper=poisson["upper"].where(counted, np.where(shown, ends[:, 1], np.nan)),
        method=np.where(counted, poisson["method"], np.where(shown, "as printed", "")),
        n=poisson["n"].where(counted).mask(shown, 1),
        rows=pd.Series([(int(row),) for row in frame.index], index=frame.index, dtype=object),
    ).drop(columns="weight")


def _derived(panel: Panel, region: str, metrics: Collection[str]) -> pd.DataFrame:
    """The years before that printed changes imply, as points; they rest on the change and its level."""
    found = backcasts(panel, region)
    found = found[(found["unit_name"] == "") & (found["metric_id"].isin(metrics) | (not metrics))]
    return found.assign(
        year=found["year_before"],
        value=found["implied"],
        rows=[rows[:2] for rows in found["rows"]],
        kind=[period_kind(period) for period in found["period"]],
        part=part_of(found),
        printed="",
        qualifier="~",
        status="E",
        derived=True,
        grade="C",
        reason="derived",
    ).drop(columns=[*_OF_BACKCASTS, "outcome"])


def _breaks(panel: Panel, points: pd.DataFrame) -> list[bool]:
    """Whether the metric's rule changed between a point and the one before it in its series."""
    before = points.groupby("series")["year"].shift()
    metrics = [panel.catalog.metrics[name] for name in points["metric_id"]]
    columns = zip(metrics, before, points["year"], points["status"], strict=True)
    return [
        pd.notna(earlier) and (status == "B" or rule_changed(metric, earlier, year))
        for metric, earlier, year, status in columns
    ]
