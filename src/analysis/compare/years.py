"""One region over the years: series of points, their changes, what printed changes imply, and vintages.

It never fills a year, joins or tests across a break, calls a later source truer, or says what a span of years
implies for the year before; nothing of it is written to the panel. Source: the methods, sections 2 and 3.
"""

from collections.abc import Collection
from itertools import chain

import numpy as np
import pandas as pd

from analysis import stats
from analysis.audit.facts import Fact, read
from analysis.compare.grades import behind, counts_behind, exact, first_of, graded, part_of, rule_changed
from analysis.panel import FACT, Panel, fact_key
from analysis.quantity import HUNDRED, Rounding, prior_value

_SERIES = ["metric_id", "scope", "part", "kind"]
_NAMES = [
    *("region_code", "unit_name", "metric_id", "scope", "scope_as_reported"),
    *("period", "year_before", "year", "source_id"),
]
_NUMBERS = ["current", "change", "implied", "lower", "upper", "cut_lower", "cut_upper", "reported", "gives"]
_TEST = ["lower", "upper", "method", "n", "p_value"]


def series(panel: Panel, region: str, metrics: Collection[str] = ()) -> pd.DataFrame:
    """Every point of every metric that has more than one year in a region; departments' own figures left out.

    Returns:
        One row a point, by metric, series and year: the columns of an observation (empty where `derived`);
        `kind` of period and `part` of the area; `grade` and `reason` as a figure of its own scope; `lower`,
        `upper`, `method`, `n` (exact Poisson for an exact count, else what the printed digits leave open, if
        anything); `series`, an id; `break_before`: a new rule began after the point before; `rows`.

    Raises:
        InputError: There is no such region or metric; the closest is named.
    """
    code, known = panel.catalog.region(region).region_code, panel.catalog.metrics
    wanted = [panel.catalog.metric(name).metric_id for name in metrics]
    reported = _reported(panel, panel.facts(code, metrics=wanted or None, whole_area=True))
    implied = backcasts(panel, code)
    implied = implied[(implied["unit_name"] == "") & (implied["metric_id"].isin(wanted) | (not wanted))]
    implied = implied.assign(
        **{"printed": "", "qualifier": "~", "status": "E", "grade": "C", "reason": "derived"},
        **{"year": implied["year_before"], "value": implied["implied"], "rows": implied["rows"].str[:2]},
        **{"kind": period_kinds(implied["period"]), "part": part_of(implied)},
        derived=True,
    )
    points = pd.concat([reported, implied], ignore_index=True)[reported.columns]
    # a back-cast stands only where nobody reported that year
    points = points[~points["derived"] | points.groupby([*_SERIES, "year"])["derived"].transform("all")]
    points = points[points.groupby("metric_id")["year"].transform("nunique") > 1]
    points = points.assign(order=points["metric_id"].map(list(known).index))
    points = points.sort_values(["order", *_SERIES[1:], "year", "period"], kind="stable", ignore_index=True)
    points = points.assign(series=points.groupby(_SERIES, sort=False).ngroup()).drop(columns="order")
    before = points.groupby("series")["year"].shift()
    told = zip(points["metric_id"], before, points["year"], strict=True)
    breaks = pd.Series([rule_changed(known[name], *years) for name, *years in told], dtype=bool)
    return points.assign(break_before=breaks | (before.notna() & (points["status"] == "B")))


def period_kinds(periods: pd.Series) -> pd.Series:
    """What each period is: `year` (a whole year), `date` (a stock), or itself: ytd-06 meets ytd-06 only."""
    dates = periods.str.startswith("at-") | (periods == "year_end")
    return periods.mask(dates, "date").replace("full", "year")


def _reported(panel: Panel, facts: pd.DataFrame) -> pd.DataFrame:
    frame = graded(panel, panel.pick(facts)).drop(columns="weight")
    events = [panel.catalog.metrics[name].counts_events for name in frame["metric_id"]]
    means = [fact.interval for fact in read(frame, panel.identities.continuous)]
    lower, upper = np.array([(mean.lower, mean.upper) for mean in means], dtype=float).reshape(-1, 2).T
    counted = (lower == upper) & np.array(events, dtype=bool)
    shown = np.isfinite(lower) & np.isfinite(upper) & (lower != upper)
    poisson = stats.poisson_interval(pd.DataFrame({"count": frame["value"].where(counted)}))
    return frame.assign(
        kind=period_kinds(frame["period"]),
        part=part_of(frame),
        lower=poisson["lower"].where(counted, np.where(shown, lower, np.nan)),
        upper=poisson["upper"].where(counted, np.where(shown, upper, np.nan)),
        method=np.where(counted, poisson["method"], np.where(shown, "as printed", "")),
        n=poisson["n"].where(counted).mask(shown, 1),
        rows=pd.Series([(int(row),) for row in frame.index], index=frame.index, dtype=object),
    )


