"""Reconsideration cases as a flow: what came in, what was closed, how it ended, and what does not add up.

The levels and outcomes of one scope and one period are set in order; what they leave over is shown and not
explained. Shares of closed cases in which the agency was corrected are listed with their intervals, side by
side and never ranked: they differ in scope, level and year.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis import stats, words
from analysis.figures import Chart, waterfall
from analysis.report.context import Context
from analysis.report.outcomes import CLOSED, CORRECTIONS, OUTCOMES
from analysis.report.outputs import Prose, Table
from analysis.report.records import Record, grouped, records
from analysis.report.shared import absent, chart_words

LEVELS = ("received", "accepted", "handled", "closed")
"""What is counted on the way, in order; each as `reconsideration.<level>`."""
_CORRECTED = "reconsideration.corrections"
_SETTLED = ("reconsideration.mediated_or_withdrawn", "reconsideration.mediated")
_TERMINATED = "reconsideration.terminated"
_FEWEST_BARS = 3
_REGIME_OF = "reconsideration.correction_rate"


class Flow(NamedTuple):
    """The levels and outcomes of one scope and period: the panel's rows, in order."""

    levels: pd.DataFrame
    parts: pd.DataFrame
    scope: str
    period: str

    @property
    def bars(self) -> int:
        """How many figures there are to draw."""
        return len(self.levels) + len(self.parts)

    @property
    def rest(self) -> int:
        """How many cases of the last level the outcomes leave over; below zero when they exceed it."""
        return int(self.levels["value"].iloc[-1] - self.parts["value"].sum())


def flow(context: Context) -> Flow | None:
    """The fullest flow that the city reported for the year; None with fewer than three figures or no part."""
    return context.shared("case flow", lambda: _fullest(context.facts()))


def _fullest(facts: pd.DataFrame) -> Flow | None:
    """The fullest flow of some facts; only where closed cases are counted can there be one."""
    facts = facts[(facts["unit_name"] == "") & (facts["qualifier"] == "=") & facts["resolution"].isna()]
    groups = [
        _flow(group)
        for _, group in facts.groupby(["scope", "period"], sort=False)
        if CLOSED in group["metric_id"].tolist()
    ]
    fit = [found for found in groups if found.bars >= _FEWEST_BARS and len(found.levels) and len(found.parts)]
    return max(fit, key=lambda found: (found.bars, found.scope == "whole"), default=None)


def _flow(facts: pd.DataFrame) -> Flow:
    """Levels in order, outcomes by size; one that another may contain is left out."""
    by_metric = facts.drop_duplicates("metric_id").reset_index(names="row").set_index("metric_id", drop=False)
    has = set(by_metric.index)
    levels = [key for name in LEVELS if (key := f"reconsideration.{name}") in has]
    ends = [key for key in OUTCOMES if key in has]
    ends += [_CORRECTED] if _CORRECTED in has and not has & set(CORRECTIONS) else []
    ends += [] if _TERMINATED in has else [key for key in _SETTLED if key in has][:1]
    ends = ends if CLOSED in has else []
    parts = by_metric.loc[ends].sort_values("value", ascending=False, kind="stable")
    return Flow(by_metric.loc[levels], parts, str(facts["scope"].iloc[0]), str(facts["period"].iloc[0]))


def flow_words(context: Context) -> dict[str, Any] | None:
    """What sentences say of the flow: first and last level, what stays open, outcomes, what is left over."""
    found = flow(context)
    if found is None:
        return None
    first, last = found.levels.iloc[0], found.levels.iloc[-1]
    step = int(first["value"] - last["value"])
    return {
        "first": context.label("flow", _short(first)),
        "first_count": words.number(first["value"]),
        "closed": words.number(last["value"]),
        "levels": len(found.levels),
        "open": words.number(abs(step)),
        "more_came_in": step > 0,
        "as_many": step == 0,
        "outcomes": len(found.parts),
        "itemised": words.number(found.parts["value"].sum()),
        "rest": found.rest,
        "rest_percent": words.significant(100 * abs(found.rest) / last["value"]),
        "largest": context.label("outcome", _short(found.parts.iloc[0])),
        "largest_count": words.number(found.parts["value"].iloc[0]),
        "whole": found.scope == "whole",
        "scope": context.label("scope", found.scope),
        "period": words.period(found.period, context.edition.year, context.language),
        "full_year": found.period == "full",
        "cite": context.cite(*found.levels["row"], *found.parts["row"]),
    }


