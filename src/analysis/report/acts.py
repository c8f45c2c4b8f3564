"""Acts of officials: what the year's records hold, and how far the counting rule alone carries their number.

Files disclosed on a platform and decisions in a disclosure report share a name and not a rule, so counts of
other places and years stand beside the city's in a table and enter no chart, place or test.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import compare, words
from analysis.compare import PER_RESIDENTS
from analysis.figures import Chart, bars
from analysis.report.amounts import by_metric, per_residents, rate_words
from analysis.report.context import Context
from analysis.report.outputs import Prose, Table
from analysis.report.places import LOG_RANGE
from analysis.report.shared import absent, chart_words

BURDENS = (
    "enforcement.penalties",
    "enforcement.levies",
    "enforcement.coercion",
    "enforcement.requisitions",
)
"""Acts that impose a burden on the person concerned."""
ACTS = ("enforcement.permits", "enforcement.inspections", *BURDENS)
"""What officials do to or for a person, each act counted once."""
_PAIR = ("enforcement.penalties", "enforcement.inspections")
_PLATFORM = "case files disclosed"


def made_up(context: Context) -> dict[str, Any] | None:
    """What the acts of the year are made of; None with fewer than two kinds."""
    rows = by_metric(context, ACTS)
    if len(rows) < 2:
        return None
    counts = {key: float(row["value"]) for key, row in rows.items()}
    total, largest = sum(counts.values()), max(counts, key=lambda key: counts[key])
    rates = per_residents(context, rows)
    burdens = [key for key in BURDENS if key in counts]
    burden, permits = sum(counts[key] for key in burdens), counts.get("enforcement.permits", 0.0)
    inspections, penalties = counts.get("enforcement.inspections"), counts.get("enforcement.penalties")
    return {
        "kinds": len(rows),
        "total": total,
        "largest": _name(context, largest),
        "largest_count": counts[largest],
        "percent": 100 * counts[largest] / total,
        "burdens": [_name(context, key) for key in burdens],
        "burden": burden,
        "burden_percent": 100 * burden / total,
        "permits_per_burden": permits / burden if burden else None,
        "inspections": inspections,
        "penalties": penalties,
        "per_hundred": 100 * penalties / inspections if penalties and inspections else None,
        "platform": all(_counted_as(context, row) == "platform" for row in rows.values()),
        "rates": bool(rates["rate"].notna().all()),
        "intervals": bool(rates["lower"].notna().any()),
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
        "cite_pair": context.cite(*(int(str(rows[key].name)) for key in _PAIR if key in rows)),
    }


def figure(context: Context) -> Chart | Prose:
    """The acts by kind, those that impose a burden in colour, each with its rate per residents."""
    totals = made_up(context)
    if totals is None:
        return absent(context, "absent_enforcement_acts")
    rows = by_metric(context, ACTS)
    rates = per_residents(context, rows).sort_values("count", ascending=False, kind="stable")
    frame = pd.DataFrame(
        {
            "label": [context.metric(str(key)).label(context.language) for key in rates.index],
            "value": rates["count"],
            "note": [rate_words(context, row) for _, row in rates.iterrows()],
            "role": ["focus" if key in BURDENS else "other" for key in rates.index],
        }
    )
    log = bool(rates["count"].max() > LOG_RANGE * rates["count"].min() > 0)
    drawing = bars(frame, words=chart_words(context), log=log)
    known = [int(label) for label in rates["residents_row"].unique() if label >= 0]
    period = context.panel.rows(known)["period"].tolist()
    return context.chart(
        "enforcement_acts",
        drawing,
        rates.rename_axis("metric_id").reset_index(),
        [*(int(label) for label in rates["row"]), *known],
        year=context.edition.year,
        log=log,
        census="at-2020-11-01" in period,
        **{key: value for key, value in totals.items() if not key.startswith("cite")},
    )


def elsewhere(context: Context) -> pd.DataFrame:
    """The same acts counted for whole areas of any year: the city's first, then by metric and region.

    Returns the panel's columns with residents, residents_row, rate, times (against the city's rate) and
    counted_as; only regions with a known population; empty when the city or everybody else reports none.
    """
    return context.shared("elsewhere", lambda: _made_elsewhere(context))


def _made_elsewhere(context: Context) -> pd.DataFrame:
    mine = by_metric(context, ACTS)
    facts = context.panel.facts(metrics=list(mine), whole_area=True) if mine else context.facts().iloc[:0]
    facts = context.panel.pick(facts[(facts["scope"] == "whole") & (facts["period"] == "full")])
    own = {int(str(row.name)) for row in mine.values()}
    facts = facts[(facts["region_code"] != context.edition.city) | facts.index.isin(list(own))]
    known = [compare.residents(context.panel, int(year)) for year in facts["year"]]
    found = [
        table.loc[code, ["residents", "residents_row"]].tolist()
        if code in table.index
        else [float("nan"), -1]
        for table, code in zip(known, facts["region_code"], strict=True)
    ]
    people = pd.DataFrame(found, index=facts.index, columns=["residents", "residents_row"])
    rated = facts.join(people)
    rated = rated.assign(rate=rated["value"] / rated["residents"] * PER_RESIDENTS).dropna(subset="rate")
    is_mine = rated.index.isin(list(own))
    base = rated[is_mine].set_index("metric_id")["rate"]
    rated = rated.assign(
        times=rated["rate"] / rated["metric_id"].map(base),
        counted_as=[_counted_as(context, row) for _, row in rated.iterrows()],
        _order=rated["metric_id"].map(list(ACTS).index),
        _other=~is_mine,
    ).dropna(subset="times")
    both = rated.groupby("metric_id")["region_code"].transform("nunique") > 1
    return rated[both].sort_values(["_order", "_other", "region_code", "year"], kind="stable")


def scale(context: Context) -> dict[str, Any] | None:
    """The other region that shares most acts: how many times the city's rate its rates are; None if none."""
    frame = elsewhere(context)
    others = frame[frame["_other"]] if len(frame) else frame
    if others.empty:
        return None
    shared = others.groupby(["region_code", "year"])["metric_id"].nunique().sort_values(ascending=False)
    code, year = shared[shared == shared.iloc[0]].index.min()
    chosen = others[(others["region_code"] == code) & (others["year"] == year)]
    people = (int(row) for row in (*frame["residents_row"], *chosen["residents_row"]) if row >= 0)
    low, high = (chosen.loc[chosen["times"].idxmin()], chosen.loc[chosen["times"].idxmax()])
    return {
        "region": context.name(str(code)),
        "other_year": int(year),
        "kinds": len(chosen),
        "wide": bool(low["times"] > 1),
        "low": words.significant(low["times"]),
        "low_name": _name(context, str(low["metric_id"])),
        "high": words.significant(high["times"]),
        "high_name": _name(context, str(high["metric_id"])),
        "rules": sorted({context.label("counted_as", key) for key in {*frame["counted_as"]}}),
        "own_rule": context.label("counted_as", str(frame.loc[~frame["_other"], "counted_as"].iloc[0])),
        "other_rule": context.label("counted_as", str(chosen["counted_as"].iloc[0])),
        "same_rule": set(chosen["counted_as"]) == set(frame.loc[~frame["_other"], "counted_as"]),
        "cite": context.cite(*(int(str(label)) for label in chosen.index), *dict.fromkeys(people)),
    }


