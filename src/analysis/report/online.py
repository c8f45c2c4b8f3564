"""How much of a catalogue is “online”: one word, several bases, and what the printed digits imply.

The shares are of items on a list, which is a decision and no random process, so they get no interval of
chance: only the digits as printed limit what they can mean. It ranks no city by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis import quantity, words
from analysis.figures import Chart, bars, ranked_dots
from analysis.quantity import Rounding
from analysis.report import checks
from analysis.report.amounts import by_metric
from analysis.report.context import Context
from analysis.report.outputs import Prose
from analysis.report.shared import absent, chart_words

AVAILABLE, FULL = "services.online_available_rate", "services.full_online_rate"
APPLICATION, INSTANT = "services.online_rate", "services.instant_rate"
RATES = (AVAILABLE, FULL, APPLICATION)
"""The printed shares of items online, each of its own list."""
HALL_ITEMS, HALL_ONLINE = "services.hall_items", "services.items_online_hall"
IMMEDIATE = "services.items_immediate"
LABELS = ("services.items_once", HALL_ONLINE, "services.items_nearby", IMMEDIATE)
"""The four labels of items in the service hall; one item may carry several."""
_SCOPES = ("whole", "own_level", "other")
_LARGEST_BASE = 10_000
_RULES = (Rounding.HALF_UP, Rounding.TRUNCATION)


def shares(context: Context) -> pd.DataFrame:
    """Every share of items online that the year's figures give, highest first.

    Returns the columns label, value, lower, upper (what the printed digits allow, in per cent), role (focus:
    printed; other: computed from two counts), metric_id, scope, printed and rows (labels in the panel).
    """
    found = [_printed(context, row) for row in by_metric(context, RATES, _SCOPES, part_year=True).values()]
    hall = by_metric(context, (HALL_ITEMS, HALL_ONLINE), ("own_level", "whole"))
    if len(hall) == 2:
        value = 100 * float(hall[HALL_ONLINE]["value"]) / float(hall[HALL_ITEMS]["value"])
        label = f"{context.label('services', 'hall_online')}{words.comma(context.language)}"
        scope = str(hall[HALL_ITEMS]["scope"])
        rows = tuple(int(str(row.name)) for row in hall.values())
        label += context.label("scope", scope)
        found.append((label, value, value, value, "other", HALL_ONLINE, scope, "", rows))
    columns = ["label", "value", "lower", "upper", "role", "metric_id", "scope", "printed", "rows"]
    return pd.DataFrame(found, columns=columns).sort_values("value", ascending=False, kind="stable")


def _printed(context: Context, row: pd.Series) -> tuple[Any, ...]:
    """A printed rate with the values that round to it, both by half up and by truncation."""
    printed = Decimal(str(row["printed"]))
    windows = [quantity.unround(printed, _step(row), rule) for rule in _RULES]
    comma = words.comma(context.language)
    name = context.metric(str(row["metric_id"])).label(context.language)
    part = "" if row["period"] in ("full", "year_end") else f"{comma}{context.period(row)}"
    return (
        f"{name}{comma}{context.label('scope', str(row['scope']))}{part}",
        float(printed),
        min(float(window.lower) for window in windows),
        min(100.0, max(float(window.upper) for window in windows)),
        "focus",
        str(row["metric_id"]),
        str(row["scope"]),
        str(row["printed"]),
        (int(str(row.name)),),
    )


def _step(row: pd.Series) -> Decimal:
    return quantity.printed_step(str(row["printed"]), str(row["evidence"]), continuous=True)


def spread(context: Context) -> dict[str, Any] | None:
    """The lowest and the highest share called online; None with fewer than two."""
    frame = shares(context)
    if len(frame) < 2:
        return None
    top, low = frame.iloc[0], frame.iloc[-1]
    return {
        "count": len(frame),
        "top": words.significant(top["value"], 4),
        "top_name": _lowered(context, top["label"]),
        "low": words.significant(low["value"], 4),
        "low_name": _lowered(context, low["label"]),
        "computed": bool((frame["role"] == "other").any()),
        "cite": context.cite(*(row for rows in frame["rows"] for row in rows)),
    }


def _lowered(context: Context, label: str) -> str:
    return label if context.language == "zh" else words.lowered(label)


def remainders(context: Context) -> dict[str, Any] | None:
    """What is not yet online by the weaker and the stronger meaning, on one scope; None without both."""
    rows = by_metric(context, (AVAILABLE, FULL), _SCOPES, part_year=True)
    if len(rows) < 2 or len({(row["scope"], row["period"]) for row in rows.values()}) > 1:
        return None
    available, full = (float(rows[key]["value"]) for key in (AVAILABLE, FULL))
    if not full < available < 100:
        return None
    return {
        "available": available,
        "full": full,
        "missing_available": round(100 - available, 2),
        "missing_full": round(100 - full, 2),
        "points": round(available - full, 2),
        "times": (100 - full) / (100 - available),
        "scope": context.label("scope", str(rows[FULL]["scope"])),
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def least_base(context: Context) -> dict[str, Any] | None:
    """The smallest list of licensing items that can give all its printed shares; None with fewer than two.

    For each length the whole numbers of items are tried that round, or truncate, to the printed digits; one
    report may follow both rules. `hall` is the length of the hall's list, None when not reported.
    """
    rows = _own_shares(context)
    base = fitting_base(context)
    if base is None:
        return None
    hall = by_metric(context, (HALL_ITEMS,), ("own_level",)).get(HALL_ITEMS)
    return {
        "base": base,
        "shares": len(rows),
        "hall": None if hall is None else int(hall["value"]),
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def fitting_base(context: Context) -> int | None:
    """The length of the list of `least_base`; None where no length up to ten thousand fits."""
    return context.shared("fitting base", lambda: _fitting_base(list(_own_shares(context).values())))


def _own_shares(context: Context) -> dict[str, pd.Series]:
    """The shares of licensing items that the city prints for its own level, without all and none of them."""
    rows = by_metric(context, (AVAILABLE, FULL, INSTANT), ("own_level",), part_year=True)
    return {key: row for key, row in rows.items() if 0 < row["value"] < 100 and row["qualifier"] == "="}


def _fitting_base(rows: Sequence[pd.Series]) -> int | None:
    if len(rows) < 2 or len({row["period"] for row in rows}) > 1:
        return None
    printed = [(Decimal(str(row["printed"])), _step(row)) for row in rows]
    fits = (
        base
        for base in range(1, _LARGEST_BASE)
        if all(any(quantity.feasible_numerators(*rate, base, rule) for rule in _RULES) for rate in printed)
    )
    return next(fits, None)


def catalogue(context: Context) -> dict[str, Any] | None:
    """The items online, and how many items the printed rate implies in all; None without both."""
    frame = checks.findings(context, ("services",))
    frame = frame[(frame["metric_id"] == APPLICATION) & (frame["reason"] == "implied_base")]
    rows = by_metric(context, ("services.items_online", APPLICATION))
    if frame.empty or len(rows) < 2:
        return None
    lower, upper = int(frame.iloc[0]["lower"]), int(frame.iloc[0]["upper"])
    online = int(rows["services.items_online"]["value"])
    return {
        "online": online,
        "rate": words.number(float(rows[APPLICATION]["value"])),
        "lower": lower,
        "upper": upper,
        "missing_lower": lower - online,
        "missing_upper": upper - online,
        "cite": context.cite(*(int(str(row.name)) for row in rows.values())),
    }


def hall_labels(context: Context) -> pd.DataFrame:
    """The share of hall items with each of the four labels: label, value (per cent), count, items, metric_id.

    Empty when the items of the hall, or two labels, are not reported; `rows` are labels in the panel.
    """
    rows = by_metric(context, (HALL_ITEMS, *LABELS), ("own_level", "whole"))
    labels = [key for key in LABELS if key in rows]
    columns = ["label", "value", "count", "items", "metric_id", "row", "base_row"]
    if HALL_ITEMS not in rows or len(labels) < 2:
        return pd.DataFrame(columns=columns)
    items = float(rows[HALL_ITEMS]["value"])
    cells = [
        (
            context.label("services", key.partition(".")[2]),
            100 * float(rows[key]["value"]) / items,
            int(rows[key]["value"]),
            int(items),
            key,
            int(str(rows[key].name)),
            int(str(rows[HALL_ITEMS].name)),
        )
        for key in labels
    ]
    return pd.DataFrame(cells, columns=columns).sort_values("value", ascending=False, kind="stable")


def instant(context: Context) -> dict[str, Any] | None:
    """What is decided at once, as a share of licensing items and of hall items; None without both."""
    frame = hall_labels(context).set_index("metric_id")
    rows = by_metric(context, (INSTANT,), ("own_level", "whole"))
    if IMMEDIATE not in frame.index or not rows:
        return None
    hall = frame.loc[[IMMEDIATE]].iloc[0]
    return {
        "rate": words.number(float(rows[INSTANT]["value"])),
        "share": words.significant(hall["value"]),
        "labelled": int(hall["count"]),
        "total": int(hall["items"]),
        "cite": context.cite(int(str(rows[INSTANT].name)), int(hall["row"]), int(hall["base_row"])),
    }


def online_figure(context: Context) -> Chart | Prose:
    """The shares called online as dots from 0 to 100 per cent, with what is not online beside each."""
    frame = shares(context)
    found = spread(context)
    if found is None:
        return absent(context, "absent_services_online", shares=len(frame))
    rest = context.label("services", "not_online")
    drawn = frame.assign(
        note=[f"({rest.format(share=words.number(round(100 - value, 2)))})" for value in frame["value"]]
        if context.language == "en"
        else [f"（{rest.format(share=words.number(round(100 - value, 2)))}）" for value in frame["value"]]
    )
    drawing = ranked_dots(
        drawn,
        words=chart_words(context),
        role_labels={key: context.label("services", f"role_{key}") for key in dict.fromkeys(drawn["role"])},
        number=lambda value: f"{words.significant(value, 4)}%",
        axis_number=lambda value: f"{words.number(value)}%" if value <= 100 else "",
    )
    rows = [row for labels in frame["rows"] for row in labels]
    values = {key: value for key, value in found.items() if key != "cite"}
    data = frame.drop(columns="rows")
    return context.chart("services_online", drawing, data, rows, year=context.edition.year, **values)


def labels_figure(context: Context) -> Chart | Prose:
    """The share of hall items with each label as bars; a sentence where it cannot be computed."""
    frame = hall_labels(context)
    if frame.empty:
        return absent(context, "absent_hall_labels")
    pattern = context.label("services", "of_items")
    drawn = frame.assign(
        note=[
            pattern.format(count=words.number(count), items=words.number(items))
            for count, items in zip(frame["count"], frame["items"], strict=True)
        ],
        role="focus",
    )
    drawing = bars(drawn, words=chart_words(context), number=lambda value: f"{words.significant(value)}%")
    top, low = frame.iloc[0], frame.iloc[-1]
    return context.chart(
        "hall_labels",
        drawing,
        frame.drop(columns=["row", "base_row"]),
        [*frame["row"], frame.iloc[0]["base_row"]],
        year=context.edition.year,
        labels=len(frame),
        items=int(top["items"]),
        sum_percent=float(frame["value"].sum()),
        top=_lowered(context, str(top["label"])),
        top_share=words.significant(top["value"]),
        low=_lowered(context, str(low["label"])),
        low_share=words.significant(low["value"]),
    )
