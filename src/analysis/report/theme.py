"""What every page about a field of work shows: what was reported there, what changed, and the city's place.

A page names its domains; this module gives the parts that all such pages share, and the page adds its own
figures and findings. It compares nothing that `compare` grades C, and says of such a figure why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis import words
from analysis.compare import CrossSection
from analysis.report import checks, held_back, metric_cards
from analysis.report.change_tables import change_words, pairs_of
from analysis.report.context import Context
from analysis.report.outputs import Contents, Table
from analysis.report.places import place_words, strips_figure
from analysis.report.records import Record, records
from analysis.report.sections import compared, sections
from analysis.report.shared import cards

_COLUMNS = ("metric_id", "unit_name", "value", "qualifier", "period", "year", "scope")
Values = Callable[[Context], Mapping[str, Any]]


@dataclass(frozen=True)
class Theme:
    """A page about some domains: `short` begins the names of its shared figures, e.g. `disputes_strips`.

    `ahead` is what the page adds to the steps that all such pages can compute ahead (`Contents.ahead`).
    """

    page_id: str
    short: str
    domains: tuple[str, ...]
    sections: Mapping[str, Values] = field(default_factory=dict)
    tables: Mapping[str, Callable[[Context], Table]] = field(default_factory=dict)
    figures: Mapping[str, Callable[[Context], Any]] = field(default_factory=dict)
    ahead: tuple[Callable[[Context], object], ...] = ()

    def contents(self) -> Contents:
        """The page: the shared parts, and what the page adds or replaces.

        Shared sections: head, reported, places, not_compared, cards, evidence. Shared tables: reported,
        not_compared, checks. Shared figure: `<short>_strips`.
        """
        return Contents(
            self.page_id,
            reads="panel",
            sections={
                **dict.fromkeys(("head", "reported", "places", "not_compared", "checks"), self.head),
                "cards": self._cards,
                "evidence": self._evidence,
                **self.sections,
            },
            tables={
                "reported": self.reported,
                "not_compared": self._not_compared,
                "checks": lambda context: checks.table(context, self.domains),
                **self.tables,
            },
            figures={
                f"{self.short}_strips": lambda context: strips_figure(
                    context, f"{self.short}_strips", self.compared(context)
                ),
                **self.figures,
            },
            ahead=(
                sections,
                self.facts,
                self.compared,
                pairs_of,
                self.changes,
                checks.findings,
                metric_cards.by_metric,
                *self.ahead,
            ),
        )

    def facts(self, context: Context) -> pd.DataFrame:
        """The picked facts of the city and year in these domains, departments' own figures included."""
        return context.shared(f"facts {self.domains}", lambda: self._facts(context))

    def _facts(self, context: Context) -> pd.DataFrame:
        facts = context.facts()
        return facts[self._within(context, facts)]

    def _within(self, context: Context, frame: pd.DataFrame) -> pd.Series:
        """Whether the metric of each row is of these domains."""
        metrics = context.panel.catalog.metrics.values()
        return frame["metric_id"].isin([item.metric_id for item in metrics if item.domain in self.domains])

    def compared(self, context: Context) -> list[CrossSection]:
        """The metrics of these domains on which the city is compared, most reported first."""
        return compared(context, self.domains)

    def changes(self, context: Context) -> pd.DataFrame:
        """The changes of these domains that end in the edition's year; the columns of `compare.changes`."""
        return context.shared(f"changes {self.domains}", lambda: self._changes(context))

    def _changes(self, context: Context) -> pd.DataFrame:
        pairs = pairs_of(context)
        return pairs[(pairs["year"] == context.edition.year) & self._within(context, pairs)]

    def head(self, context: Context) -> dict[str, Any]:
        """Counts that leads and section heads print: figures, metrics, those compared, cities, changes."""
        return context.once("theme head", lambda: self._head(context))

    def _head(self, context: Context) -> dict[str, Any]:
        facts, fit = self.facts(context), self.compared(context)
        cities = {code for section in fit for code in section.comparable["region_code"]}
        return {
            "city": context.city,
            "year": context.edition.year,
            "figures": len(facts),
            "metrics": facts["metric_id"].nunique(),
            "domains": [words.lowered(context.label("domain", name)) for name in self.domains],
            "told": [
                words.lowered(context.label("domain", name))
                for name in self.domains
                if facts["metric_id"].str.startswith(f"{name}.").any()
            ],
            "shared": len(sections(context, self.domains)),
            "compared": len(fit),
            "others": len(cities - {context.edition.city}),
            "most": max((section.reporting for section in fit), default=0),
            "changes": len(self.changes(context)),
        }

    def reported(self, context: Context) -> Table:
        """Every figure of the city in these domains: value, period, scope, change, place among cities."""
        facts = records(self.facts(context), *_COLUMNS)
        context.cite(*(row["row"] for row in facts))
        changes, places = self._change_words(context), self._place_words(context)
        rows = [self._reported_row(context, row, changes, places) for row in facts]
        names = context.columns("metric", "value", "period", "scope", "change", "place")
        caption = {"en": "What was reported, what changed, and the place", "zh": "报告的数字、变化与位次"}
        empty = {"en": "The city reported no figure in this field.", "zh": "该市在此领域没有报告数字。"}
        return Table(
            "reported",
            caption[context.language],
            pd.DataFrame(rows, columns=names),
            numeric=(names[1], names[5]),
            unbroken=context.unbroken(names[2], names[3], names[5]),
            empty=empty[context.language],
        )

    def _reported_row(
        self, context: Context, row: Record, changes: Mapping[int, str], places: Mapping[int, str]
    ) -> tuple[str, ...]:
        """A line of the table; without an earlier figure or a place it says so."""
        metric, label = context.metric(row["metric_id"]).label(context.language), row["row"]
        return (
            words.comma(context.language).join(filter(None, [metric, row["unit_name"]])),
            context.figure(row),
            context.period(row),
            context.label("scope", row["scope"]),
            changes.get(label) or context.label("word", "no_earlier"),
            places.get(label) or context.label("word", "not_compared"),
        )

    def _change_words(self, context: Context) -> dict[int, str]:
        """By the later figure's label, its ratio to an earlier one with the interval, where there is one."""
        pairs = self.changes(context)
        told = pairs[pairs["ratio"].notna()]
        return {int(row["row"]): change_words(context, row) for _, row in told.iterrows()}

    def _place_words(self, context: Context) -> dict[int, str]:
        """By the label of the city's figure, its place among the cities, where it is compared."""
        return {
            int(section.rows.index[section.rows["role"] == "focus"][0]): place_words(context, section)
            for section in self.compared(context)
        }

    def _not_compared(self, context: Context) -> Table:
        return held_back.table(context, sections(context, self.domains), self.compared(context))

    def _cards(self, context: Context) -> dict[str, Any]:
        chosen = list(dict.fromkeys(self.facts(context)["metric_id"]))
        return {"cards": cards(context, chosen), "count": len(chosen)}

    def _evidence(self, context: Context) -> dict[str, Any]:
        for section in self.compared(context):
            fit = section.rows[section.rows["grade"] != "C"]
            context.cite(*(int(str(label)) for label in fit.index))
            if section.rated:
                context.cite(*(int(label) for label in fit["residents_row"] if label >= 0))
        return {"city": context.city, "figures": len(context.cited)}
