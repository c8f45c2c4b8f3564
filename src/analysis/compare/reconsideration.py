"""How the reconsideration cases that a region closed ended, and the direct correction rate that follows.

Direct means by the organ's own decision: revoked, modified, confirmed illegal, ordered to perform. It refuses
rounded counts, parts of a year and kinds listed in part, joins no scopes, shows no list without most of the
cases, and takes no rate whose kind is not named (纠错率 alone may add self-corrections).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import stats
from analysis.compare.grades import NEAR, SCOPES, rule_changed
from analysis.panel import Panel

_DOMAIN = "reconsideration."
_KINDS = ("revoked", "modified", "confirmed_illegal", "ordered_to_perform")
"""What a reconsideration organ decides when it corrects the agency."""
_ENDED = ("terminated", "mediated_or_withdrawn", "mediated")
"""How a case ends without a decision, the widest group first."""
_OUTCOME = ("outcome", "metric_id", "value", "corrects", "closed", "scope", "rows")
_RATE = (
    *("region_code", "name", "year", "scope", "rate", "lower", "upper"),
    *("method", "n", "corrected", "made", "rows"),
)


def corrections(panel: Panel, region: str, year: int, back: int = 0) -> pd.DataFrame:
    """The direct correction rate of a region in a year, in the widest scope that gives one.

    As many years `back` may stand in, the latest first, unless the rules changed in between.

    Returns:
        One row or none, indexed by `row`: region_code, name, year, scope; `rate`, `lower`, `upper` in per
        cent; method, n, corrected; `made`, "counts" (corrected of n closed, with a Wilson interval) or
        "printed" (no interval, `n` missing); rows.
    """
    metric = panel.catalog.metrics[f"{_DOMAIN}direct_correction_rate"]
    years = [then for then in range(year, year - back - 1, -1) if not rule_changed(metric, then, year)]
    found = (frame for then in years if len(frame := _rate(panel, region, then)))
    return next(found, _nothing(_RATE))


def _rate(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """The direct correction rate of one year, one row or none."""
    for scope, facts in _by_scope(panel, region, year):
        counts, printed = _counts(facts), "direct_correction_rate"
        if counts:
            corrected, closed, rows = counts
            base = pd.DataFrame({"numerator": [corrected], "denominator": [closed]})
            found = stats.wilson_interval(base, multiplier=100)
            found = found.assign(n=closed, corrected=corrected, made="counts")
        elif printed in facts.index:
            rows = (int(facts["row"][printed]),)
            rate = float(facts["value"][printed])
            found = pd.DataFrame({"rate": [rate], "method": "", "made": "printed"})
        else:
            continue
        found = found.assign(region_code=region, name=panel.name(region), year=year, scope=scope)
        found["rows"] = [rows]
        return found.reindex(columns=_RATE).set_axis([rows[0]]).rename_axis("row")
    return _nothing(_RATE)


def _counts(facts: pd.DataFrame) -> tuple[int, int, tuple[int, ...]] | None:
    """Cases corrected, cases closed and the rows that say so; None where they are not all there."""
    value = facts["value"]
    kinds, closed = [name for name in _KINDS if name in value], float(value.get("closed", 0))
    listed = value[value.index.isin([*_KINDS, "upheld", "rejected", "terminated"])].sum()
    printed: Any = value.get("direct_correction_rate")
    # a stated total goes before the kinds, of which a report may list some
    for names in (["corrections"], kinds):
        if not closed or not names or not set(names) <= set(value.index):
            continue
        corrected = float(value[names].sum())
        complete = names == ["corrections"] or len(names) == len(_KINDS) or listed == closed
        near = printed is not None and abs(100 * corrected / closed - printed) <= NEAR
        if corrected <= closed and (near or (complete and printed is None)):
            rows = [*names, "closed", *(["direct_correction_rate"] if near else [])]
            return int(corrected), int(closed), tuple(int(row) for row in facts.loc[rows, "row"])
        if names == ["corrections"] and printed is None:
            return None
    return None


def outcomes(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """How the cases that a region closed in a year ended, in the widest scope that states both.

    Returns:
        One row an outcome, indexed by `row`: outcome (a key of that group in words.csv), metric_id, value,
        corrects (whether it is direct correction), closed, scope and rows (its own and that of the cases
        closed). Corrections whose kind is not listed are one, `other_corrections`. Empty where no full year's
        total stands beside two outcomes that make up at least half of it.
    """
    for scope, facts in _by_scope(panel, region, year):
        parts = _parts(facts)
        if "closed" not in facts.index or len(parts) < 2:
            continue
        closed, row = float(facts["value"]["closed"]), int(facts["row"]["closed"])
        if closed / 2 <= float(parts["value"].sum()) <= closed:
            parts = parts.reset_index(names="outcome").set_index("row")
            corrects = parts["outcome"].isin([*_KINDS, "corrections", "other_corrections"])
            parts = parts.assign(corrects=corrects, closed=closed, scope=scope)
            parts["rows"] = [(int(own), row) for own in parts.index]
            return parts[list(_OUTCOME)]
    return _nothing(_OUTCOME)


def _parts(facts: pd.DataFrame) -> pd.DataFrame:
    """The outcomes that leave no case twice; terminated holds what was settled or withdrawn."""
    ended = [name for name in _ENDED if name in facts.index][:1]
    names = [name for name in ("upheld", "rejected", *_KINDS) if name in facts.index]
    parts = facts.loc[[*names, *ended]]
    if "corrections" not in facts.index:
        return parts
    kinds = [name for name in _KINDS if name in names]
    rest = float(facts["value"]["corrections"]) - float(facts["value"][kinds].sum())
    more = facts.loc[["corrections"]].assign(value=rest)
    more = more.rename(index={"corrections": "other_corrections"}) if kinds else more
    return pd.concat([parts, more]) if rest > 0 else parts


def _by_scope(panel: Panel, region: str, year: int) -> list[tuple[str, pd.DataFrame]]:
    """The exact figures of the full year by scope, the widest first, indexed by metric without its domain."""
    names = ["closed", "corrections", "direct_correction_rate", *_KINDS, *_ENDED, "upheld", "rejected"]
    facts = panel.pick(panel.facts(region, year, [_DOMAIN + name for name in names], whole_area=True))
    facts = facts[(facts["period"] == "full") & facts["resolution"].isna() & (facts["qualifier"] == "=")]
    facts = facts.assign(row=facts.index, outcome=facts["metric_id"].str.removeprefix(_DOMAIN))
    facts = facts.drop_duplicates(["scope", "outcome"]).set_index("outcome")
    return [(scope, facts[facts["scope"] == scope]) for scope in SCOPES if (facts["scope"] == scope).any()]


def _nothing(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns).rename_axis("row")
