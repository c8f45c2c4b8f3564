"""Fair comparison: one metric in one year over regions, rows that may be compared and rows that may not.

`fair` gives `stats.Cases`, the only thing that places, funnels and ranked charts accept; refused rows stay in
it, with the reason. It refuses to rate what has no base, to join scopes or periods, and to let anything of
grade C into a comparison.
"""

from collections import Counter
from collections.abc import Collection
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from analysis import stats, words
from analysis.compare.grades import SCOPES, behind, counts_behind, exact, graded, part_of
from analysis.compare.neighbours import NATION, group, province_code, residents
from analysis.panel import Panel
from analysis.stats import Cases

PER_RESIDENTS = 100_000
"""Rates of counts are given per this number of residents."""
_RATED_UNITS = ("件", "宗", "人", "人次", "次", "条", "场", "篇")
"""Counts in these units are rated by residents; items of a list, bodies and money are not."""
_OVERVIEW = [
    *("row", "metric_id", "value", "rate", "grade", "reason", "cities"),
    *("province_most", "in_province", "sources", "copies", "early"),
]


def fair(
    panel: Panel, metric_id: str, year: int, city: str,
    peers: str | Collection[str] = "all", per: int = PER_RESIDENTS,
) -> Cases:  # fmt: skip
    """One metric in one year: the city, other regions of its level, provinces and the nation as context.

    `city` and `metric_id` are names or codes, and the city's own scope is the one compared on; `peers` as in
    `group`; counts are rated `per` so many residents. One row a region, highest first, as in `stats.Cases`.

    Raises:
        InputError: There is no such metric, region or group.
    """
    focus, metric = panel.catalog.region(city).region_code, panel.catalog.metric(metric_id).metric_id
    codes = frozenset(group(panel, peers, focus, year))
    return _fair(panel, (metric,), year, focus, codes, per)[metric]


class Sections(dict[str, Cases]):
    """The fair comparisons of many metrics, by metric id, in the order of the catalogue."""

    nothing: Cases

    @cached_property
    def overview(self) -> pd.DataFrame:
        """One row a metric that the focus gives, indexed by `row`, the focus' row of the panel.

        Columns: metric_id, value, rate, grade, reason (of the focus' own figure), cities (other regions of
        its level that may be compared), province_most (where most of them lie), in_province (how many),
        sources (how many they rest on), copies (read in a copy only), early (published before the year
        ended); most cities first.
        """
        rows = []
        for cases in self.values():
            others, own = cases.others, pd.DataFrame(cases[cases["role"] == "focus"])
            most, count = next(iter(others["province"].value_counts().items()), ("", 0))
            who = (len(others), most, count, others["source_id"].nunique())
            how = ((others["status"] == "U").sum(), others["published_early"].sum())
            rows += [(*mine, *who, *how) for mine in own[_OVERVIEW[1:6]].itertuples(name=None)]
        frame = pd.DataFrame(rows, columns=_OVERVIEW).set_index("row")
        # what may be compared comes first, then what most cities report
        most_first = frame.sort_values("cities", ascending=False, kind="stable")
        return most_first.sort_values("grade", key=lambda grade: grade == "C", kind="stable")

    @property
    def fullest(self) -> Cases:
        """The cases of the metric that most other cities report; empty ones where there is none."""
        return self[str(self.overview["metric_id"].iloc[0])] if len(self.overview) else self.nothing


def all_fair(panel: Panel, city: str, year: int, peers: str | Collection[str] = "all") -> Sections:
    """A fair comparison, as `fair`, of every metric that the city reports in the year, context left out."""
    focus = panel.catalog.region(city).region_code
    codes = frozenset(group(panel, peers, focus, year))
    own = set(panel.facts(focus, year, whole_area=True)["metric_id"])
    known = panel.catalog.metrics.items()
    metrics = tuple(name for name, metric in known if name in own and metric.domain != "context")
    found = Sections(_fair(panel, metrics, year, focus, codes, PER_RESIDENTS))
    found.nothing = fair(panel, "reconsideration.received", year, focus, codes).iloc[:0]
    return found