def flow_figure(context: Context) -> Chart | Prose:
    """The flow as a waterfall, corrections of the agency in colour; a sentence where there is none."""
    found = flow(context)
    if found is None:
        return absent(context, "absent_disputes_waterfall", year=context.edition.year)
    rows = pd.concat([found.levels, found.parts])
    closed = float(found.levels["value"].iloc[-1])
    frame = pd.DataFrame(
        {
            "label": [_label(context, row) for _, row in rows.iterrows()],
            "value": rows["value"].to_numpy(dtype=float),
            "kind": ["level"] * len(found.levels) + ["part"] * len(found.parts),
            "role": ["focus" if key in (*CORRECTIONS, _CORRECTED) else "other" for key in rows["metric_id"]],
            "note": [""] * len(found.levels)
            + [_share(context, value / closed) for value in found.parts["value"]],
            "rest": [*_rests(context, found), *[""] * len(found.parts)],
        }
    )
    drawing = waterfall(frame, words=chart_words(context), axis_label=context.label("flow", "axis"))
    data = rows[["metric_id", "value", "scope", "period", "source_id", "locator", "evidence"]]
    data = data.assign(kind=frame["kind"].to_numpy())
    said = {**(flow_words(context) or {}), "corrected": bool((frame["role"] == "focus").any())}
    return context.chart("disputes_waterfall", drawing, data, rows["row"], year=context.edition.year, **said)


def _rests(context: Context, found: Flow) -> list[str]:
    """The words for what each level leaves over, on its way to the next one or after the outcomes."""
    values = [*found.levels["value"], float(found.parts["value"].sum())]
    nexts = [*(_short(row) for _, row in found.levels.iloc[1:].iterrows()), "outcomes"]
    return [
        context.label("flow", f"{'short' if here > then else 'over'}_{name}")
        for here, then, name in zip(values[:-1], values[1:], nexts, strict=True)
    ]


def _label(context: Context, row: pd.Series) -> str:
    group = "flow" if _short(row) in LEVELS else "outcome"
    label = context.label(group, _short(row))
    return label[:1].upper() + label[1:]


def _short(row: pd.Series) -> str:
    return str(row["metric_id"]).partition(".")[2]


def _share(context: Context, share: float) -> str:
    return words.bracketed(f"{words.significant(100 * share, 2)}%", context.language)


def shares(context: Context) -> Table:
    """Shares of closed cases in which the agency was corrected, wherever both counts are printed.

    The city first, then by year; only years under the same rules as the edition's, because a change of law
    changes what is counted, and only the edition's year where the city has no such share. Wilson intervals.
    """
    found = correction_shares(context)
    context.cite(*(row for rows in found["rows"] for row in rows))
    rows = [_share_row(context, row) for _, row in found.iterrows()]
    names = context.columns("region", "period", "scope", "corrected_of", "share", "interval", "reason")
    caption = {
        "en": "Closed cases in which the agency was corrected, side by side",
        "zh": "审结案件中的纠正占比（并列，不排名）",
    }[context.language]
    empty = {
        "en": "No report of the year prints both counts.",
        "zh": "当年没有同时公布两项计数的报告。",
    }[context.language]
    return Table(
        "shares",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=tuple(names[3:6]),
        unbroken=context.unbroken(*names[:3]),
        empty=empty,
    )


def own_share(context: Context) -> dict[str, Any] | None:
    """The city's own share of corrections, the fullest where it gives several; None where it gives none.

    `complete` says whether every kind of correction is printed; the count is a least one where not.
    """
    found = correction_shares(context)
    found = found[found["mine"]].sort_values(["complete", "closed"], ascending=False, kind="stable")
    if found.empty:
        return None
    row = found.iloc[0]
    return {
        "count": words.number(row["count"]),
        "closed": words.number(row["closed"]),
        "complete": bool(row["complete"]),
        **{name: f"{100 * row[name]:.1f}%" for name in ("value", "lower", "upper")},
        "method": words.method(str(row["method"]).partition(",")[0], context.language),
        "whole": row["scope"] == "whole",
        "scope": context.label("scope", str(row["scope"])),
        "full_year": row["period"] == "full",
        "period": context.period(row),
        "cite": context.cite(*row["rows"]),
    }