def changes(panel: Panel, points: pd.DataFrame) -> pd.DataFrame:
    """The change between neighbouring points of each series: one row a pair of years.

    The points are those of `series`, all of one page, because its tests are one family. Ranks, scores and
    printed changes are left out.

    Returns:
        The columns of the later point and, with the ending `_before`, of the earlier; `ratio` (NaN after
        zero); `change`, the ratio or, of shares, the difference in percentage points, as `statistic` says
        (`ratio`, `points`); `lower`, `upper`, `method`, `n`, `p_value` of the test, if any; `p_adjusted`
        (Benjamini-Hochberg over all `tests` of the frame); `reason` (of `untested`, empty where tested);
        `rows` of both years and of the counts behind shares.
    """
    measure, unit = (behind(points["metric_id"], panel.catalog.metrics, name) for name in ("measure", "unit"))
    share = (measure == "rate") & (unit == "%")
    events = [panel.catalog.metrics[name].counts_events for name in points["metric_id"]]
    amounts = points.assign(
        share=share,
        events=pd.Series(events, index=points.index, dtype=bool),
        inexact=~share & (~exact(points) | (points["method"] == "as printed")),
    )[measure.isin(["count", "stock", "rate"])]
    amounts = amounts.join(counts_behind(panel, amounts))
    pairs = amounts.join(amounts.groupby("series", sort=False).shift().add_suffix("_before"))
    pairs = pairs[pairs["year_before"] < pairs["year"]].astype({"year_before": int}).reset_index(drop=True)
    pairs["ratio"] = pairs["value"] / pairs["value_before"].replace(0.0, np.nan)
    pairs["reason"] = first_of(untested(pairs))
    tested = _tested(pairs)
    rests_on = pairs[["rows_before", "rows", "parts_before", "parts"]].itertuples(index=False, name=None)
    rows = [tuple(dict.fromkeys(chain(*four))) for four in rests_on]
    return pairs.drop(columns=_TEST[:-1]).assign(
        **tested,
        p_adjusted=stats.benjamini_hochberg(tested[["p_value"]])["q_value"],
        tests=tested["p_value"].notna().sum(),
        rows=pd.Series(rows, index=pairs.index, dtype=object),
    )


def untested(pairs: pd.DataFrame) -> pd.DataFrame:
    """Whether each reason forbids a test of each pair: one column a reason, the weightiest first."""

    def either(column: str, *values: object) -> pd.Series:
        return pairs[[column, f"{column}_before"]].isin(values).any(axis=1)

    bare = pairs[["denominator", "denominator_before"]].isna().any(axis=1)
    reasons = {
        "break_between": pairs["break_before"],
        "derived": either("derived", True),
        "not_events": ~pairs["events"] & ~pairs["share"],
        "no_full_year": pairs["kind"] != "year",
        "saturated": either("reason", "saturated"),
        "provisional": either("status", "P", "E"),
        "not_exact": either("inexact", True),
        "counts_unstated": pairs["share"] & bare,
    }
    return pd.DataFrame(reasons, index=pairs.index).astype(bool)


def _tested(pairs: pd.DataFrame) -> pd.DataFrame:
    """The test of each pair that bears one: conditional exact of two counts, Newcombe of two shares."""
    bears, share = pairs["reason"] == "", pairs["share"]
    counts = pairs[["value_before", "value"]].where(bears & ~share)
    ratios = stats.change_in_counts(counts, count_before="value_before", count_after="value", e_test=False)
    names = ["numerator_before", "denominator_before", "numerator", "denominator"]
    points = stats.change_in_proportions(
        pairs[names].where(bears & share), numerator_after="numerator", denominator_after="denominator"
    )
    points = points.assign(lower=points["lower"] * 100, upper=points["upper"] * 100)
    both = points[_TEST].where(share, ratios[_TEST])
    return both.assign(
        method=both["method"].where(both["p_value"].notna(), ""),
        statistic=np.where(share, "points", "ratio"),
        change=(pairs["value"] - pairs["value_before"]).where(share, pairs["ratio"]),
    )


