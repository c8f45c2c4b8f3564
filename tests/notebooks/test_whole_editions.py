"""Whole editions: every page runs for rich and poor cities in both languages, is short, and says a thing
once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import matplotlib.pyplot as plt
import pytest
from editions_run import FIGURE, HEAD, PAGES, Shown, run, words_in
from matplotlib.axes import Axes

from analysis import style
from analysis.panel import Panel

WORDS = 9_000
PROSE = 4_500
EDITIONS = {"first": ("440800", 2020), "rich": ("330300", 2024), "poor": ("420100", 2020)}
"""Zhanjiang; a city with neighbours, earlier years and outcomes; one with two facts."""
FACTS = 10
Edition = Mapping[str, Shown]


@pytest.fixture(
    scope="module", params=[(name, language) for name in EDITIONS for language in ("en", "zh")], ids=str
)
def edition(request: pytest.FixtureRequest) -> Edition:
    """Every page of an edition as shown."""
    name, language = request.param
    return {page_id: run(page_id, *EDITIONS[name], language) for page_id in PAGES}


def signature(data: Mapping[str, str]) -> str:
    """What a figure draws: the numbers of its data."""
    rows = list(csv.reader(io.StringIO(data["csv"])))
    return str(
        sorted(
            tuple(sorted(cell for cell in row if re.fullmatch(r"-?\d+(\.\d+)?", cell))) for row in rows[1:]
        )
    )


def unwritten(ax: Axes, name: str) -> bytes:
    """A picture that is drawn and closed, but not written."""
    plt.close(ax.get_figure())
    return f"<svg id='{name}'/>".encode()


def test_every_page_has_a_head_and_evidence(edition: Edition) -> None:
    for shown in edition.values():
        assert len([data for data in shown.of("head") if HEAD in data]) == 1
        assert len(list(shown.of("evidence"))) == 2


def test_no_figure_and_no_table_stands_twice(edition: Edition) -> None:
    figures = [signature(data[FIGURE]) for shown in edition.values() for data in shown.of("figure")]
    tables = [html.partition("<tbody>")[2] for shown in edition.values() for html in shown.tables().values()]
    assert len(figures) == len(set(figures))
    assert len(tables) == len(set(tables))


def test_marks_lead_to_evidence(edition: Edition) -> None:
    for shown in edition.values():
        text = "".join(
            str(data.get("text/markdown", "")) + str(data.get("text/html", "")) for _, data in shown.outputs
        )
        anchors = set(re.findall(r'id="(e\d+)"', text))
        assert set(re.findall(r'href="#(e\d+)"', text)) <= anchors


def test_evidence_leads_to_lines_of_data(edition: Edition, panel: Panel) -> None:
    lines = {
        f"{str(file).rsplit('/', 1)[-1]}:{line}"
        for file, line in panel.observations[["file", "line"]].itertuples(index=False)
    }
    for shown in edition.values():
        html = "".join(data["text/html"] for data in shown.of("evidence"))
        assert set(re.findall(r'data-line="([^"]+)"', html)) <= lines


def test_an_edition_is_short(edition: Edition) -> None:
    if next(iter(edition.values())).language == "zh":
        pytest.skip("words are counted in English")
    prose = {name: words_in(shown.prose()) for name, shown in edition.items()}
    tables = {
        name: sum(words_in(html) for html in shown.tables().values())
        for name, shown in edition.items()
        if name != "metrics"
    }
    assert sum(prose.values()) <= PROSE, prose
    assert sum(prose.values()) + sum(tables.values()) <= WORDS, (prose, tables)


def test_every_city_year_of_the_panel_runs(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of every city-year with ten facts or more, its language by turns; the pictures are not
    written."""
    monkeypatch.setattr(style, "svg", unwritten)
    told = panel.observations[~panel.observations["metric_id"].str.startswith("context.")]
    sizes = told.groupby(["region_code", "year"]).size()
    rich = [key for key, count in sizes.items() if count >= FACTS]
    assert len(rich) >= 40
    for number, (code, year) in enumerate(rich):
        for page_id in PAGES:
            run(page_id, str(code), int(year), ("en", "zh")[number % 2], "all")
