"""A page refuses what it cannot trace or say in both languages, and shows the rest in its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shown_outputs import Opened

from analysis import charts, compare
from analysis.errors import FazhiError, InputError
from analysis.page import open_page
from analysis.page.outputs import FIGURE_MIME, HEAD_MIME
from analysis.panel import Panel

BOTH = {"en": "A title", "zh": "标题"}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"city": "Zhanjang"}, "Zhanjiang"),
        ({"year": 1999}, "2020"),
        ({"language": "fr"}, "choose en or zh"),
        ({"peers": "guangdon"}, "guangdong"),
    ],
)
def test_a_bad_parameter_is_refused_with_what_would_do(
    panel: Panel, given: dict[str, object], named: str
) -> None:
    good = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong", "panel": panel}
    with pytest.raises(InputError, match=named):
        open_page("04_other_cities", **{**good, **given})  # type: ignore[arg-type]


def test_a_city_given_as_a_number_keeps_its_zeros(panel: Panel) -> None:
    assert open_page("01_summary", 0, 2020, "en", "all", panel).city == "000000"


@pytest.mark.parametrize("words", [{"en": "", "zh": "有"}, {"en": "is", "zh": ""}])
def test_a_sentence_needs_both_languages(opened: Opened, words: dict[str, str]) -> None:
    page, shown = opened()
    with pytest.raises(InputError, match="both languages"):
        page.say(**words)
    assert shown == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("missing", [np.nan, None, "{place}"])
def test_a_missing_value_in_the_other_language_fails_at_once(
    opened: Opened, language: str, missing: object
) -> None:
    page, _ = opened(language)
    for words in ({"en": f"It is {missing}.", "zh": "有。"}, {"en": "It is.", "zh": f"为{missing}。"}):
        with pytest.raises(InputError, match="must be there"):
            page.say(**words)


def test_a_sentence_is_shown_in_the_page_s_language(opened: Opened) -> None:
    for language, words in (("en", "One."), ("zh", "一。")):
        page, shown = opened(language)
        page.say(en="One.", zh="一。")
        assert shown == [({"text/markdown": words, "text/plain": words}, {"fazhi": "text"})]


def test_a_sixth_finding_is_refused(opened: Opened) -> None:
    page, shown = opened()
    for _ in range(5):
        page.finding(en="A finding.", zh="发现。")
    with pytest.raises(InputError, match="at most 5 findings"):
        page.finding(en="A finding.", zh="发现。")
    assert [metadata["fazhi_text"] for _, metadata in shown] == ["A finding."] * 5


def test_a_finding_of_sixty_words_passes_and_one_more_does_not(opened: Opened) -> None:
    page, _ = opened()
    page.finding(en=" ".join(["word"] * 60) + page.cite(page.facts.index[:2]), zh="词")
    with pytest.raises(InputError, match="61 words"):
        page.finding(en=" ".join(["word"] * 61), zh="词")


def test_a_frame_without_trace_reaches_no_page(opened: Opened) -> None:
    page, shown = opened()
    lost = page.facts.reset_index(drop=True)[["metric_id", "value"]]
    for call in (
        lambda: page.table(lost, "lost", title=BOTH),
        lambda: page.cite(lost),
        lambda: page.figure(None, "lost_figure", data=lost, title=BOTH, subtitle=BOTH, alt=BOTH),
        lambda: page.table(
            page.facts.groupby("domain" if "domain" in page.facts else "scope").size().to_frame("n"),
            "g",
            title=BOTH,
        ),
    ):
        with pytest.raises(InputError, match="leads to rows of the panel"):
            call()
    assert shown == []


def test_a_row_that_is_not_in_the_panel_cannot_be_cited(opened: Opened) -> None:
    page, _ = opened()
    with pytest.raises(InputError, match="rows that a derived figure follows from"):
        page.cite(-1)


def test_a_name_stands_once(opened: Opened) -> None:
    page, _ = opened()
    page.table(page.facts[["metric_id", "value"]].head(1), "figures", title=BOTH)
    with pytest.raises(InputError, match="once"):
        page.table(page.facts[["metric_id", "value"]].head(1), "figures", title=BOTH)


@pytest.mark.parametrize("lacking", ["title", "subtitle", "alt"])
def test_a_figure_without_words_is_refused(opened: Opened, lacking: str) -> None:
    page, _ = opened()
    cases = compare.fair(page.panel, "reconsideration.received", 2020, "湛江")
    words = {"title": BOTH, "subtitle": BOTH, "alt": BOTH, lacking: {"en": "Only English"}}
    with pytest.raises(InputError, match="en and zh"):
        page.figure(charts.ranked(cases), "ranked", data=cases, **words)


def test_a_missing_cell_and_an_unknown_column_are_refused(opened: Opened) -> None:
    page, _ = opened()
    with pytest.raises(InputError, match="no missing cell"):
        page.table(page.facts.head(1)[["metric_id"]].assign(rate=np.nan), "missing", title=BOTH)
    with pytest.raises(FazhiError, match=r"words\.csv"):
        page.table(page.facts.head(1)[["metric_id"]].assign(mine=1.0), "unknown", title=BOTH)


def test_an_analyst_s_own_column_gets_its_heading(opened: Opened) -> None:
    page, shown = opened("zh")
    own = page.facts.head(1)[["metric_id"]].assign(mine=1.5)
    page.table(own, "own", title=BOTH, columns={"mine": {"en": "Mine", "zh": "自拟指标"}})
    assert '<th scope="col" class="n">自拟指标</th>' in shown[0][0]["text/html"]


def test_an_empty_frame_is_said_in_words(opened: Opened) -> None:
    page, shown = opened()
    none = page.facts.iloc[:0]
    page.table(none[["metric_id"]], "none", title=BOTH)
    page.figure(None, "nothing", data=none, title=BOTH, subtitle=BOTH, alt=BOTH)
    assert "none" in shown[0][0]["text/plain"]
    assert "nothing comparable" in shown[1][0]["text/plain"]


def test_a_table_escapes_what_it_is_given_and_marks_each_row(opened: Opened) -> None:
    page, shown = opened()
    rows = page.facts.head(2)[[]].assign(name="<script>")
    page.table(rows, "escaped", title={"en": "A <b>", "zh": "甲<b>"})
    html = shown[0][0]["text/html"]
    assert "<script>" not in html
    assert "A &lt;b&gt;" in html
    assert html.count('<sup><a href="#e') == 2


def test_the_figure_carries_words_source_and_csv(opened: Opened) -> None:
    page, shown = opened()
    cases = compare.fair(page.panel, "reconsideration.received", 2020, "湛江")
    page.figure(charts.ranked(cases), "ranked", data=cases.comparable, title=BOTH, subtitle=BOTH, alt=BOTH)
    data, metadata = shown[0]
    bundle = data[FIGURE_MIME]
    assert metadata == {"fazhi": "figure"}
    assert bundle["source"].startswith("Sources: ")
    assert len(bundle["csv"].splitlines()) == len(cases.comparable) + 1
    assert "44.csv:" in bundle["csv"]
    assert data["text/html"].count("data:image/svg+xml;base64,") == 1


def test_no_text_of_the_csv_begins_as_a_formula(opened: Opened) -> None:
    page, shown = opened()
    rows = page.facts.head(1)[["value"]].assign(name="=1+1")
    cases = compare.fair(page.panel, "reconsideration.received", 2020, "湛江")
    page.figure(charts.ranked(cases), "formula", data=rows, title=BOTH, subtitle=BOTH, alt=BOTH)
    assert "'=1+1" in shown[0][0][FIGURE_MIME]["csv"]


def test_marks_lead_to_rows_of_the_evidence_and_these_to_lines_of_data(opened: Opened, panel: Panel) -> None:
    page, shown = opened()
    some = page.facts.head(3)
    assert page.cite(some) == '<sup><a href="#e1">1–3</a></sup>'
    assert page.cite(some.iloc[1]) == '<sup><a href="#e2">2</a></sup>'
    page.evidence()
    html = shown[0][0]["text/html"]
    for number, (_, row) in enumerate(some.iterrows(), start=1):
        name = str(row["file"]).rsplit("/", 1)[-1]
        assert f'id="e{number}" data-line="{name}:{row["line"]}"' in html
        assert row["evidence"] in html


def test_a_mirrored_source_is_no_link(opened: Opened, panel: Panel) -> None:
    page, shown = opened()
    copies = panel.observations.query("status == 'U' and year == 2020").rename_axis("row").head(3)
    page.cite(copies)
    page.sources()
    mirrors = [panel.catalog.sources[key] for key in copies["source_id"]]
    assert all(source.mirror_url not in shown[0][0]["text/html"] for source in mirrors if source.mirror_url)


def test_the_head_gives_the_page_its_words(opened: Opened) -> None:
    page, shown = opened("zh")
    page.head(title=BOTH, lead={"en": "An answer.", "zh": "回答。"})
    bundle = shown[0][0][HEAD_MIME]
    assert (bundle["title"], bundle["lead"], bundle["city_name"], bundle["year"]) == (
        "标题",
        "回答。",
        "湛江市",
        2020,
    )


def test_the_page_prints_itself_in_one_line(opened: Opened) -> None:
    page, _ = opened()
    assert repr(page) == "<Page 04_other_cities: Zhanjiang 2020, en, 0 rows cited>"


def test_traces_of_frames_rows_and_labels_agree(opened: Opened) -> None:
    page, _ = opened()
    frame = page.facts.head(2)
    rows = pd.DataFrame({"rows": [tuple(frame.index)]})
    assert page.cite(frame) == page.cite(rows) == page.cite(rows.iloc[0]) == page.cite(frame.index)
