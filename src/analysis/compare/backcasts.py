"""Back-casts reconciled: the year before that a printed change implies, beside what that year reported.

Both rounding rules are tried. A reported figure outside both intervals says that change and figure do not go
together as printed; scope, period or a revision may have changed between the two reports, so it says no more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import audit
from analysis.panel import Panel

OUTCOMES = ("inside", "outside", "open", "unreported")
"""Where the reported figure lies: in an interval, in none, not to be told, or there is none."""
_CHECKS = ("backcast", "points")
_BOUNDS = ("half_up_low", "half_up_high", "truncation_low", "truncation_high")
_OUTCOME = {"pass": "inside", "fail": "outside", "undecided": "open", "note": "unreported"}
_COLUMNS = [
    *("region_code", "unit_name", "metric_id", "scope", "period", "year_before", "year", "source_id"),
    *("current", "change", *_BOUNDS, "reported", "reported_in", "gives", "outcome", "reason", "method", "n"),
]


def backcasts(panel: Panel, region: str | None = None) -> pd.DataFrame:
    """Printed changes against the reported figures of the year before: one row a change and prior figure.

    Args:
        panel: The panel.
        region: A region code; all when None.

    Returns:
        region_code, unit_name, metric_id (the level), scope, period, year_before, year, source_id (of the
        change); `current` and `change` (per cent) as printed; the whole numbers that the change implies for
        the year before, `half_up_low` to `half_up_high` and `truncation_low` to `truncation_high` (NaN where
        unbounded); `reported`, that year's own figure (NaN when none), `reported_in`, its source, and
        `gives`, the change in per cent that it would give; `outcome` (one of `OUTCOMES`), `reason` (the
        audit's), `method` (the rules or the reading under which it holds) and `n`, the printed figures it
        rests on.
    """
    found = audit.prior_years(panel.facts(region), panel.identities)
    found = found[found["check"].isin(_CHECKS)]
    levels = {item.change: item.level for item in audit.parse(panel.identities).changes}
    rows = [_row(finding, levels) for _, finding in found.iterrows()]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype({name: float for name in ("current", "change", *_BOUNDS, "reported", "gives")})


def _row(finding: pd.Series, levels: dict[str, str]) -> dict[str, object]:
    numbers = finding["numbers"]
    return {
        **{name: finding[name] for name in ("region_code", "unit_name", "scope", "period", "source_id")},
        "metric_id": levels[str(finding["metric_id"])],
        "year_before": int(finding["year"]) - 1,
        "year": int(finding["year"]),
        **{name: numbers.get(name, np.nan) for name in ("current", "change", *_BOUNDS, "gives")},
        "reported": numbers.get("prior", np.nan),
        "reported_in": numbers.get("prior_source", ""),
        "outcome": _OUTCOME[finding["verdict"]],
        **{name: finding[name] for name in ("reason", "method", "n")},
    }