def correction_shares(context: Context) -> pd.DataFrame:
    """Counts of corrected and closed cases of one region, year, scope and period, with Wilson limits.

    Columns region_code, year, period, scope, count, closed, complete (all kinds of correction are printed),
    value, lower, upper (shares of one), rows (labels of the panel); the focus first, then the latest.
    """
    return context.shared("correction shares", lambda: _correction_shares(context))


def _correction_shares(context: Context) -> pd.DataFrame:
    panel = context.panel
    facts = panel.pick(panel.facts(metrics=[CLOSED, _CORRECTED, *CORRECTIONS], whole_area=True))
    breaks = [int(year) for year in context.metric(_REGIME_OF).breaks.split(";") if year]
    regime = bisect_right(breaks, context.edition.year)
    facts = facts[[bisect_right(breaks, int(year)) == regime for year in facts["year"]]]
    facts = facts[(facts["qualifier"] == "=") & facts["resolution"].isna()]
    keys = ["region_code", "year", "period", "scope"]
    groups = grouped(records(facts, *keys, "metric_id", "value"), *keys)
    rows = [
        dict(zip(keys, key, strict=True)) | counted
        for key in sorted(groups)
        if (counted := _counted(groups[key])) is not None
    ]
    frame = pd.DataFrame(rows, columns=[*keys, "count", "closed", "complete", "rows"])
    frame = stats.wilson_interval(frame, numerator="count", denominator="closed")
    frame = frame[frame["refusal"] == ""]
    frame = frame.assign(
        mine=(frame["region_code"] == context.edition.city) & (frame["year"] == context.edition.year)
    )
    if not frame["mine"].any():
        frame = frame[frame["year"] == context.edition.year]
    return frame.sort_values(["mine", "year"], ascending=False, kind="stable")


def _counted(group: Sequence[Record]) -> dict[str, Any] | None:
    """Corrected and closed cases of one group; None where one of them is not printed."""
    values = {row["metric_id"]: row["value"] for row in group}
    kinds = [key for key in CORRECTIONS if key in values]
    whole = set(kinds) == set(CORRECTIONS)
    chosen = kinds if whole or _CORRECTED not in values else [_CORRECTED]
    if not values.get(CLOSED) or not chosen:
        return None
    return {
        "count": int(sum(values[key] for key in chosen)),
        "closed": int(values[CLOSED]),
        "complete": whole or chosen == [_CORRECTED],
        "rows": tuple(row["row"] for row in group if row["metric_id"] in (CLOSED, *chosen)),
    }


def _share_row(context: Context, row: pd.Series) -> tuple[str, ...]:
    wording = context.label("flow", "count_of" if row["complete"] else "at_least")
    joiner = "–" if context.language == "en" else "—"
    return (
        context.name(str(row["region_code"])),
        context.period(row),
        context.label("scope", str(row["scope"])),
        wording.format(count=words.number(row["count"]), closed=words.number(row["closed"])),
        f"{100 * row['value']:.1f}%",
        f"{100 * row['lower']:.1f}{joiner}{100 * row['upper']:.1f}%",
        words.comma(context.language).join(_reasons(context, row)),
    )


def _reasons(context: Context, row: pd.Series) -> list[str]:
    """Why a share stands beside the city's and is not compared with it."""
    if row["mine"]:
        return [context.label("word", "page_city")]
    regions = context.panel.catalog.regions
    mine = regions[context.edition.city]
    tests = {
        "other_level": regions[str(row["region_code"])].level != mine.level,
        "other_year": int(row["year"]) != context.edition.year,
        "part_year": str(row["period"]).startswith("ytd-"),
        "scope_differs": row["scope"] != "whole",
        "listed_only": not row["complete"],
    }
    return [context.label("reason", key) for key, holds in tests.items() if holds] or [
        context.label("reason", "few_with_counts")
    ]