def backcasts(panel: Panel, region: str | None = None, year: int | None = None) -> pd.DataFrame:
    """Printed changes with the figure of the year before that they imply: one row a figure and its change.

    prior = current / (1 + g), with g as either rounding rule may have printed it.

    Returns:
        The figure's names, period, years and source; `current` and `change` (per cent) as printed; `implied`,
        the middle; `lower` and `upper`, the whole numbers that a change rounded half up leaves open,
        `cut_lower` and `cut_upper` those of a truncated one; `reported`, the year before's own figure (NaN
        when none), and `gives`, the change in per cent that it would give; `outcome`, where it lies: inside
        an interval, outside both, open, or unreported; `method`, `n` (printed figures it rests on); `rows`
        (labels of the panel: the figure, its change and, where reported, the year before).
    """
    pairs = [(pair.level, pair.change) for pair in panel.identities.changes]
    facts = panel.facts(region, metrics=sorted({*chain(*pairs)}))
    known = read(facts, panel.identities.continuous)
    facts = facts.assign(row=facts.index, fact=pd.Series(known, index=facts.index, dtype=object))
    facts = facts.assign(time=[fact.time for fact in known], area=[fact.area for fact in known])
    # of years and their first months the year before is known, of spans of years it is not
    facts = facts[(facts["time"] == "year") | facts["period"].str.startswith("ytd-")]
    # two figures for one metric in one source do not say which of them the change is of
    place = ["region_code", "unit_name", "year", "time", "area"]
    alone = facts[~facts.duplicated([*place, "source_id", "metric_id"], keep=False)]
    given = alone[[*place, "source_id", "metric_id", "row", "fact"]].rename(columns={"metric_id": "of"})
    found = alone.merge(pd.DataFrame(pairs, columns=["metric_id", "of"]), on="metric_id")
    found = found.merge(given, on=[*place, "source_id", "of"], suffixes=("", "_of"))
    found = panel.pick(found[(found["year"] == year) | (year is None)])
    told = zip(found["fact"], found["fact_of"], strict=True)
    bears = [one.plain and one.interval.lower > -HUNDRED and level.interval.bounded for level, one in told]
    same = [*place, "metric_id"]
    prior = panel.pick(facts.assign(year=facts["year"] + 1)).drop_duplicates(same)[[*same, "row", "fact"]]
    found = found[np.array(bears, dtype=bool)].merge(prior, on=same, how="left", suffixes=("", "_before"))
    three = found[["fact", "fact_of", "fact_before"]].itertuples(index=False, name=None)
    implied = pd.DataFrame([_implied(*facts) for facts in three], columns=[*_NUMBERS, "outcome"])
    rows = found[["row", "row_of", "row_before"]].itertuples(index=False, name=None)
    return found.assign(year_before=found["year"] - 1)[_NAMES].assign(
        **implied.astype(dict.fromkeys(_NUMBERS, float)),
        method="back-cast, half-up",
        n=2 + found["row_before"].notna(),
        rows=pd.Series([tuple(int(row) for row in three if pd.notna(row)) for three in rows], dtype=object),
    )


def _implied(level: Fact, change: Fact, prior: Fact | float) -> tuple[float | str, ...]:
    rules = (Rounding.HALF_UP, Rounding.TRUNCATION)
    rounded, cut = (prior_value(level.interval, change.printed, change.step, rule) for rule in rules)
    ends = [float(end) for bounds in (rounded, cut) for end in bounds.outer_integers()]
    middle = float(round(level.printed / (1 + change.printed / HUNDRED)))
    first = (float(level.printed), float(change.printed), middle, *ends)
    if not isinstance(prior, Fact):
        return (*first, np.nan, np.nan, "unreported")
    either = rounded.hull(cut)
    fits = "inside" if prior.interval.within(either) and level.plain else "open"
    outcome = fits if prior.interval.meets(either) else "outside" if prior.label == level.label else "open"
    gives = float((level.printed / prior.printed - 1) * HUNDRED) if prior.printed else np.nan
    return (*first, float(prior.printed), round(gives, 2), outcome)


def vintages(panel: Panel, region: str | None = None, year: int | None = None) -> pd.DataFrame:
    """Every fact that several sources or several releases give: one row a fact and source, as in the panel.

    Returns:
        Observations, indexed by `row`, with `fact` (an id, in the panel's order), `published`, `reliability`;
        `used`, whether the panel picks this source, and `picked`, why it comes before the next: the original,
        more reliable, the latest, or listed first; `low` and `high` of its figures. A fact's rows stand
        together, the earliest published first.
    """
    facts = panel.facts(region, year)
    # the whole area goes by several names, which are one fact here as in the audit
    facts = facts.assign(scope_as_reported=fact_key(facts)["scope_as_reported"])
    facts = facts[facts.groupby(FACT)["source_id"].transform("nunique") > 1].rename_axis("row")
    groups, sources = facts.groupby(FACT, sort=False), panel.catalog.sources
    facts = facts.assign(
        fact=groups.ngroup(),
        **{name: behind(facts["source_id"], sources, name) for name in ("published", "reliability")},
        used=facts.index.isin(panel.pick(facts).index),
        low=groups["value"].transform("min"),
        high=groups["value"].transform("max"),
    )
    # what sets the source in use apart from the one that would be used without it
    first = facts[facts["used"]].set_index("fact")
    rest = facts[facts["source_id"] != facts["fact"].map(first["source_id"])]
    second = panel.pick(rest).set_index("fact").reindex(first.index)
    apart = {
        "original": (first["status"] == "U") != (second["status"] == "U"),
        "more_reliable": first["reliability"] != second["reliability"],
        "latest": first["published"] != second["published"],
        "listed_first": True,
    }
    why = facts["fact"].map(first_of(pd.DataFrame(apart))).astype("str")
    return facts.assign(picked=why).sort_values(["fact", "published"], kind="stable")
