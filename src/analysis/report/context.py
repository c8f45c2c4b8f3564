"""What every page shares: the edition, the panel, words in its language and the list of cited facts.

A figure is cited by the label of its row in the panel; the first citation gives it the next number, and the
evidence table lists the rows in that order, so that each number on a page leads to its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd
from matplotlib.figure import Figure

from analysis import compare, narrative, words
from analysis.catalog import Language, Metric, Region, Source
from analysis.editions import Edition
from analysis.figures import Chart, ChartText, save_figure
from analysis.panel import Panel
from analysis.report.records import Record

Made = TypeVar("Made")
_SOURCES_SHOWN = 4


@dataclass
class Context:
    """One page of one edition while it is being written."""

    page_id: str
    edition: Edition
    panel: Panel
    cited: dict[int, int] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` returns, computed on the first call with this name and kept for the page."""
        if name not in self._made:
            self._made[name] = make()
        made: Made = self._made[name]
        return made

    def shared(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` returns, kept with the panel for every page of this city, year and peer group.

        It must be the same in every language, cite nothing, and not be changed by those who get it.
        """
        return self.panel.once(self.edition.subject, name, make)

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.edition.language

    @property
    def region(self) -> Region:
        """The city in focus."""
        return self.panel.catalog.regions[self.edition.city]

    @property
    def city(self) -> str:
        """The name of the city in focus in the page's language."""
        return self.name(self.edition.city)

    @property
    def peers(self) -> tuple[str, ...]:
        """The region codes of the peer group, the city in focus included if it is a member."""
        edition = self.edition
        return self.shared(
            "peers", lambda: compare.group(self.panel, edition.peers, edition.city, edition.year)
        )

    def facts(self) -> pd.DataFrame:
        """The picked facts of the edition's city and year without context, in the order of the report."""
        return self.once("facts", self._facts)

    def _facts(self) -> pd.DataFrame:
        frame = self.panel.pick(self.panel.facts(self.edition.city, self.edition.year))
        return frame[~frame["metric_id"].str.startswith("context.")]

    def metric(self, metric_id: str) -> Metric:
        """A metric of the catalogue."""
        return self.panel.catalog.metrics[metric_id]

    def label(self, group: str, key: str) -> str:
        """A short label in the page's language."""
        return words.label(group, key, self.language)

    def columns(self, *keys: str) -> list[str]:
        """Column headings in the page's language."""
        return [self.label("column", key) for key in keys]

    def unbroken(self, *columns: str) -> tuple[str, ...]:
        """The columns to keep on one line: in Chinese these, because any two characters may part there."""
        return columns if self.language == "zh" else ()

    def name(self, region_code: str) -> str:
        """The name of a region in the page's language."""
        return self.panel.catalog.regions[region_code].name(self.language)

    def both_names(self, region_code: str) -> str:
        """The name of a region for a chart: in English with the Chinese name after it."""
        region = self.panel.catalog.regions[region_code]
        return region.name_zh if self.language == "zh" else f"{region.name_en} {region.stem_zh}"

    def figure(self, row: pd.Series | Record) -> str:
        """A row's figure in words: with its qualifier and unit."""
        metric = self.metric(str(row["metric_id"]))
        return words.figure(float(row["value"]), str(row["qualifier"]), metric.unit, self.language)

    def period(self, row: pd.Series | Record) -> str:
        """A row's period in words."""
        return words.period(str(row["period"]), int(row["year"]), self.language)

    def cite(self, *rows: int) -> str:
        """Superscript links to the evidence of some facts; each new fact takes the next number."""
        links = []
        for row in rows:
            number = self.cited.setdefault(int(row), len(self.cited) + 1)
            links.append(f'<a href="#e{number}">{number}</a>')
        return f"<sup>{' '.join(links)}</sup>" if links else ""

    def source_line(self, rows: Iterable[int]) -> str:
        """The source line of a figure: publisher and date of the sources of the plotted rows, once each."""
        frame = self.panel.observations
        ids = dict.fromkeys(frame.loc[[row for row in rows if row in frame.index], "source_id"])
        texts = [self._source_text(self.panel.catalog.sources[str(key)]) for key in ids]
        unique = list(dict.fromkeys(texts))
        rest = len(unique) - _SOURCES_SHOWN
        more = [self.label("word", "more_sources").format(count=rest)] if rest > 0 else []
        joiner = "; " if self.language == "en" else "；"
        return self.label("word", "sources") + joiner.join([*unique[:_SOURCES_SHOWN], *more])

    def chart(
        self,
        name: str,
        drawing: Figure,
        data: pd.DataFrame,
        rows: Iterable[int],
        words_of: str = "",
        **values: Any,
    ) -> Chart:
        """A finished figure: title, subtitle and alt text from the narrative, source line from the rows.

        Args:
            name: The figure's name, of which an edition has one.
            drawing: The drawn figure.
            data: What the reader can download.
            rows: Labels of the plotted observations.
            words_of: Its words are the three paragraphs of `figure_<words_of>.md.j2`; the name when empty.
            **values: What the words need.
        """
        text = narrative.render(
            self.language, self.page_id, f"figure_{words_of or name}", **{"city": self.city, **values}
        )
        title, subtitle, alt = (part.strip() for part in re.split(r"\n{2,}", text))
        return save_figure(
            drawing,
            name=name,
            text=ChartText(title=title, subtitle=subtitle, alt=alt, source=self.source_line(rows)),
            data=data,
            csv_label=self.label("word", "csv"),
        )

    def _source_text(self, source: Source) -> str:
        return f"{source.publisher}{words.comma(self.language)}{self.date(source)}"

    def date(self, source: Source) -> str:
        """When a source was published, in words where that is unknown."""
        return source.published or self.label("word", "undated")
