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
from analysis.report import checks, held_back
from analysis.report.change_tables import change_words, pairs_of
from analysis.report.context import Context
from analysis.report.outputs import Contents, Table
from analysis.report.places import place_words, strips_figure
from analysis.report.sections import compared, sections
from analysis.report.shared import cards

Values = Callable[[Context], Mapping[str, Any]]


@dataclass(frozen=True)
class Theme:
    """A page about some domains: `short` begins the names of its shared figures, e.g. `disputes_strips`."""

    page_id: str
    short: str
    domains: tuple[str, ...]
    sections: Mapping[str, Values] = field(default_factory=dict)
    tables: Mapping[str, Callable[[Context], Table]] = field(default_factory=dict)
    figures: Mapping[str, Callable[[Context], Any]] = field(default_factory=dict)

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
        )

    def facts(self, context: Context) -> pd.DataFrame:
        """The picked facts of the city and year in these domains, departments' own figures included."""
        return context.once("theme facts", lambda: self._facts(context))

    def _facts(self, context: Context) -> pd.DataFrame:
        facts = context.facts()
        return facts[facts["metric_id"].map(lambda key: context.metric(key).domain in self.domains)]

    def compared(self, context: Context) -> list[CrossSection]:
        """The metrics of these domains on which the city is compared, most reported first."""
        return compared(context, self.domains)

    def changes(self, context: Context) -> pd.DataFrame:
        """The changes of these domains that end in the edition's year; the columns of `compare.changes`."""
        return context.once("theme changes", lambda: self._changes(context))

    def _changes(self, context: Context) -> pd.DataFrame:
        pairs = pairs_of(context)
        fit = pairs["metric_id"].map(lambda key: context.metric(key).domain in self.domains).astype(bool)
        return pairs[fit & (pairs["year"] == context.edition.year)]

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
        facts = self.facts(context)
        context.cite(*(int(str(label)) for label in facts.index))
        rows = [self._reported_row(context, label, row) for label, row in facts.iterrows()]
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

    def _reported_row(self, context: Context, label: object, row: pd.Series) -> tuple[str, ...]:
        metric = context.metric(str(row["metric_id"])).label(context.language)
        unit = str(row["unit_name"])
        name = f"{metric}{words.comma(context.language)}{unit}" if unit else metric
        places = {
            int(str(section.rows.index[section.rows["role"] == "focus"][0])): section
            for section in self.compared(context)
        }
        section = places.get(int(str(label)))
        return (
            name,
            context.figure(row),
            context.period(row),
            context.label("scope", str(row["scope"])),
            self._change_words(context, int(str(label))),
            place_words(context, section) if section else context.label("word", "not_compared"),
        )

    def _change_words(self, context: Context, row: int) -> str:
        """The ratio to the year before with its interval, or that there is no earlier figure of the rule."""
        pairs = self.changes(context)
        found = pairs[(pairs["row"] == row) & pairs["ratio"].notna()]
        if found.empty:
            return context.label("word", "no_earlier")
        return change_words(context, found.iloc[-1])

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
