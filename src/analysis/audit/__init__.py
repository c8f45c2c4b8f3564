"""Does a report agree with itself: parts and totals, rates and bases, changes and prior years, other sources.

A failure means "not reproducible from the printed parts under rounding", never that somebody erred. It
refuses to take an unprinted part for zero, to mix scopes, and to fail a rate whose base is not stated.
"""

from collections.abc import Iterator

import pandas as pd

from analysis.audit import amounts, facts, rates
from analysis.audit.facts import Fact
from analysis.audit.findings import COLUMNS, Finding, to_frame
from analysis.catalog import Catalog
from analysis.panel import Panel
from analysis.tables import Identities

__all__ = ["COLUMNS", "Identities", "audit", "findings"]


def audit(panel: Panel, region: str, year: int) -> pd.DataFrame:
    """The findings on one region's figures of one year, the weightiest first; `findings.COLUMNS`.

    Raises:
        InputError: There is no such region.
    """
    code = panel.catalog.region(region).region_code
    return findings(_related(panel, code, year), panel.identities, panel.catalog, (code, year))


def findings(
    frame: pd.DataFrame, known: Identities, catalog: Catalog, only: tuple[str, int] | None = None
) -> pd.DataFrame:
    """All findings on observations of the panel, one row each, or `only` those on one region and year."""
    told = facts.read(frame, known.continuous)
    mine = [fact for fact in told if only in (None, (fact.region_code, fact.year))]
    rows = {fact.row for fact in mine}
    found = [one for one in _found(told, mine, known) if one.fact.row in rows]
    return to_frame([*found, *rates.rounding_rules(found)], catalog)


def _found(told: list[Fact], mine: list[Fact], known: Identities) -> Iterator[Finding]:
    priors = facts.grouped(told, rates.place)
    for company in facts.companies(mine):
        for total in known.sums:
            yield from amounts.kinds(total, company)
        for rate in known.rates:
            yield from rates.check(rate, company)
        for change in known.changes:
            yield from rates.change(change, company, priors, known.figures.shares)
        for order in known.orders:
            yield from amounts.order(order, company)
    for check in (amounts.beside, amounts.within, amounts.alone, amounts.stated, amounts.identical):
        yield from check(told, known)


def _related(panel: Panel, code: str, year: int) -> pd.DataFrame:
    """The rows that a check of one report can reach: its own, its sources' and those with equal figures."""
    own = panel.facts(code)
    mine = own[own["year"] == year]
    others = panel.facts(year=year, metrics=sorted(set(mine["metric_id"])))
    others = others[others["region_code"] != code]
    figures = pd.MultiIndex.from_frame(others[["metric_id", "printed"]])
    equal = figures.isin(pd.MultiIndex.from_frame(mine[["metric_id", "printed"]]))
    same_source = others["source_id"].isin(mine["source_id"])
    return pd.concat([own, others[equal | same_source]]).sort_index()
