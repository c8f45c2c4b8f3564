"""Every page of many kinds of city-year reads well in both languages and leads each figure to its source."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from analysis.catalog import LANGUAGES
from analysis.panel import Panel
from analysis.report import PAGES, Prose

ROOT = Path(__file__).resolve().parents[2]
CITIES = [
    ("440800", 2020),
    ("440800", 2019),
    ("440800", 2021),
    ("440100", 2020),
    ("440100", 2022),
    ("420100", 2020),
    ("460100", 2020),
    ("460100", 2022),
    ("442000", 2020),
    ("330108", 2020),
    ("110112", 2023),
    ("000000", 2023),
    ("310000", 2014),
]
BLANKS = re.compile(r"\bnan\b|\bNaN\b|\bNone\b|\binf\b|\bTrue\b|\bFalse\b|\{\{|\{%|%\}|\}\}|<NA>|dtype")
STRAY = re.compile(
    r"\.\.(?!\.)|,,|;;|::|，，|。。|；；|、、|，。|,\.|\( |\(\)|（）| ,| \.(?!\d)|  \S|，、|、，"
)
BANNED = {
    "en": re.compile(r"\b(?:wrong|false|cheat\w*|lied|better|worse)\b", re.IGNORECASE),
    "zh": re.compile(r"造假|错误|更好|更差"),
}
CITATION = re.compile(r'href="#(e\d+)"')
TAG = re.compile(r"<[^>]+>")


def plain(text: str) -> str:
    """Prose without tags, with list marks and headings cut."""
    return re.sub(r"^\s*(?:[-*#]+|\d+\.)\s+", "", TAG.sub("", text), flags=re.MULTILINE)


def test_faults_of_prose_are_seen() -> None:
    for text in ("a nan b", "None of it".replace(" of it", ","), "{{ city }}", "{% if x %}"):
        assert BLANKS.findall(text), text
    for text in ("a.. b", "a,, b", "，，", "多。。", "( a", "a .", "a  b", "（）"):
        assert STRAY.findall(text), text
    for text in ("A sentence, with 3.4 of 5. Another one… (a, b).", "一、二；三（四）。"):
        assert not STRAY.findall(text), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("city", "year"), CITIES)
def test_a_page_of_any_city_reads_well(
    panel: Panel, render: Any, city: str, year: int, language: str
) -> None:
    mirrors = {item.mirror_url for item in panel.catalog.sources.values()}
    mirrors -= {item.url for item in panel.catalog.sources.values()} | {""}
    for page_id in PAGES:
        made = render(page_id, city, year, language)
        prose, html = plain(made.prose), made.html
        where = f"{page_id} {city} {year} {language}"
        assert BLANKS.findall(prose) == [], where
        assert BLANKS.findall(plain(html)) == [], where
        cards = made.texts.get("cards", "")
        own = plain(made.prose.replace(cards, ""))
        assert [own[max(0, m.start() - 30) : m.end() + 10] for m in STRAY.finditer(own)] == [], where
        assert BANNED[language].findall(own) == [], where
        everything = json.dumps([made.prose, html, [t.__repr__() for t in made.tables.values()]])
        assert [url for url in mirrors if url in everything] == [], where
        anchors = re.findall(r'id="(e\d+)"', html)
        assert set(CITATION.findall(made.prose + html)) <= set(anchors), where
        assert [name for name, count in Counter(anchors).items() if count > 1] == [], where
        assert made.head.title.strip(), where
        assert made.head.lead.strip(), where
        assert made.head.language == language


@pytest.mark.parametrize(("city", "year"), CITIES)
def test_both_languages_show_the_same_outputs_and_numbers_of_rows(render: Any, city: str, year: int) -> None:
    for page_id in PAGES:
        english, chinese = (render(page_id, city, year, language) for language in LANGUAGES)
        kinds = [
            {name: type(item).__name__ for name, item in made.figures.items()} for made in (english, chinese)
        ]
        assert kinds[0] == kinds[1]
        sizes = [
            {name: table.frame.shape for name, table in made.tables.items()} for made in (english, chinese)
        ]
        assert sizes[0] == sizes[1]
        assert list(english.page.context.cited) == list(chinese.page.context.cited)


@pytest.mark.parametrize(
    ("page_id", "language", "numbers"),
    [
        ("01_report_profile", "en", ["105", "213,614", "268", "272", "36.76", "36.7", "81%", "115%", "85%"]),
        ("01_report_profile", "zh", ["105", "213,614", "268", "272", "36.7", "81%", "115%", "85%"]),
        ("02_over_time", "en", ["5,208", "5,238", "4,041", "4,061", "2,184", "2,197", "9,453"]),
        ("02_over_time", "zh", ["5,208", "5,238", "4,041", "4,061", "2,184", "2,197", "9,453"]),
        ("03_other_cities", "en", ["5.26", "367", "4.73", "5.82", "39.2", "3.21"]),
        ("03_other_cities", "zh", ["5.26", "367", "4.73", "5.82", "39.2", "3.21"]),
    ],
)
def test_the_pages_of_zhanjiang_say_what_is_known(
    render: Any, page_id: str, language: str, numbers: list[str]
) -> None:
    made = render(page_id, "440800", 2020, language)
    text = made.prose + "\n".join(repr(table) for table in made.tables.values())
    assert [number for number in numbers if number not in text] == []


def test_zhanjiang_is_placed_among_nine_cities(render: Any) -> None:
    table = render("03_other_cities", "440800", 2020, "en").tables["compared"].frame
    row = table[table.apply(lambda cells: cells.astype(str).str.startswith("5.26").any(), axis=1)]
    assert len(row) == 1
    cells = row.iloc[0].astype(str).tolist()
    assert any(cell.startswith("8 of 9; range 6–8 of 9") for cell in cells), "counted from the highest"


def test_outcomes_of_zhanjiang_leave_four_not_itemised(render: Any) -> None:
    made = render("01_report_profile", "440800", 2020, "en")
    data = made.figures["outcomes"].data.set_index("metric_id")["value"]
    assert data["reconsideration.closed"] - data.drop("reconsideration.closed").sum() == 4
    assert "rates" in made.figures


def test_grade_c_stands_with_its_reason(render: Any) -> None:
    frame = render("03_other_cities", "440800", 2020, "en").tables["not_compared"].frame
    assert len(frame) > 5
    assert frame["Why"].str.len().gt(0).all()
    reasons = " ".join(frame["Why"])
    assert "base not stated" in reasons
    assert "covers part of the year" in reasons


@pytest.mark.parametrize(("city", "year"), [("440100", 2020), ("440800", 2019), ("330108", 2020)])
def test_a_city_with_few_facts_gets_a_short_honest_page(
    panel: Panel, render: Any, city: str, year: int
) -> None:
    made = render("01_report_profile", city, year, "en")
    facts = made.page.context.facts()
    coverage = made.tables["coverage"].frame
    numbers = coverage["Figures"][coverage["Figures"] != "not reported"].astype(int)
    assert numbers.sum() == len(facts)
    assert (coverage["Figures"] == "not reported").any()
    assert len(made.tables["evidence"].frame) >= len(facts)
    zhanjiang = render("01_report_profile", "440800", 2020, "en")
    assert len(made.prose) < len(zhanjiang.prose)


def test_page_one_cites_every_fact_of_its_city_and_year(render: Any) -> None:
    made = render("01_report_profile", "440800", 2020, "en")
    assert set(made.page.context.facts().index) <= set(made.page.context.cited)
    assert len(made.tables["evidence"].frame) == len(made.page.context.cited)


@pytest.mark.parametrize(("city", "year", "language"), [("440100", 2020, "zh"), ("330108", 2020, "en")])
def test_figures_of_a_few_facts_are_drawn(panel: Panel, city: str, year: int, language: str) -> None:
    for page_id, contents in PAGES.items():
        page = report.open_page(
            page_id, city=city, year=year, language=language, peers="guangdong", panel_=panel
        )
        for name in contents.figures:
            made = page.figure(name)
            assert isinstance(made, Prose) or made.svg.startswith("<?xml"), name


def test_links_lead_to_addresses_of_sources_only(panel: Panel, render: Any) -> None:
    known = {item.link for item in panel.catalog.sources.values()}
    html = render("03_other_cities", "440800", 2020, "en").html.replace("&amp;", "&")
    links = set(re.findall(r'href="(http[^"]+)"', html))
    assert links
    assert links <= known


def test_pages_that_read_one_city_hold_no_other(panel: Panel) -> None:
    for page_id, contents in PAGES.items():
        page = report.open_page(
            page_id, city="440800", year=2020, language="en", peers="guangdong", panel_=panel
        )
        codes = set(page.context.panel.observations["region_code"])
        assert (codes == {"440800"}) == (contents.reads == "city")


@pytest.mark.parametrize("page_id", PAGES)
def test_the_notebook_says_what_its_page_reads_and_shows_all_of_it(page_id: str) -> None:
    book = json.loads((ROOT / "notebooks" / f"{page_id}.ipynb").read_text(encoding="utf-8"))
    contents = PAGES[page_id]
    assert book["metadata"]["fazhi"]["reads"] == contents.reads
    source = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    shown = {
        kind: set(re.findall(rf'page\.{kind}\("(\w+)"\)', source)) for kind in ("text", "table", "figure")
    }
    assert shown["text"] == set(contents.sections) - {"head"}
    assert shown["table"] == set(contents.tables)
    assert shown["figure"] == set(contents.figures)
