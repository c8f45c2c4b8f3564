"""A made-up panel of the size of the nation, in the form of `data/`; nothing in it is a fact.

It has the real metrics, identities and provinces, and counties that do not exist, each with one report a year
that gives every metric. Values are drawn from a seed: counts from Poisson distributions whose means differ by
county, shares to one decimal, some figures rounded. The same seed and size give the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import catalog as catalogs
from analysis import tables
from analysis.catalog import Catalog, Metric

POPULATION = "context.population"
GROUP = "synthetic_counties"
FIRST_YEAR = 2006
CENSUS_YEARS = (2010, 2020)
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass(frozen=True)
class Size:
    """How large a panel is to be made."""

    counties: int
    years: int
    metrics: int
    seed: int

    @property
    def rows(self) -> int:
        """How many observations that makes."""
        return self.counties * self.years * self.metrics


def write(folder: Path, size: Size, real: Path) -> list[str]:
    """The metric ids of a synthetic data folder, which is written.

    Args:
        folder: Where to; made if it is missing.
        size: How large.
        real: The real data folder, for metrics, identities and provinces.
    """
    known = catalogs.load(real)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("metrics.csv", "identities.toml"):
        shutil.copy(real / name, folder / name)
    chosen = _metrics(known, size.metrics)
    provinces = [item.region_code for item in known.regions.values() if item.level == "province"]
    provinces = provinces[: min(31, size.counties)]
    counties = _counties(provinces, size.counties)
    years = range(FIRST_YEAR, FIRST_YEAR + size.years)
    _write_regions(folder, known, provinces, counties)
    _write_sources(folder, counties, years)
    for name in ("corrections", "events", "evidence_exceptions"):
        _table(folder, name, tables.COLUMNS[name], [])
    random = np.random.default_rng(size.seed)
    for province in provinces:
        codes = [code for code in counties if code[:2] == province[:2]]
        frame = _observations(codes, years, chosen, random)
        tables.write(
            frame,
            folder / "observations" / f"{province[:2]}.csv",
            tables.OBSERVATIONS,
            tables.KEYS["observations"],
        )
    return [metric.metric_id for metric in chosen]


def _metrics(known: Catalog, count: int) -> list[Metric]:
    """Population, then what is counted or stocked, then shares of those; as many as asked for."""
    fit = [item for item in known.metrics.values() if item.measure in ("count", "stock", "rate")]
    shares = [item for item in fit if item.measure == "rate" and item.unit == "%" and item.denominators][:10]
    bases = {part for item in shares for part in (*item.numerators, *item.denominators)}
    amounts = [item for item in fit if item.measure != "rate" and item.unit != "亿元"]
    amounts.sort(key=lambda item: (item.metric_id != POPULATION, item.metric_id not in bases, item.metric_id))
    return sorted([*amounts[: count - len(shares)], *shares], key=lambda item: item.metric_id)


def _counties(provinces: Sequence[str], count: int) -> list[str]:
    share, rest = divmod(count, len(provinces))
    return [
        f"{code[:2]}{101 + place:04d}"
        for number, code in enumerate(provinces)
        for place in range(share + (number < rest))
    ]


def _write_regions(folder: Path, known: Catalog, provinces: Sequence[str], counties: Sequence[str]) -> None:
    upper = [known.regions[code] for code in ("000000", *provinces)]
    rows = [[item.region_code, item.name_zh, item.name_en, item.level, item.parent_code] for item in upper]
    rows += [
        [code, f"虚构{code.translate(DIGITS)}县", f"Made-up {code}", "county", f"{code[:2]}0000"]
        for code in counties
    ]
    _table(folder, "regions", tables.REGIONS, rows)
    groups = [[GROUP, "made-up counties", "虚构各县", code] for code in counties]
    _table(folder, "peer_groups", tables.PEER_GROUPS, groups)


def _write_sources(folder: Path, counties: Sequence[str], years: Sequence[int]) -> None:
    """One report a county and year."""
    fixed = {"publisher": "made up", "accessed": "2026-11-22", "kind": "annual_report"}
    frame = pd.DataFrame(
        [
            {
                "source_id": _source(code, year),
                "region_code": code,
                "year": year,
                "published": f"{year + 1}-03",
            }
            for code in counties
            for year in years
        ]
    ).assign(**fixed, reliability="official", url="https://example.org/", mirror_url="", note="")
    frame["title"] = "Report of " + frame["region_code"] + " on " + frame["year"].astype(str)
    tables.write(frame, folder / "sources.csv", tables.SOURCES, tables.KEYS["sources"])


def _source(code: str, year: int) -> str:
    return f"{code}-{year + 1}-annual_report"


def _observations(
    codes: Sequence[str], years: Sequence[int], metrics: Sequence[Metric], random: np.random.Generator
) -> pd.DataFrame:
    """The rows of one province: every metric of every county and year."""
    shape = (len(codes), len(years), len(metrics))
    number = np.arange(np.prod(shape))
    county, year, metric = np.unravel_index(number, shape)
    size = random.lognormal(0, 0.8, len(codes))[county]
    scale = np.array([500_000 if item.metric_id == POPULATION else 400 for item in metrics])[metric]
    shares = np.array([item.unit == "%" for item in metrics])[metric]
    values = np.where(shares, random.integers(200, 1000, number.size) / 10, random.poisson(size * scale))
    rounded = ~shares & (random.random(number.size) < 0.05)
    values = np.where(rounded, values // 10 * 10, values)
    printed = np.where(shares, values.astype("U6"), values.astype(int).astype("U10"))
    labels = np.array([[f"{one}年{item.label_zh[:10]}" for item in metrics] for one in years], dtype=object)
    units = np.array([item.unit for item in metrics], dtype=object)[metric]
    frame = pd.DataFrame(
        {
            "region_code": np.array(codes, dtype=object)[county],
            "year": np.array(years)[year],
            "metric_id": np.array([item.metric_id for item in metrics], dtype=object)[metric],
            "value": printed,
            "qualifier": np.where(rounded, ">", "="),
            "resolution": np.where(rounded, "10", ""),
            "period": _periods(years, metrics)[year, metric],
            "source_id": np.array([[_source(code, one) for one in years] for code in codes])[county, year],
            "locator": np.array([f"{1 + place % 9}" for place in range(len(metrics))])[metric],
            "evidence": labels[year, metric] + printed.astype(object) + units,
        }
    )
    return frame.assign(unit_name="", scope="whole", scope_as_reported="全县", status="A", note="")


def _periods(years: Sequence[int], metrics: Sequence[Metric]) -> np.ndarray:
    """The period of each year (row) and metric (column); population is counted in census years."""
    found = np.array([["year_end" if item.measure == "stock" else "full" for item in metrics] for _ in years])
    found = found.astype(object)
    people = [item.metric_id for item in metrics].index(POPULATION)
    for place, year in enumerate(years):
        if year in CENSUS_YEARS:
            found[place, people] = f"at-{year}-11-01"
    return found


def _table(folder: Path, name: str, columns: Sequence[str], rows: list[list[str]]) -> None:
    frame = pd.DataFrame(rows, columns=list(columns))
    tables.write(frame, folder / f"{name}.csv", columns, tables.KEYS[name])
