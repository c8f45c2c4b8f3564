"""The explorer in JupyterLab: four controls, the charts and, beside them, the evidence.

It only passes choices to `explorer.view` and shows what comes back. Each control offers what exists: the
metrics that the city has, the years that the metric has. It needs ipywidgets, which only `make lab` installs,
and says so where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import Any

from markdown_it import MarkdownIt

from analysis import editions, panel, words
from analysis.catalog import Language
from analysis.errors import FazhiError, InputError
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import explorer
from analysis.report.explorer import View
from analysis.report.outputs import Prose, Table

_STYLE = """<style>
.fazhi-explorer { line-height: 1.4 }
.fazhi-explorer figure { margin: 0 0 1.5em }
.fazhi-explorer img { max-width: 100% }
.fazhi-explorer table { font-size: 12px; margin: 0 0 1.5em }
.fazhi-explorer caption { text-align: left; font-weight: bold }
.fazhi-explorer td, .fazhi-explorer th { text-align: left; vertical-align: top; padding: 2px 8px 2px 0 }
.fazhi-explorer dt { font-weight: bold }
</style>"""


class Explorer:
    """The controls and what they show, which is nothing before `show`; a cell's last expression shows it.

    Attributes:
        city, metric, years, peers: The controls, each an ipywidget with `value`.
        charts, evidence: The two halves below them, as HTML widgets.
        box: All of it.
    """

    def __init__(
        self, panel_: Panel, city: str, metric: str, years: tuple[int, int], peers: str, language: Language
    ) -> None:
        self._panel, self._language, self._quiet = panel_, language, False
        widgets = _widgets()
        catalog = panel_.catalog
        regions = [catalog.regions[code] for code in explorer.cities(panel_)]
        self.city = widgets.Dropdown(
            options=[(f"{item.name_en} {item.name_zh}", item.region_code) for item in regions],
            value=catalog.region(city).region_code,
            description=self._word("city"),
        )
        groups = explorer.group_labels(panel_, language)
        self.peers = widgets.Dropdown(
            options=[(label, name) for name, label in groups.items()],
            value=catalog.check_group(peers),
            description=self._word("peers"),
        )
        self.metric = widgets.Dropdown(options=[("", "")], description=self._word("metric"))
        self.years = widgets.SelectionRangeSlider(
            options=years, index=(0, 0), description=self._word("years"), continuous_update=False
        )
        self.charts, self.evidence = widgets.HTML(), widgets.HTML()
        self._offer_metrics(metric)
        self._offer_years(years)
        self._watch()
        wide = widgets.Layout(width="48%")
        for control in (self.city, self.metric, self.years, self.peers, self.charts, self.evidence):
            control.layout = wide
        rows = [(self.city, self.metric), (self.years, self.peers), (self.charts, self.evidence)]
        self.box = widgets.VBox([widgets.HBox(pair) for pair in rows])

    def _repr_mimebundle_(self, **named: Any) -> Any:
        return self.box._repr_mimebundle_(**named)

    def _word(self, name: str) -> str:
        return words.label("column", name, self._language)

    def _watch(self) -> None:
        self.city.observe(self._on_city, "value")
        self.metric.observe(self._on_metric, "value")
        for control in (self.years, self.peers):
            control.observe(self._on_other, "value")

    def _on_city(self, _: Any) -> None:
        if not self._quiet:
            with self._together():
                self._offer_metrics(self.metric.value)
                self._offer_years(self._wished_years())

    def _on_metric(self, _: Any) -> None:
        if not self._quiet:
            with self._together():
                self._offer_years(self._wished_years())

    def _on_other(self, _: Any) -> None:
        if not self._quiet:
            self._draw()

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Draws once at the end, however many controls were changed."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
        self._draw()

    def _offer_metrics(self, wished: str) -> None:
        """Offers the metrics of the city; the wished one stays chosen where it is among them."""
        known = explorer.metrics(self._panel, self.city.value)
        catalog = self._panel.catalog
        self.metric.options = [(catalog.metrics[key].label(self._language), key) for key in known]
        self.metric.value = wished if wished in known else known[0]

    def _wished_years(self) -> tuple[int, int]:
        """The chosen years; all there may ever be where none was left out."""
        known, chosen = self.years.options, self.years.value
        return (0, 9999) if chosen == (known[0], known[-1]) else chosen

    def _offer_years(self, wished: tuple[int, int]) -> None:
        """Offers the years of the metric; of the wished ones those that exist, else all, stay chosen."""
        known = explorer.years(self._panel, self.city.value, self.metric.value)
        chosen = [year for year in known if min(wished) <= year <= max(wished)] or known
        # the old choice may not be among the new options
        self.years.index = (0, 0)
        self.years.options = known
        self.years.value = (chosen[0], chosen[-1])

    def _draw(self) -> None:
        try:
            view = explorer.view(
                self._panel,
                self.city.value,
                self.metric.value,
                self.years.value,
                self.peers.value,
                self._language,
            )
        except FazhiError as error:
            self.charts.value, self.evidence.value = _framed([f"<p>{escape(error.message)}</p>"]), ""
            return
        self.show(view)

    def show(self, view: View) -> None:
        """Shows a view below the controls."""
        self.charts.value, self.evidence.value = halves(view)


def explore(
    *,
    city: str | int,
    metric: str,
    years: tuple[int, int],
    peers: str,
    language: str,
    panel_: Panel | None = None,
) -> Explorer:
    """The explorer, opened at one metric of one city.

    Args:
        city: Region code, Chinese name or pinyin.
        metric: A metric that the city gives a figure on.
        years: The first and the last year.
        peers: A group of data/peer_groups.csv, or `all`, `province`, `nearest`.
        language: `en` or `zh`.
        panel_: The panel to read; the project's when None.

    Raises:
        InputError: A parameter is not acceptable, or ipywidgets is missing.
    """
    whole = panel_ or panel.latest()
    spoken = editions.check_language(language)
    # the same refusals as in a cell of its own, before any control is made
    view = explorer.view(whole, str(city), metric, years, peers, spoken)
    opened = Explorer(whole, str(city), metric, years, peers, spoken)
    opened.show(view)
    return opened


def halves(view: View) -> tuple[str, str]:
    """The charts, and the evidence with the grades, as HTML."""
    held = [] if view.not_compared is view.ranked else [view.not_compared]
    beside = [view.figures, view.evidence, *held, view.card]
    return _framed(map(_html, (view.course, view.ranked))), _framed(map(_html, beside))


def _html(shown: Chart | Prose | Table) -> str:
    bundle = shown._repr_mimebundle_()
    if "text/html" in bundle:
        return str(bundle["text/html"])
    return str(MarkdownIt("commonmark", {"html": True}).render(bundle["text/markdown"]))


def _framed(parts: Iterable[str]) -> str:
    return f'{_STYLE}<div class="fazhi-explorer">{"".join(parts)}</div>'


def _widgets() -> Any:
    """The module ipywidgets.

    Raises:
        InputError: It is not installed.
    """
    try:
        return import_module("ipywidgets")
    except ImportError:
        raise InputError(
            "The explorer needs ipywidgets", "not installed", "run `make lab`, or pip install ipywidgets."
        ) from None
