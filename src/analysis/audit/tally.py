"""How far an audit reaches and what it found: counts of sources, identities and verdicts, check by check.

A source or an identity counts as checked where a finding decides something or tries to; a note, such as a
prior year that nobody printed, checks nothing. It judges no source and gives no share of "errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from analysis.audit.findings import Verdict
from analysis.audit.identities import Identities, parse
from analysis.audit.reasons import CHECKS

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_NOTE = "note"
_PLAUSIBLE = "plausible"
"""That a share lies within 0 and 100 is no check of a source against itself or another."""


@dataclass(frozen=True)
class Reach:
    """How much of the sources and identities could be checked.

    Attributes:
        sources: Sources with any figure.
        checked: Sources with a figure that was checked against another figure.
        identities: Sums, rates, changes and pairs in order that are said to hold.
        met: Those of them that some source prints far enough to be checked.
    """

    sources: int
    checked: int
    identities: int
    met: int


def tally(findings: pd.DataFrame) -> pd.DataFrame:
    """One row a check that found anything, in the order of `CHECKS`.

    Args:
        findings: What `audit.panel` or `audit.report` returns.

    Returns:
        Columns check, sources, regions, findings, and the number of findings by verdict: pass, fail,
        undecided, note.
    """
    groups = findings.groupby("check", sort=False)
    verdicts = pd.crosstab(findings["check"], findings["verdict"]).reindex(
        columns=list(VERDICTS), fill_value=0
    )
    frame = pd.DataFrame(
        {
            "sources": groups["source_id"].nunique(),
            "regions": groups["region_code"].nunique(),
            "findings": groups.size(),
        }
    )
    found = [name for name in CHECKS if name in frame.index]
    return frame.join(verdicts).loc[found].astype(int).rename_axis("check").reset_index()


def reach(findings: pd.DataFrame, frame: pd.DataFrame, identities: Identities | Mapping[str, Any]) -> Reach:
    """How far an audit of a frame of observations reaches.

    Args:
        findings: What `audit.panel` found in the frame.
        frame: The observations.
        identities: What should add up.

    Raises:
        DataError: The identities do not follow their form.
    """
    known = parse(identities)
    tried = findings[(findings["verdict"] != _NOTE) & (findings["check"] != _PLAUSIBLE)]
    by_check = {str(name): set(rows["metric_id"]) for name, rows in tried.groupby("check")}
    rates = by_check.get("rate", set()) | by_check.get("base", set()) | by_check.get("grim", set())
    changes = by_check.get("backcast", set()) | by_check.get("points", set())
    orders = {
        (parts.rsplit(":", 1)[-1].split("=")[0], smaller)
        for parts, smaller in tried.loc[tried["check"] == "order", ["parts", "metric_id"]].itertuples(
            index=False
        )
    }
    pairs = {(order.larger, smaller) for order in known.orders for smaller in order.smaller}
    met = [
        *(total.total in by_check.get("sum", set()) for total in known.sums),
        *(rate.rate in rates for rate in known.rates),
        *(change.change in changes for change in known.changes),
        *(pair in orders for pair in pairs),
    ]
    own = frame[~frame["derived"].astype(bool)]
    return Reach(own["source_id"].nunique(), tried["source_id"].nunique(), len(met), sum(met))