@lru_cache(maxsize=64)
def _fair(
    panel: Panel, metric_ids: tuple[str, ...], year: int, focus: str, peers: frozenset[str], per: int
) -> dict[str, Cases]:
    """The cases of each metric, all graded and rated together: one costs as much as twenty."""
    facts = panel.facts(year=year, metrics=metric_ids, whole_area=True)
    roles = {code: _role(panel, code, focus, peers) for code in facts["region_code"].unique()}
    facts = panel.pick(facts[facts["region_code"].map(roles).fillna("") != ""])
    rows = _one_each(panel, facts, focus).assign(role=lambda frame: frame["region_code"].map(roles))
    rows = measured(rows, panel, year, per).rename_axis("row")
    published = behind(rows["source_id"], panel.catalog.sources, "published")
    provinces = rows["region_code"].map({code: province_code(panel, code) for code in roles})
    names = {code: region.name(panel.language) for code, region in panel.catalog.regions.items()}
    rows = rows.assign(
        name=rows["region_code"].map(names),
        province_code=provinces,
        province=provinces.map(names).fillna(""),
        published=published,
        # a report published within its year cannot cover the whole of it
        published_early=published.str[:4] == str(year),
        reason_text=[words.label("reason", code, panel.language) if code else "" for code in rows["reason"]],
        unit=behind(rows["metric_id"], panel.catalog.metrics, "unit"),
        n=rows["n"].astype("Float64"),
        last=rows["grade"] == "C",
    )
    rows = rows.sort_values(["last", "rate"], ascending=[True, False], kind="stable").drop(columns="last")
    return {name: _cases(panel, rows, name, year, focus, per) for name in metric_ids}


def _cases(panel: Panel, rows: pd.DataFrame, metric_id: str, year: int, focus: str, per: int) -> Cases:
    metric, region = panel.catalog.metrics[metric_id], panel.catalog.regions[focus]
    kind, own = _kind(panel, metric_id), rows[rows["metric_id"] == metric_id]
    # beside the cities stand the nation and those provinces in which one lies, if they may be compared
    near = {*own.loc[own["role"] != "context", "province_code"], province_code(panel, focus), NATION}
    above = own["region_code"].isin(near) & (own["grade"] != "C")
    same = ("metric_id", "label_en", "label_zh", "unit", "measure")
    return Cases.from_fair(
        own[(own["role"] != "context") | above],
        **{name: getattr(metric, name) for name in same},
        **{"year": year, "focus": focus, "focus_name": region.name(panel.language), "kind": kind},
        per={"rate": per, "proportion": 100, "figure": 1}[kind],
    )


def _kind(panel: Panel, metric_id: str) -> str:
    """What is compared on a metric: `rate` (a count by residents), `proportion` (per cent) or `figure`."""
    metric = panel.catalog.metrics[metric_id]
    if metric.measure == "count" and metric.unit in _RATED_UNITS:
        return "rate"
    share = metric.measure == "rate" and metric.unit == "%" and metric.numerators and metric.denominators
    return "proportion" if share else "figure"


def _role(panel: Panel, code: str, focus: str, peers: frozenset[str]) -> str:
    """The role of a region beside the focus: focus, peer, other or context; empty when it has none."""
    level, own = (panel.catalog.regions[name].level for name in (code, focus))
    if code == focus:
        return "focus"
    if level == own:
        return "peer" if code in peers else "other"
    return "context" if own != "nation" and level in ("province", "nation") else ""


def _one_each(panel: Panel, facts: pd.DataFrame, focus: str) -> pd.DataFrame:
    """One graded row a metric and region: of the focus' scope, with the fewest reasons, then the widest."""
    rank = facts["scope"].map(SCOPES.index)
    own = facts.assign(rank=rank, part=part_of(facts))[facts["region_code"] == focus]
    own = own.sort_values("rank", kind="stable").drop_duplicates("metric_id").set_index("metric_id")
    wanted = facts[["metric_id"]].join(own[["scope", "part"]], on="metric_id")
    wanted = wanted.fillna({"scope": "whole", "part": ""})
    rows = graded(panel, facts, wanted).assign(off_scope=facts["scope"] != wanted["scope"], rank=rank)
    rows = rows.sort_values(["off_scope", "weight", "rank"], kind="stable")
    return rows.drop_duplicates(["metric_id", "region_code"]).drop(columns=["off_scope", "rank", "weight"])