def table(context: Context) -> Table:
    """The acts of the city and of every other whole area in the panel, with what each number counts."""
    frame = elsewhere(context)
    context.cite(*(int(str(label)) for label in frame.index))
    names = context.columns("metric", "region", "period", "value", "rate", "times", "counted_as")
    caption = {
        "en": "The same words, another rule: shown for scale, not compared",
        "zh": "名称相同而口径不同的数字：仅供了解数量级，不作比较",
    }[context.language]
    empty = {
        "en": "The city reports no act that the panel counts for the whole of another place too.",
        "zh": "本市没有其他地区也有全域数字的执法行为。",
    }[context.language]
    return Table(
        "scale",
        caption,
        pd.DataFrame([_scale_row(context, row) for _, row in frame.iterrows()], columns=names),
        numeric=tuple(names[3:6]),
        unbroken=context.unbroken(names[1], names[2]),
        empty=empty,
    )


def _scale_row(context: Context, row: pd.Series) -> tuple[str, ...]:
    return (
        context.metric(str(row["metric_id"])).label(context.language),
        context.name(str(row["region_code"])),
        context.period(row),
        context.figure(row),
        words.significant(row["rate"]),
        words.significant(row["times"]) if row["_other"] else context.label("role", "focus"),
        context.label("counted_as", str(row["counted_as"])),
    )


def _counted_as(context: Context, row: pd.Series) -> str:
    """What a count counts: `platform` files, `decisions` of the disclosure form, or `unstated`."""
    if str(row["note"]).startswith(_PLATFORM):
        return "platform"
    kind = context.panel.catalog.sources[str(row["source_id"])].kind
    return "decisions" if kind == "disclosure_report" else "unstated"


def _name(context: Context, metric_id: str) -> str:
    return words.metric_in_sentence(context.metric(metric_id), context.language)
