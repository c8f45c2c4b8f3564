"""Does a report agree with itself: parts and totals, rates and bases, changes and prior years, other sources.

Every check works on the printed digits and returns pass, fail, undecided or note with the interval it used;
a failure means "not reproducible from the printed parts under rounding", never that somebody erred. It
refuses to take an unprinted part for zero, to mix scopes, and to fail a rate whose base is not stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit import changes, facts, orders, plausible, rates, repeats, rounding_rule, sums
from analysis.audit.facts import Fact
from analysis.audit.findings import COLUMNS, Finding, to_frame
from analysis.audit.identities import Identities, load, parse
from analysis.audit.reasons import CHECKS, REASONS, Reason
from analysis.audit.tally import Reach, reach, tally
from analysis.quantity import Rounding

__all__ = [
    "CHECKS",
    "COLUMNS",
    "REASONS",
    "Identities",
    "Reach",
    "Reason",
    "backcast",
    "load",
    "panel",
    "parse",
    "prior_years",
    "reach",
    "report",
    "same_facts",
    "tally",
]


def panel(frame: pd.DataFrame, identities: Identities | Mapping[str, Any]) -> pd.DataFrame:
    """All findings on an observation frame, one row each with `COLUMNS`; empty when nothing can be checked.

    Args:
        frame: Observations, with the columns of the panel; derived rows are left out.
        identities: What should add up, parsed or as the tables of `identities.toml`.

    Raises:
        DataError: The identities do not follow their form.
    """
    known = parse(identities)
    told = facts.read(frame, known.continuous)
    found = [*_within(told, known), *_between(told, known)]
    return to_frame([*found, *rounding_rule.rules(found)])


def report(
    frame: pd.DataFrame, identities: Identities | Mapping[str, Any], *, region_code: str, year: int
) -> pd.DataFrame:
    """The findings on one region's figures of one year, with the columns of `panel`.

    Figures of other years and places that they are checked against are read, too.

    Args:
        frame: All observations, not only the region's.
        identities: What should add up.
        region_code: The region.
        year: The year of the figures.

    Raises:
        DataError: The identities do not follow their form.
    """
    found = panel(frame[_related(frame, region_code, year)], identities)
    mine = (found["region_code"] == region_code) & (found["year"] == year)
    return found[mine].reset_index(drop=True)


def backcast(
    frame: pd.DataFrame,
    identities: Identities | Mapping[str, Any],
    rounding: Rounding | None = Rounding.HALF_UP,
    *,
    missing_only: bool = True,
) -> pd.DataFrame:
    """Prior-year values that printed changes imply; see `changes.backcast`.

    Raises:
        DataError: The identities do not follow their form.
    """
    return changes.backcast(frame, parse(identities), rounding, missing_only=missing_only)


def same_facts(frame: pd.DataFrame, identities: Identities | Mapping[str, Any]) -> pd.DataFrame:
    """The findings of check 8 alone: one row a fact that several sources give, with the columns of `panel`.

    Raises:
        DataError: The identities do not follow their form.
    """
    known = parse(identities)
    return to_frame(repeats.sources(facts.read(frame, known.continuous), known.figures.revised))


def prior_years(frame: pd.DataFrame, identities: Identities | Mapping[str, Any]) -> pd.DataFrame:
    """The findings of checks 5 and 6 alone: printed changes against the year before, columns of `panel`.

    Raises:
        DataError: The identities do not follow their form.
    """
    known = parse(identities)
    told = changes.read_paired(frame, known)
    priors = changes.index(told)
    companies = facts.companies(told).values()
    return to_frame(
        finding
        for company in companies
        for change in known.changes
        for finding in changes.check(change, company, priors, known.figures.shares)
    )


def _within(told: Iterable[Fact], known: Identities) -> Iterator[Finding]:
    """The findings on figures that stand together in one source."""
    told = list(told)
    priors = changes.index(told)
    for company in facts.companies(told).values():
        # most companies are few, so that asking here saves nearly all of the calls
        for total in known.sums:
            if total.total in company and (found := sums.kinds(total, company)):
                yield found
        for rate in known.rates:
            if rate.rate in company:
                yield from rates.check(rate, company)
        for change in known.changes:
            if change.change in company:
                yield from changes.check(change, company, priors, known.figures.shares)
        for order in known.orders:
            if order.larger in company:
                yield from orders.check(order, company)


def _between(told: list[Fact], known: Identities) -> Iterator[Finding]:
    """The findings on one metric's figures in several scopes, places, periods and sources."""
    figures = known.figures
    yield from sums.beside(told, figures.accumulating)
    yield from orders.between(told, known.continuous, figures.accumulating)
    yield from plausible.percentages(told, known)
    yield from plausible.wording(told)
    yield from repeats.sources(told, figures.revised)
    yield from repeats.sections(told)
    yield from repeats.identical(told, figures, known.continuous)


def _related(frame: pd.DataFrame, region_code: str, year: int) -> pd.Series:
    """The rows that a check of one report can reach: its own, its sources' and those with equal figures."""
    own = (frame["region_code"] == region_code).to_numpy()
    in_year = (frame["year"] == year).to_numpy()
    same_source = frame["source_id"].isin(set(frame["source_id"][own & in_year]))
    figures = [frame[name][in_year].tolist() for name in ("metric_id", "printed")]
    told = list(zip(*figures, strict=True))
    mine = {figure for figure, is_own in zip(told, own[in_year], strict=True) if is_own}
    related = same_source | own
    related[in_year] |= np.array([figure in mine for figure in told], dtype=bool)
    return related
