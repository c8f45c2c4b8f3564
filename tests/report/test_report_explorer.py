"""The explorer offers what there is, says why it shows nothing, and draws anew when a choice changes."""

from __future__ import annotations

import sys
from typing import Any

import ipywidgets
import pytest
from matplotlib.figure import Figure

from analysis.errors import FazhiError, InputError
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import Prose, Table, context, explorer, explorer_widget, other_cities, over_time
from analysis.report.explorer_widget import Explorer

OPENED: dict[str, Any] = {
    "city": "440800",
    "metric": "reconsideration.received",
    "years": (2014, 2025),
    "peers": "guangdong",
    "language": "en",
}


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts keep their words and lose their image; the drawings have tests of their own."""

    def unsaved(_: Figure, *, name: str, text: Any, data: Any, csv_label: str) -> Chart:
        return Chart(name, text, svg="", csv="", csv_label=csv_label, data=data)

    monkeypatch.setattr(context, "save_figure", unsaved)
    monkeypatch.setattr(over_time, "small_multiples", lambda *_, **__: Figure())
    monkeypatch.setattr(other_cities, "ranked_dots", lambda *_, **__: Figure())


def seen(panel: Panel, **changes: Any) -> explorer.View:
    """The view of the opening choices with some changed."""
    chosen = {**OPENED, **changes}
    return explorer.view(
        panel, chosen["city"], chosen["metric"], chosen["years"], chosen["peers"], chosen["language"]
    )


def words(shown: Chart | Prose | Table) -> str:
    """The title of a chart, or the sentence in its place."""
    return shown.text.title if isinstance(shown, Chart) else str(shown._repr_mimebundle_()["text/plain"])


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"city": "Zhanjaing"}, "type 440800 (Zhanjiang 湛江市)"),
        ({"metric": "reconsideration.recieved"}, "type reconsideration.received"),
        ({"metric": "context.population"}, "A metric must be one that Zhanjiang gives a figure on"),
        ({"years": (1990, 1999)}, "choose from 2020"),
        ({"peers": "guangdon"}, "type guangdong"),
        ({"language": "fr"}, "choose en or zh"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(panel: Panel, changes: dict[str, Any], shown: str) -> None:
    with pytest.raises(InputError) as caught:
        seen(panel, **changes)
    assert shown in caught.value.message
    with pytest.raises(InputError):
        explorer_widget.explore(**{**OPENED, **changes}, panel_=panel)


@pytest.mark.parametrize(
    ("changes", "part", "said"),
    [
        ({}, "course", "for 2020 only in these years"),
        ({"metric": "legal_aid.provincial_rank"}, "course", "is a rank, a score or a change"),
        ({"metric": "services.hall_cases"}, "ranked", "covers part of the year"),
        ({"metric": "services.hall_items"}, "ranked", "no other city to set it beside"),
        ({"city": "110000", "peers": "nearest"}, "ranked", "cannot be formed for Beijing"),
        ({"language": "zh"}, "course", "只有2020年报告了"),
        ({"metric": "services.hall_cases", "language": "zh"}, "ranked", "非全年数"),
        ({"city": "110000", "peers": "nearest", "language": "zh"}, "ranked", "无法组成"),
    ],
)
def test_what_cannot_be_shown_says_why(panel: Panel, changes: dict[str, Any], part: str, said: str) -> None:
    shown = getattr(seen(panel, **changes), part)
    assert isinstance(shown, Prose)
    assert said in shown.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_plotted_figure_has_its_evidence(panel: Panel, language: str) -> None:
    view = seen(panel, language=language)
    assert isinstance(view.ranked, Chart)
    assert len(view.evidence.frame) >= len(view.ranked.data)
    first = view.evidence.frame.iloc[0].tolist()
    assert first[3] == "新收行政复议申请367宗"
    assert first[5] == "八(一)"
    assert "<a href=" in first[4]


def test_figures_on_both_sides_of_a_new_rule_are_not_said_to_change(panel: Panel) -> None:
    shown = seen(panel, city="110000", peers="provinces")
    assert "14,898 in 2022 and, by another rule, 84,654 in 2024" in words(shown.course)


def test_each_figure_has_its_grade_and_reasons(panel: Panel) -> None:
    table = seen(panel, metric="services.hall_cases").figures.frame
    assert table.iloc[0].tolist()[3:] == ["C", "covers part of the year"]


@pytest.fixture
def opened(panel: Panel) -> Explorer:
    """The explorer with the opening choices."""
    return explorer_widget.explore(**OPENED, panel_=panel)


def test_it_opens_at_its_parameters(opened: Explorer, panel: Panel) -> None:
    assert (opened.city.value, opened.metric.value, opened.peers.value) == (
        "440800",
        OPENED["metric"],
        "guangdong",
    )
    assert [value for _, value in opened.metric.options] == explorer.metrics(panel, "440800")
    assert opened.years.options == (2020,)
    assert "新收行政复议申请367宗" in opened.evidence.value
    assert isinstance(opened.box, ipywidgets.VBox)
    assert "application/vnd.jupyter.widget-view+json" in opened._repr_mimebundle_()


def test_another_city_offers_its_metrics_and_years_and_draws_once(
    opened: Explorer, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    view = explorer.view
    monkeypatch.setattr(explorer, "view", lambda *choices: drawn.append(choices[1:]) or view(*choices))
    before = opened.charts.value
    opened.city.value = "110000"
    assert drawn == [("110000", "reconsideration.received", (2022, 2024), "guangdong", "en")]
    assert [value for _, value in opened.metric.options] == explorer.metrics(panel, "110000")
    assert opened.charts.value != before
    assert "84,654" in opened.evidence.value


@pytest.mark.parametrize(
    ("control", "value", "shown"),
    [
        ("metric", "services.hall_items", "1,775 in 2021"),
        ("peers", "nearest", "Zhanjiang"),
        ("metric", "legal_aid.provincial_rank", "is a rank, a score or a change"),
    ],
)
def test_each_control_draws_anew(opened: Explorer, control: str, value: str, shown: str) -> None:
    opened.charts.value = opened.evidence.value = ""
    getattr(opened, control).value = value
    assert shown in opened.charts.value
    assert "<table" in opened.evidence.value


def test_fewer_years_draw_anew_and_stay_chosen(opened: Explorer) -> None:
    opened.metric.value = "services.hall_items"
    assert opened.years.value == (2014, 2021), "no year was left out before"
    opened.years.value = (2020, 2021)
    assert "2014" not in opened.charts.value + opened.evidence.value
    opened.metric.value = "services.hall_departments"
    assert opened.years.value == (2020, 2021)


def test_a_failure_stands_where_the_charts_were(opened: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise FazhiError("A rule <was> broken")

    monkeypatch.setattr(explorer, "view", refuse)
    opened.peers.value = "all"
    assert "A rule &lt;was&gt; broken" in opened.charts.value
    assert opened.evidence.value == ""


def test_a_missing_library_is_named_with_what_installs_it(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(InputError, match="needs ipywidgets") as caught:
        explorer_widget.explore(**OPENED, panel_=panel)
    assert "make lab" in caught.value.message