def measured(rows: pd.DataFrame, panel: Panel, year: int, per: int) -> pd.DataFrame:
    """The rows with what is compared, its exact counts and its interval; grade C where there is no base.

    An exact count has an exact Poisson interval, a share whose counts are printed a Wilson one, others none.
    """
    kind = rows["metric_id"].map({name: _kind(panel, name) for name in rows["metric_id"].unique()})
    rows = rows.join(residents(panel, year), on="region_code")
    rated, share = kind == "rate", kind == "proportion"
    counted = rated & exact(rows) & rows["residents"].notna()
    behind_shares = counts_behind(panel, rows[share])
    parts = behind_shares["parts"].to_dict()
    count = rows["value"].where(counted, behind_shares["numerator"])
    exposure = rows["residents"].where(counted, behind_shares["denominator"])
    counts = pd.DataFrame({"count": count, "exposure": exposure})
    rates = stats.poisson_interval(counts.where(counted), exposure="exposure", multiplier=per)
    shares = stats.wilson_interval(
        counts.where(share), numerator="count", denominator="exposure", multiplier=100
    )
    found, lacks = rates.where(rated, shares), rated & rows["residents"].isna() & (rows["grade"] != "C")
    return rows.assign(
        grade=rows["grade"].mask(lacks, "C"),
        reason=rows["reason"].mask(lacks, "no_residents"),
        rows=pd.Series({row: (int(row), *parts.get(row, ())) for row in rows.index}, dtype=object),
        rate=(rows["value"] / rows["residents"] * per).where(rated, rows["value"]),
        **counts,
        statistic=np.where(rated, rates["statistic"], np.where(share, "per cent", "as reported")),
        method=found["method"].where(exposure.notna(), ""),
        **found[["lower", "upper", "n"]],
    )


def unit_of(cases: Cases) -> dict[str, str]:
    """What `rate` is counted in, in both languages: per residents, per cent, or the unit as reported."""
    if cases.kind == "rate":
        wan = cases.per // 10_000
        return {"en": f"per {words.number(cases.per)} residents", "zh": f"每{wan}万常住人口"}
    if cases.unit == "%":
        return {"en": "per cent", "zh": "%"}
    return {language: words.label("unit_name", str(cases.unit), language) for language in words.LANGUAGES}


def others(cases: Cases, language: words.Language) -> str:
    """Who the other cities are, as a clause: province, source, copies, early publication; perhaps empty."""
    if (rows := cases.others).empty:
        return ""
    homes, count = rows["province"].value_counts(), len(rows)
    most, province = homes.iloc[0], homes.index[0]
    who = "one" if count == 1 else "apart" if most == 1 else "all" if most == count else "most"
    who = words.label("others", who, language)
    parts = [who.format(count=count, most=most, province=province, homes=len(homes))]
    source, copies = rows["source_id"].value_counts().iloc[0], (rows["status"] == "U").sum()
    more = {"source": source if source > 1 else 0, "copies": copies, "early": rows["published_early"].sum()}
    for name, some in more.items():
        clause, were = words.label("others", name, language), "was" if some == 1 else "were"
        parts += [clause.format(count=some, were=were)] * bool(some)
    return words.listed(parts, "en") if language == "en" else "，".join(parts)


def events(panel: Panel, cases: Cases, language: words.Language) -> str:
    """What was special in the year where the other cities lie, as sentences; empty where nothing is known."""
    catalog, sentence = panel.catalog, words.label("others", "event", language)
    found = [event for code in cases.others["region_code"] for event in catalog.events(code, cases.year)]
    # what touched the focus too is no difference between them
    shared = catalog.events(cases.focus, cases.year)
    told = Counter(event.label(language) for event in found if event not in shared).items()
    return (" " * (language == "en")).join(sentence.format(event=event, count=count) for event, count in told)
