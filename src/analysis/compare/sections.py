"""Every metric of a city and year as a fair comparison, with an overview of what may be compared.

It compares nothing itself; see `compare.fair` for the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.compare.fair import PER_RESIDENTS, codes_of, sections
from analysis.panel import Panel
from analysis.stats import Cases

ANY_METRIC = "reconsideration.received"


@dataclass(frozen=True)
class Sections(Mapping[str, Cases]):
    """The fair comparisons of many metrics, by metric id, in the order of the catalogue."""

    cases: Mapping[str, Cases]
    nothing: Cases

    def __getitem__(self, metric_id: str) -> Cases:
        """The comparison of one metric."""
        return self.cases[metric_id]

    def __iter__(self) -> Iterator[str]:
        """The metric ids."""
        return iter(self.cases)

    def __len__(self) -> int:
        """How many metrics there are."""
        return len(self.cases)

    @cached_property
    def overview(self) -> pd.DataFrame:
        """One row a metric that the focus gives, indexed by `row`, the focus' row of the panel.

        Columns: metric_id, value, rate, grade, reason (of the focus' own figure), cities (other regions of
        its level that may be compared), province_most (where most of them lie), in_province (how many),
        sources (how many they rest on), copies (read in a copy only), early (published before the year
        ended); most cities first.
        """
        rows = [self._line(metric_id, cases) for metric_id, cases in self.cases.items()]
        frame = pd.DataFrame([row for row in rows if row], columns=_OVERVIEW).set_index("row")
        # what may be compared comes first, then what most cities report
        refused = frame["grade"] == "C"
        order = frame.assign(refused=refused).sort_values(
            ["refused", "cities"], ascending=[True, False], kind="stable"
        )
        return order.drop(columns="refused")

    @property
    def fullest(self) -> Cases:
        """The cases of the metric that most other cities report; empty ones where there is none."""
        if self.cases and len(self.overview):
            return self.cases[str(self.overview["metric_id"].iloc[0])]
        return next(iter(self.cases.values()), self.nothing)

    def _line(self, metric_id: str, cases: Cases) -> dict[str, object] | None:
        mine = cases[cases["role"] == "focus"]
        if mine.empty:
            return None
        others, focus = cases.others, mine.iloc[0]
        provinces = others["province"].value_counts()
        return {
            "row": mine.index[0],
            **{name: focus[name] for name in ("value", "rate", "grade", "reason")},
            "metric_id": metric_id,
            "cities": len(others),
            "province_most": provinces.index[0] if len(provinces) else "",
            "in_province": int(provinces.iloc[0]) if len(provinces) else 0,
            "sources": others["source_id"].nunique(),
            "copies": int((others["status"] == "U").sum()),
            "early": int(others["published_early"].sum()),
        }


_OVERVIEW = [
    *("row", "metric_id", "value", "rate", "grade", "reason", "cities"),
    *("province_most", "in_province", "sources", "copies", "early"),
]


def all_fair(panel: Panel, city: str, year: int, peers: str | Collection[str] = "all") -> Sections:
    """A fair comparison of every metric that the city reports in the year, context left out.

    Args:
        panel: The whole panel.
        city: Code or name of the region in focus.
        year: The year.
        peers: As in `fair`.
    """
    focus = panel.catalog.region(city).region_code
    codes = codes_of(panel, peers, focus, year)
    own = set(panel.facts(focus, year, whole_area=True)["metric_id"])
    metrics = tuple(
        name for name, metric in panel.catalog.metrics.items() if name in own and metric.domain != "context"
    )
    nothing = next(iter(sections(panel, (ANY_METRIC,), year, focus, codes, PER_RESIDENTS).values())).iloc[:0]
    return Sections(sections(panel, metrics, year, focus, codes, PER_RESIDENTS), nothing)
