"""The audit of one report as a page shows it: how many checks agree, the findings, rates against rounding.

The verdicts are the audit's; this module only words and arranges them. It accuses nobody: a figure is "not
reproducible from the printed parts", never wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis import audit, quantity, words
from analysis.quantity import Rounding
from analysis.report.context import Context
from analysis.report.outputs import Table
from analysis.report.records import Record, records

_ORDER = ("fail", "undecided", "note", "pass")


def findings(context: Context, domains: Sequence[str] = ()) -> pd.DataFrame:
    """The findings of `audit.report` on the edition's city and year, the failing ones first.

    Args:
        context: The page.
        domains: Only findings on metrics of these domains; all when empty.
    """
    frame = context.shared("findings", lambda: _audited(context))
    if not domains:
        return frame
    return frame[frame["metric_id"].str.startswith(tuple(f"{name}." for name in domains)).astype(bool)]


def counts(context: Context) -> dict[str, Any]:
    """How many checks could be made, by verdict, and how many recomputable rates follow which rounding rule.

    Routine checks are counted apart, because that a share is below 100 % proves little, and so are notes,
    which have no verdict.
    """
    frame = findings(context)
    routine = _routine(frame)
    made = frame.loc[~routine, "verdict"].value_counts()
    notes = int(made.get("note", 0))
    rules = rate_windows(context)["rule"].value_counts()
    return {
        "city": context.city,
        "year": context.edition.year,
        "total": int((~routine).sum()) - notes,
        "routine": int(routine.sum()),
        **{f"verdict_{name}": int(made.get(name, 0)) for name in _ORDER},
        "rates": int(rules.sum()),
        **{
            name: int(rules.get(name, 0))
            for name in ("truncation_only", "rounding_only", "either", "neither")
        },
    }


def table(context: Context, domains: Sequence[str] = ()) -> Table:
    """Every finding that is more than a range or an order kept: figure, parts, what follows, verdict."""
    frame = findings(context, domains)
    rows = [_row(context, row) for _, row in frame[~_routine(frame)].iterrows()]
    names = context.columns("check", "reported", "parts", "computed", "verdict", "n")
    caption = {
        "en": "What follows from the printed figures, and whether it agrees",
        "zh": "由公布数字推得的结果及其是否相符",
    }[context.language]
    empty = {
        "en": "The figures allow no such check: nothing is stated twice and no total has printed parts.",
        "zh": "所报数字无法作此核验：没有重复出现的数字，合计也没有列出分项。",
    }[context.language]
    return Table(
        "audit",
        caption,
        pd.DataFrame(rows, columns=names),
        numeric=(names[5],),
        unbroken=context.unbroken(names[3]),
        empty=empty,
    )


def rate_windows(context: Context) -> pd.DataFrame:
    """Each printed rate that printed counts give: the exact quotient and what each rounding rule would allow.

    Returns the columns label, printed, exact, half_up_lower, half_up_upper, truncated_lower, truncated_upper
    (all in per cent), rule (truncation_only, rounding_only, either or neither) and row (the rate's label in
    the panel).
    """
    return context.once("rate windows", lambda: _rate_windows(context))


def _rate_windows(context: Context) -> pd.DataFrame:
    frame = findings(context)
    rates = frame[frame["check"].isin(["rate", "grim"]) & frame["expected"].notna()]
    facts: dict[tuple[str, str], Record] = {}
    for fact in records(context.facts(), "metric_id", "scope", "printed", "evidence"):
        facts.setdefault((fact["metric_id"], fact["scope"]), fact)
    once = rates.drop_duplicates(["metric_id", "scope"])
    told = records(once, "metric_id", "scope", "check", "parts", "expected")
    rows = [_window(context, item, facts[item["metric_id"], item["scope"]]) for item in told]
    columns = [
        "label",
        "printed",
        "exact",
        "half_up_lower",
        "half_up_upper",
        "truncated_lower",
        "truncated_upper",
    ]
    return pd.DataFrame(rows, columns=[*columns, "rule", "row"])


def _routine(frame: pd.DataFrame) -> pd.Series:
    """Passes that only say a share is between 0 and 100 % or a part no larger than its whole."""
    return frame["check"].isin(["plausible", "order", "points", "cumulative"]) & (frame["verdict"] == "pass")


def _window(context: Context, finding: Record, fact: Record) -> tuple[Any, ...]:
    printed = Decimal(fact["printed"])
    step = quantity.printed_step(fact["printed"], fact["evidence"], continuous=True)
    bounds = [quantity.unround(printed, step, rule) for rule in (Rounding.HALF_UP, Rounding.TRUNCATION)]
    exact = float(finding["expected"])
    if finding["check"] == "grim":
        exact = 100 * exact / float(finding["parts"].rpartition("=")[2])
    inside = [float(window.lower) <= exact < float(window.upper) for window in bounds]
    return (
        context.metric(finding["metric_id"]).label(context.language),
        float(printed),
        exact,
        *(float(edge) for window in bounds for edge in (window.lower, window.upper)),
        {(True, True): "either", (True, False): "rounding_only", (False, True): "truncation_only"}.get(
            (inside[0], inside[1]), "neither"
        ),
        fact["row"],
    )


def _row(context: Context, row: pd.Series) -> tuple[str, ...]:
    language = context.language
    colon = ": " if language == "en" else "："
    return (
        getattr(audit.CHECKS[str(row["check"])], language),
        subject_words(context, row),
        parts_words(context, row) or context.label("word", "none"),
        computed_words(context, row),
        colon.join(
            [
                context.label("verdict", str(row["verdict"])),
                getattr(audit.REASONS[str(row["reason"])], language),
            ]
        ),
        str(row["n"]),
    )


def subject_words(context: Context, row: pd.Series) -> str:
    """The figure under check with its value; the rounding rule is a check on all rates together."""
    if row["check"] == "rounding":
        return context.label("word", "all_rates")
    metric = context.metric(str(row["metric_id"]))
    scoped = row["scope"] not in ("whole", "")
    scope = words.bracketed(context.label("scope", str(row["scope"])), context.language) if scoped else ""
    scope = f" {scope}" if scope and context.language == "en" else scope
    value = "" if pd.isna(row["reported"]) else words.number(float(row["reported"]))
    return (
        f"{metric.label(context.language)}{scope} {value}{words.unit_suffix(metric.unit, context.language)}"
    )


def parts_words(context: Context, row: pd.Series) -> str:
    """The figures that a finding rests on, with their labels; empty when it rests on its own alone."""
    shown = [_part(context, part) for part in str(row["parts"]).split("; ") if part]
    return "; ".join(shown) if context.language == "en" else "；".join(shown)


def _part(context: Context, part: str) -> str:
    """One part as `label value`: its key is a metric, a source, or source, period, scope and metric."""
    name, found, value = part.partition("=")
    if not found:
        return name
    key = name.rpartition(":")[2]
    metric = context.panel.catalog.metrics.get(key)
    source = context.panel.catalog.sources.get(key)
    label = metric.label(context.language) if metric else source.publisher if source else key
    figure, _, rules = value.partition(" (")
    shown = words.number(float(figure)) if _is_number(figure) else figure
    colon = ": " if context.language == "en" else "："
    short = label.rpartition(colon)[2]
    space = " " if context.language == "en" else ""
    if not rules:
        return f"{short}{space}{shown}"
    return f"{short}{space}{shown}{space}{words.bracketed(_rules(context, rules), context.language)}"


def _rules(context: Context, text: str) -> str:
    """Rounding rules in words, each once: `half-up|half-even)` -> rounding."""
    names = dict.fromkeys(context.label("rule", name) for name in text.removesuffix(")").split("|"))
    return words.listed(list(names), context.language)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdigit()


def computed_words(context: Context, row: pd.Series) -> str:
    """What the parts give: an interval where they leave one open, else the number."""
    lower, upper = float(row["lower"]), float(row["upper"])
    open_ended = not (math.isfinite(lower) and math.isfinite(upper))
    implied = row["check"] in ("backcast", "grim") or row["reason"] == "implied_base"
    if implied and not open_ended:
        same = lower == upper
        return words.number(lower) if same else words.interval(lower, upper, context.language, digits=7)
    if pd.notna(row["expected"]):
        return words.significant(float(row["expected"]), 6)
    return context.label("word", "not_applicable")


def _audited(context: Context) -> pd.DataFrame:
    city, year = context.edition.city, context.edition.year
    frame = audit.report(context.panel.observations, context.panel.identities, region_code=city, year=year)
    frame = frame[~frame["metric_id"].str.startswith("context.")]
    order = frame["verdict"].map({name: place for place, name in enumerate(_ORDER)})
    return frame.loc[order.sort_values(kind="stable").index]
