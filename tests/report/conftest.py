"""Pages rendered once each: a city-year's computations serve both languages, and drawings are left blank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from matplotlib.figure import Figure

from analysis import report
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import (
    acts,
    case_flow,
    context,
    document_life,
    funnels,
    law_enforcement,
    online,
    other_cities,
    outcomes,
    over_time,
    pairs,
    places,
    profile,
    reporting,
    scorecard,
    two_years,
)

DRAWINGS = (
    (profile, "bars"),
    (profile, "rate_windows"),
    (outcomes, "composition"),
    (over_time, "small_multiples"),
    (over_time, "changes_figure"),
    (other_cities, "ranked_dots"),
    (places, "strips"),
    (reporting, "coverage_matrix"),
    (case_flow, "waterfall"),
    (funnels, "funnel"),
    (pairs, "changes"),
    (scorecard, "mark_rows"),
    (acts, "bars"),
    (law_enforcement, "composition"),
    (online, "bars"),
    (online, "ranked_dots"),
    (document_life, "bars"),
    (two_years, "ranked_dots"),
)
"""What draws; the drawings have tests of their own in tests/figures."""


@dataclass(frozen=True)
class Rendered:
    """A page with all it would show, each output by its kind and name."""

    page: report.Page
    head: report.Head
    texts: dict[str, str]
    tables: dict[str, report.Table]
    figures: dict[str, Any]

    @property
    def prose(self) -> str:
        """Every sentence of the page, captions and words of figures included."""
        figures = [
            "\n".join([figure.text.title, figure.text.subtitle, figure.text.alt, figure.text.source])
            for figure in self.figures.values()
            if isinstance(figure, Chart)
        ]
        absent = [figure.text for figure in self.figures.values() if not isinstance(figure, Chart)]
        return "\n\n".join([self.head.title, self.head.lead, *self.texts.values(), *figures, *absent])

    @property
    def html(self) -> str:
        """Every table of the page."""
        return "\n".join(table._repr_mimebundle_()["text/html"] for table in self.tables.values())


Render = Callable[[str, str, int, str], Rendered]


@pytest.fixture(scope="session")
def render(panel: Panel) -> Render:
    """Renders a page of a city-year in a language, once; nothing stays patched between calls."""
    kept: dict[tuple[str, str, int, str], Rendered] = {}

    def made(page_id: str, city: str, year: int, language: str) -> Rendered:
        key = (page_id, city, year, language)
        if key not in kept:
            with pytest.MonkeyPatch.context() as patch:
                for module, name in DRAWINGS:
                    patch.setattr(module, name, lambda *_, **__: Figure())
                patch.setattr(context, "save_figure", _unsaved)
                kept[key] = _render(panel, *key)
        return kept[key]

    return made


def _render(panel: Panel, page_id: str, city: str, year: int, language: str) -> Rendered:
    page = report.open_page(page_id, city=city, year=year, language=language, peers="guangdong", panel_=panel)
    contents = report.PAGES[page_id]
    head = page.head()
    texts = {name: page.text(name).text for name in contents.sections if name not in ("head", "evidence")}
    figures = {name: page.figure(name) for name in contents.figures}
    tables = {name: page.table(name) for name in contents.tables}
    texts["evidence"] = page.text("evidence").text
    tables |= {"evidence": page.evidence(), "sources": page.sources()}
    return Rendered(page, head, texts, tables, figures)


def _unsaved(drawing: Figure, *, name: str, text: Any, data: Any, csv_label: str) -> Chart:
    """The chart without its image."""
    assert len(data), f"{name} has no data behind it"
    return Chart(name, text, svg="", csv=data.to_csv(index=False), csv_label=csv_label, data=data)
