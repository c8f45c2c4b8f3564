"""A region's figure beside its province's and the nation's, as rows and in words.

City reports seldom meet a figure of the same year above them, so an earlier year may stand in and is named.
Refused: grade C on either side, a part of the area, a year more than three back, a change of rules between.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd

from analysis import words
from analysis.audit.facts import scope_group
from analysis.compare.fair import PER_RESIDENTS, measured
from analysis.compare.grades import SCOPES, areas, graded, rule_changed
from analysis.compare.neighbours import NATION, province_code
from analysis.panel import Panel

_COLUMNS = [
    *("region_code", "name", "level", "metric_id", "year", "period", "scope", "value", "qualifier", "status"),
    *("rate", "lower", "upper", "method", "n", "residents", "own_metric", "own_rate", "ratio", "rows"),
]


def widest(facts: pd.DataFrame) -> pd.DataFrame:
    """One figure a metric, no department's: of the whole area before a part, of a year before months."""
    facts = facts[facts["unit_name"] == ""]
    order = facts.assign(
        part=areas(facts).map(lambda area: SCOPES.index(area.partition(":")[0])),
        other=~facts["period"].isin(["full", "year_end", "cumulative"]),
    ).sort_values(["part", "other"], kind="stable")
    return order.drop_duplicates("metric_id").drop(columns=["part", "other"]).sort_index().rename_axis("row")


def beside(
    panel: Panel, city: str, year: int, metrics: Sequence[str], per: int = PER_RESIDENTS
) -> pd.DataFrame:
    """The region's own figure, then its province's and the nation's, as far as they may be compared.

    The metrics are like counts, the wanted one first: where a level lacks it, the next stands in.

    Returns:
        The region's own row first; empty where it has no figure that may be compared. `rate`, `lower`,
        `upper`, `method` and `n` as in `fair`; `own_rate` is the region's, of the metric `own_metric`;
        `ratio` is it as a multiple of the row's, missing where they count different things.

    Raises:
        InputError: There is no such region or metric.
    """
    code = panel.catalog.region(city).region_code
    ids = [panel.catalog.metric(name).metric_id for name in metrics]
    above = [name for name in (province_code(panel, code), NATION) if name and name != code]
    own = _first(panel, code, ids, [year], year, per)
    if own.empty:
        return own
    mine = own.iloc[0]
    ids.sort(key=lambda name: name != mine["metric_id"])
    levels = [_first(panel, name, ids, range(year - 3, year + 1), year, per) for name in above]
    frame = pd.concat([own, *(level for level in levels if len(level))])
    ratio = (mine["rate"] / frame["rate"]).where(frame["metric_id"] == mine["metric_id"], np.nan)
    return frame.assign(own_metric=mine["metric_id"], own_rate=mine["rate"], ratio=ratio)


def _first(
    panel: Panel, code: str, metrics: Sequence[str], years: Collection[int], year: int, per: int
) -> pd.DataFrame:
    """The figure of one region to stand in a comparison with a year: the first metric's, then the latest."""
    facts = panel.pick(panel.facts(code, years, metrics, whole_area=True))
    known, region = panel.catalog.metrics, panel.catalog.regions[code]
    dated = zip(facts["metric_id"], facts["year"], strict=True)
    joined = np.array([not rule_changed(known[name], then, year) for name, then in dated], dtype=bool)
    fit = graded(panel, facts[(areas(facts) == "whole") & joined])
    fit = fit[fit["grade"] != "C"].assign(place=lambda frame: frame["metric_id"].map(metrics.index))
    # the whole area goes by two scopes, itself and all its courts
    order = fit.sort_values(["place", "year", "scope"], ascending=[True, False, True])
    one = order.head(1).rename_axis("row")
    if len(one):
        one = measured(one, panel, int(one["year"].iloc[0]), per)
        base = one["residents_row"].dropna().astype(int)
        one["rows"] = [(*rows, *base) for rows in one["rows"]]
    one = one[one["grade"] != "C"].assign(name=region.name(panel.language), level=region.level)
    return one.reindex(columns=_COLUMNS)


def paired(panel: Panel, frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """What `beside` returned for some counts, one row a pair: a rate above, and the region's own beside it.

    `called` is the count, `text` who stands above, when, at which stage; `lower`, `upper` the region's own.
    """
    pairs = []
    for frame in frames:
        own = frame[["lower", "upper"]].head(1).to_dict("records")
        for _, row in frame.iloc[1:].iterrows():
            stage, called = _stage(row, panel.language), panel.label(row["own_metric"])
            stage = words.bracketed(stage, panel.language) if stage else ""
            text = f"{row['name']} {row['year']}{stage}"
            pairs.append({**row, **own[0], "called": called, "text": text})
    return pd.DataFrame(pairs, columns=[*_COLUMNS, "called", "text"])


def against(panel: Panel, rows: pd.DataFrame, year: int, language: words.Language, unit: str = "") -> str:
    """The rates of province and nation, as a clause: 25.1 accepted in Guangdong in 2019 and 99.2 in China.

    The rows are of `beside` or `corrections`; a count that stands in for the region's own is named, and so is
    another year than its own. The unit follows each number, e.g. %.
    """
    parts = []
    for _, row in rows.iterrows():
        stage, sign = _stage(row, language), str(row.get("qualifier", "="))
        clause = words.label("against", "stage" if stage else "same", language)
        then = "" if row["year"] == year else words.label("against", "then", language).format(row["year"])
        rate = words.significant(float(row["rate"]))
        rate = words.label("qualifier", sign, language).format(value=rate) + unit
        place = panel.catalog.regions[row["region_code"]].name(language)
        parts.append(clause.format(rate=rate, stage=stage, place=place, then=then))
    return words.listed(parts, "en") if language == "en" else "，".join(parts)


def _stage(row: pd.Series, language: words.Language) -> str:
    name = str(row.get("metric_id", ""))
    return "" if name == row.get("own_metric", "") else words.label("stage", name, language)


def told(panel: Panel, row: pd.Series, language: words.Language) -> str:
    """A figure as its source prints it; in brackets a period and a part that are not the whole."""
    unit, scope, named = panel.catalog.metrics[row["metric_id"]].unit, row["scope"], row["scope_as_reported"]
    notes = []
    if row["period"] not in ("full", "year_end"):
        notes.append(words.period(row["period"], int(row["year"]), language))
    if scope_group(scope, named) != "whole":
        # what a part of the area is called, only its report says
        group, key = ("word", "part_only") if scope == "other" else ("scope", scope)
        own = named and language == "zh" and scope in ("courts", "other")
        notes.append(named if own else words.label(group, key, language))
    note = (", " if language == "en" else "，").join(notes)
    shown = words.figure(float(row["value"]), row["qualifier"], unit, language)
    return shown + (words.bracketed(note, language) if note else "")
