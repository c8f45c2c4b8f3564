"""How the reconsideration cases that a region closed ended, and the direct correction rate that follows.

Direct means by the organ's own decision. It refuses rounded counts, parts of a year and kinds listed in part,
joins no scopes, and takes no rate whose kind is not named (纠错率 alone may add self-corrections).
"""

import pandas as pd

from analysis import stats
from analysis.compare.grades import NEAR, SCOPES, exact, rule_changed
from analysis.panel import Panel

_DOMAIN, _PRINTED = "reconsideration.", "direct_correction_rate"
_KINDS = ["revoked", "modified", "confirmed_illegal", "ordered_to_perform"]
"""What a reconsideration organ decides when it corrects the agency."""
_ENDED = ["terminated", "mediated_or_withdrawn", "mediated"]
"""How a case ends without a decision, the widest group first."""
_OUTCOME = ["outcome", "metric_id", "value", "corrects", "closed", "scope", "rows"]
_RATE = [
    *("region_code", "name", "year", "scope", "rate", "lower", "upper"),
    *("method", "n", "corrected", "made", "rows"),
]


def corrections(panel: Panel, region: str, year: int, back: int = 0) -> pd.DataFrame:
    """The direct correction rate of a region in a year, in the widest scope that gives one.

    As many years `back` may stand in, the latest first, unless the rules changed in between.

    Returns:
        One row or none, indexed by `row`: region_code, name, year, scope; `rate`, `lower`, `upper` in per
        cent; method, n, corrected; `made`, "counts" (corrected of n closed, with a Wilson interval) or
        "printed" (no interval, `n` missing); rows.
    """
    metric = panel.catalog.metrics[_DOMAIN + _PRINTED]
    years = [then for then in range(year, year - back - 1, -1) if not rule_changed(metric, then, year)]
    stated = ((then, *one) for then in years for one in _by_scope(panel, region, then))
    for its_year, scope, facts in stated:
        if counts := _counts(facts):
            corrected, closed, *rows = counts
            base = pd.DataFrame({"numerator": [corrected], "denominator": [closed]})
            found = stats.wilson_interval(base, multiplier=100)
            found = found.assign(n=closed, corrected=corrected, made="counts")
        elif _PRINTED in facts.index:
            rows, rate = [int(facts["row"][_PRINTED])], float(facts["value"][_PRINTED])
            found = pd.DataFrame({"rate": [rate], "method": "", "made": "printed"})
        else:
            continue
        found = found.assign(region_code=region, name=panel.name(region), year=its_year, scope=scope)
        found = found.assign(rows=pd.Series([tuple(rows)])).reindex(columns=_RATE)
        return found.set_axis([rows[0]]).rename_axis("row")
    return pd.DataFrame(columns=_RATE).rename_axis("row")


def _counts(facts: pd.DataFrame) -> tuple[int, ...]:
    """Cases corrected, cases closed and the rows that say so; empty where they are not all there."""
    value, closed = facts["value"], float(facts["value"].get("closed", 0))
    total, kinds, printed = _there(facts, "corrections"), _there(facts, *_KINDS), value.get(_PRINTED)
    listed = value[_there(facts, *_KINDS, "upheld", "rejected", "terminated")].sum()
    # a stated total goes before the kinds, of which a report may list some
    tried = [total, kinds]
    if printed is None:
        tried = [total or (kinds if kinds == _KINDS or listed == closed else [])]
    for names in tried if closed else []:
        corrected = value[names].sum()
        fits = printed is None or abs(100 * corrected / closed - printed) <= NEAR
        if names and fits and corrected <= closed:
            rows = [*names, "closed", *([] if printed is None else [_PRINTED])]
            return int(corrected), int(closed), *map(int, facts.loc[rows, "row"])
    return ()


def outcomes(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """How the cases that a region closed in a year ended, in the widest scope that states both.

    Returns:
        One row an outcome, indexed by `row`: outcome (a key of that group in words.csv), metric_id, value,
        corrects (whether it is direct correction), closed, scope and rows (its own and that of the cases
        closed). Corrections whose kind is not listed are one, `other_corrections`. Empty where no full year's
        total stands beside two outcomes that make up at least half of it.
    """
    for scope, facts in _by_scope(panel, region, year):
        parts, closed = _parts(facts), float(facts["value"].get("closed", -1))
        if len(parts) > 1 and closed / 2 <= float(parts["value"].sum()) <= closed:
            parts = parts.reset_index(names="outcome").set_index("row")
            corrects = parts["outcome"].isin([*_KINDS, "corrections", "other_corrections"])
            rows = pd.Series({row: (int(row), int(facts["row"]["closed"])) for row in parts.index})
            return parts.assign(corrects=corrects, closed=closed, scope=scope, rows=rows)[_OUTCOME]
    return pd.DataFrame(columns=_OUTCOME).rename_axis("row")


def _parts(facts: pd.DataFrame) -> pd.DataFrame:
    """The outcomes that leave no case twice; terminated holds what was settled or withdrawn."""
    kinds = _there(facts, *_KINDS)
    parts = facts.loc[[*_there(facts, "upheld", "rejected"), *kinds, *_there(facts, *_ENDED)[:1]]]
    if "corrections" not in facts.index:
        return parts
    rest = float(facts["value"]["corrections"]) - float(facts["value"][kinds].sum())
    more = facts.loc[["corrections"]].assign(value=rest)
    more = more.rename({"corrections": "other_corrections"}) if kinds else more
    return pd.concat([parts, more]) if rest > 0 else parts


def _there(facts: pd.DataFrame, *names: str) -> list[str]:
    return [name for name in names if name in facts.index]


def _by_scope(panel: Panel, region: str, year: int) -> list[tuple[str, pd.DataFrame]]:
    """The exact figures of the full year by scope, the widest first, indexed by metric without its domain."""
    names = ["closed", "corrections", _PRINTED, *_KINDS, *_ENDED, "upheld", "rejected"]
    facts = panel.pick(panel.facts(region, year, [_DOMAIN + name for name in names], whole_area=True))
    facts = facts[(facts["period"] == "full") & exact(facts)]
    facts = facts.assign(row=facts.index, outcome=facts["metric_id"].str.removeprefix(_DOMAIN))
    facts = facts.drop_duplicates(["scope", "outcome"]).set_index("outcome")
    return [(scope, facts[facts["scope"] == scope]) for scope in SCOPES if (facts["scope"] == scope).any()]
