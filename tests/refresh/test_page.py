"""What a page refuses, then what it is: one file, in order, with ids, labels and data that work."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.errors import FazhiError
from analysis.refresh.export import FIGURE_MIME, NOTE_TAG, PAGE_MIME, export
from analysis.refresh.markup import LARGEST_PAGE, check_page, markdown
from analysis.refresh.run import notebook_problems

HEADER = {
    "page_id": "other_cities",
    "title": "How does 湛江市 compare?",
    "lead": "Nine cities report **one** figure.",
    "kicker": "Zhanjiang · 2020",
    "language": "en",
    "city_name": "Zhanjiang",
    "year": 2020,
    "description": "Zhanjiang beside other cities.",
}
FIGURE = {
    "name": "received",
    "title": "Few residents ask for reconsideration",
    "subtitle": "Per 100,000 residents, 2020",
    "alt": "Ranked dots: Zhanjiang is the second lowest of nine.",
    "source": "Source: Zhanjiang 2021 & census",
    "csv": "city,rate\n湛江市,5.26\n",
    "csv_label": "Data (CSV)",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
CONTEXT: dict[str, Any] = {
    "edition": "440800-2020-guangdong-en",
    "language": "en",
    "stem": "03_other_cities",
    "pages": [["01_report_profile.html", "Profile"], ["03_other_cities.html", "Other cities"]],
    "position": 2,
    "other_language": "../440800-2020-guangdong-zh/03_other_cities.html",
    "index": "../index.html",
    "data_version": "2026.11",
    "notebook": None,
}


def cell(mime: str, body: Any, *tags: str) -> NotebookNode:
    """A code cell that showed one output."""
    data = {"text/plain": "repr", mime: body}
    outputs = [new_output("display_data", data=data, metadata={"fazhi": "text"})]
    return new_code_cell("page.show()", outputs=outputs, metadata={"tags": list(tags)})


def bare(kind: str, *tags: str, **content: Any) -> NotebookNode:
    """A code cell with an output that `analysis.page` has not made."""
    more = {"execution_count": 1} if kind == "execute_result" else {}
    shown = new_output(kind, **{**more, **content})
    return new_code_cell("df.head()", outputs=[shown], metadata={"tags": list(tags)})


def figure_cell(**changes: str) -> NotebookNode:
    """A code cell that showed a figure."""
    made = cell(FIGURE_MIME, FIGURE | changes)
    address = "data:image/svg+xml;base64," + base64.b64encode(SVG).decode()
    made.outputs[0].metadata["fazhi"] = "figure"
    made.outputs[0].data["text/html"] = f'<figure><img alt="x" src="{address}"></figure>'
    return made


def notebook(*cells: NotebookNode, **header: Any) -> NotebookNode:
    """A notebook with a page header and further cells."""
    return new_notebook(cells=[cell(PAGE_MIME, HEADER | header), *cells])


def render_page(book: NotebookNode, context: dict[str, Any]) -> str:
    """The page among the files of an export."""
    _, files = export(book, context)
    return files[f"{context['edition']}/{context['stem']}.html"].decode()


def rendered(*cells: NotebookNode, **changes: Any) -> BeautifulSoup:
    """The parsed page of a notebook with these cells."""
    language = changes.get("language", "en")
    context = CONTEXT | changes
    return BeautifulSoup(render_page(notebook(*cells, language=language), context), "html.parser")


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<img alt="a map" src="https://example.org/map.png">', "loads nothing"),
        ('<img alt="a map" src="//example.org/map.png">', "loads nothing"),
        ('<img alt="a map" src="figures/map.png">', "loads nothing"),
        ('<img alt="a map" srcset="https://example.org/map.png 2x" src="data:,">', "loads nothing"),
        ('<p style="background:url(https://example.org/p.png)">x</p>', "loads nothing"),
        ('<svg><image href="https://example.org/p.png"></image></svg>', "loads nothing"),
        ('<link rel="stylesheet" href="https://example.org/s.css">', "loads nothing"),
        ('<a href="data:text/html,hello">x</a>', "loads nothing"),
        ("<script>alert(1)</script>", "no script"),
        ('<p onclick="alert(1)">x</p>', "no script"),
        ('<a href=" JavaScript:alert(1)">x</a>', "no script"),
        ('<iframe src="data:,"></iframe>', "no script"),
        ('<meta http-equiv="refresh" content="0">', "no script"),
        ('<img src="data:image/png;base64,AA==">', "alt text"),
        ('<h2 id="a">A</h2><h2 id="a">B</h2>', "An id stands once"),
        ('<sup><a href="#e9">9</a></sup>', "leads to a part of it"),
        ("<h1>A second title</h1>", "one h1"),
        ("<h2>A</h2><h4>Too deep</h4>", "skip no level"),
        ("<h3>Too deep at once</h3>", "skip no level"),
        ("<table><tr><td>1</td></tr></table>", "header cells"),
    ],
)
def test_output_that_breaks_a_promise_is_refused(html: str, rule: str) -> None:
    with pytest.raises(FazhiError, match=rule) as raised:
        rendered(cell("text/html", html))
    assert raised.value.fix


def test_markdown_is_held_to_the_same_promises() -> None:
    with pytest.raises(FazhiError, match="loads nothing"):
        rendered(cell("text/markdown", "## A\n\n![a map](https://example.org/map.png)"))


BARE = {
    "printed text": bare("stream", name="stdout", text="40"),
    "a widget or script": bare("display_data", data={"application/vnd.jupyter.widget-view+json": {}}),
    "a bare figure": bare("display_data", data={"image/png": "AA==", "text/plain": "<Figure>"}),
    "a bare table": bare("execute_result", data={"text/html": "<table></table>", "text/plain": "x"}),
    "bare Markdown": bare("display_data", data={"text/markdown": "## A", "text/plain": "x"}),
    "a plain result": bare("execute_result", data={"text/plain": "40"}),
}


@pytest.mark.parametrize("what", BARE)
def test_what_a_notebook_shows_is_on_the_page_or_refused_with_its_cell(what: str) -> None:
    with pytest.raises(FazhiError, match=rf"cell 2 \(df.head\(\)\): {what}") as raised:
        rendered(BARE[what])
    assert NOTE_TAG in str(raised.value.fix)
    note = BARE[what].copy()
    note.metadata = {"tags": [NOTE_TAG]}
    assert "df.head" not in rendered(note, cell("text/markdown", "## A")).get_text()


def test_markdown_stands_on_the_pages_of_its_language_or_is_refused() -> None:
    cells = [
        new_markdown_cell("## In English", metadata={"tags": ["en"]}),
        new_markdown_cell("## 中文", metadata={"tags": ["zh"]}),
        new_markdown_cell("SECRET", metadata={"tags": [NOTE_TAG]}),
    ]
    english, chinese = rendered(*cells), rendered(*cells, language="zh")
    assert [[h.get_text() for h in page.find_all("h2")] for page in (english, chinese)] == [
        ["In English"],
        ["中文"],
    ]
    assert "SECRET" not in english.decode() + chinese.decode()
    with pytest.raises(
        FazhiError, match=r"Markdown cell says(?s:.*)cell 2 \(## A\) has no tag(?s:.*)analyst-note"
    ):
        rendered(new_markdown_cell("## A"))


def test_cells_are_counted_as_their_author_sees_them() -> None:
    injected = new_code_cell("city = 1", metadata={"tags": ["injected-parameters"]})
    with pytest.raises(FazhiError, match=r"cell 2 \(df.head"):
        rendered(injected, BARE["a plain result"])


def test_a_drawing_may_stand_alone_before_the_cell_that_shows_it() -> None:
    drawing = BARE["a bare figure"]
    assert len(rendered(drawing, figure_cell()).find_all("img")) == 1
    for cells in (
        [figure_cell(), drawing],
        [drawing, cell("text/markdown", "## A"), figure_cell()],
        [drawing] * 2,
    ):
        with pytest.raises(FazhiError, match="a bare figure"):
            rendered(*cells)


def test_missing_page_bundle_is_refused() -> None:
    with pytest.raises(FazhiError, match=r"one header(?s:.*)0 of them"):
        render_page(new_notebook(cells=[cell("text/markdown", "## A")]), CONTEXT)


def test_second_page_bundle_is_refused() -> None:
    with pytest.raises(FazhiError, match=r"one header(?s:.*)2 of them"):
        rendered(cell(PAGE_MIME, HEADER))


def test_header_without_a_lead_is_refused() -> None:
    with pytest.raises(FazhiError, match="nothing for lead"):
        render_page(notebook(lead=" "), CONTEXT)


@pytest.mark.parametrize("field", ["alt", "source", "csv"])
def test_figure_without_a_field_is_refused(field: str) -> None:
    with pytest.raises(FazhiError, match=rf"'received'(?s:.*)nothing for {field}"):
        rendered(figure_cell(**{field: ""}))


@pytest.mark.parametrize("html", ["", "<figure></figure>", '<img src="data:image/png;base64,AA==">'])
def test_figure_without_an_svg_beside_it_is_refused(html: str) -> None:
    shown = figure_cell()
    shown.outputs[0].data["text/html"] = html
    with pytest.raises(FazhiError, match=r"'received'(?s:.*)nothing for image"):
        rendered(shown)


def test_figure_shown_twice_is_refused() -> None:
    with pytest.raises(FazhiError, match="figure-received"):
        rendered(figure_cell(), figure_cell())


def test_failed_notebook_is_refused_even_in_an_analysts_cell() -> None:
    failed = new_code_cell("1/0", metadata={"tags": [NOTE_TAG]})
    failed.outputs = [new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])]
    assert "cell 2 (1/0): ZeroDivisionError: division by zero" in notebook_problems(notebook(failed))


def test_notebook_in_another_language_is_refused() -> None:
    with pytest.raises(FazhiError, match="language of its edition"):
        render_page(notebook(language="zh"), CONTEXT)


def test_heavy_page_is_refused() -> None:
    with pytest.raises(FazhiError, match=r"weighs at most 1\.5 MB"):
        check_page("<p>" + "x" * LARGEST_PAGE + "</p>")


def test_same_notebook_gives_the_same_bytes() -> None:
    book = notebook(cell("text/markdown", "## A"), figure_cell())
    before = book.copy()
    assert render_page(book, CONTEXT) == render_page(book, CONTEXT)
    assert book == before


def test_head_of_the_page() -> None:
    page = rendered(cell("text/markdown", "## A"))
    assert page.select_one("html")["lang"] == "en"
    assert page.title.string == "How does 湛江市 compare? · Zhanjiang 2020 · Fazhi"
    assert [h.get_text() for h in page.find_all("h1")] == ["How does 湛江市 compare?"]
    assert page.select_one("h1 span[lang=zh-Hans]").get_text() == "湛江市"
    assert page.select_one(".lead strong").get_text() == "one"
    assert "page 2 of 2" in page.select_one(".kicker").get_text()


def test_chinese_page_has_chinese_labels_and_no_marked_runs() -> None:
    page = rendered(cell("text/markdown", "## 主要发现"), language="zh")
    assert page.select_one("html")["lang"] == "zh-Hans"
    assert page.select_one(".contents .label").get_text() == "本页目录"
    assert page.select_one(".contents a")["href"] == "#主要发现"
    assert page.select_one("a.other")["hreflang"] == "en"
    assert not page.select("main [lang]")


def test_equal_headings_get_ids_of_their_own_beside_explicit_ones() -> None:
    page = rendered(
        cell("text/html", '<p id="evidence">x</p>'), cell("text/markdown", "## Evidence\n\n## Evidence")
    )
    assert [h["id"] for h in page.find_all("h2")] == ["evidence-2", "evidence-3"]
    assert [a["href"] for a in page.select(".contents a")] == ["#evidence-2", "#evidence-3"]


def test_what_stays_in_the_notebook() -> None:
    warned = new_code_cell("SECRET_CODE", outputs=[new_output("stream", name="stderr", text="SECRET_STREAM")])
    note = cell("text/html", "<p>SECRET_TABLE</p>", NOTE_TAG)
    assert "SECRET" not in rendered(warned, note).decode()


def test_figure_carries_caption_image_and_csv() -> None:
    figure = rendered(figure_cell()).find("figure")
    assert figure.b.get_text() == FIGURE["title"]
    assert figure.img["alt"] == FIGURE["alt"]
    assert base64.b64decode(figure.img["src"].partition(",")[2]) == SVG
    link = figure.select_one(".src a")
    assert link["download"] == "received.csv"
    assert base64.b64decode(link["href"].partition(",")[2]).decode() == "\ufeff" + FIGURE["csv"]
    assert "Zhanjiang 2021 & census" in figure.select_one(".src").get_text()


def test_table_gets_scopes_and_a_region_of_its_own() -> None:
    html = (
        '<style scoped>th{color:red}</style><table border="1"><caption>Outcomes<sup>1</sup></caption><thead>'
        '<tr style="text-align: right;"><th></th><th>City</th><th>Rate</th><th>Grade</th></tr></thead>'
        "<tbody><tr><th>0</th><td>湛江市</td><td>5 %</td><td>B</td></tr></tbody></table>"
    )
    page = rendered(cell("text/html", html))
    region = page.select_one("main .scroll")
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "Outcomes")
    assert [head.get("scope") for head in region.find_all("th")] == ["col", "col", "col", "row"]
    assert region.find("thead").find("td") is not None, "an empty header cell names nothing"
    assert "wide" in region.table["class"]
    assert not region.table.has_attr("border")
    assert not page.select("main style")
    assert "5\u00a0%" in region.get_text()


def test_evidence_link_says_what_it_leads_to() -> None:
    table = '<table><tr><th>Fact</th></tr><tr id="e3"><td>x</td></tr></table>'
    page = rendered(cell("text/markdown", 'A<sup><a href="#e3">3</a></sup>'), cell("text/html", table))
    assert page.select_one("sup a")["aria-label"] == "Evidence 3"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**占36.7%。**其余", "<strong>占36.7%。</strong>其余"),
        ("见**（一）**和**“新收”**。", "见<strong>（一）</strong>和<strong>“新收”</strong>。"),
        ("a **b *c* d** e", "a <strong>b <em>c</em> d</strong> e"),
        ("见**附件*一*，\n第三项。**其余", "见<strong>附件<em>一</em>，第三项。</strong>其余"),
        ("`三**二**一`和**占比。**其余", "<code>三**二**一</code>和<strong>占比。</strong>其余"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("**open", "**open"),
        ("各年之间\n的波动", "各年之间的波动"),
        ("of a\nprocess", "of a\nprocess"),
    ],
)
def test_markdown_suits_chinese(text: str, html: str) -> None:
    assert markdown(text) == f"<p>{html}</p>\n"


def test_an_export_holds_the_data_of_figures_and_tables_and_the_findings() -> None:
    table = '<table class="others"><tr><th>城市</th><th>n</th></tr><tr><th>=湛江</th><td>1</td></tr></table>'
    finding = cell("text/html", "<p>Few <b>ask</b>.</p>")
    finding.outputs[0].metadata = {"fazhi": "finding", "fazhi_text": "Few ask."}
    about, files = export(notebook(figure_cell(), cell("text/html", table), finding), CONTEXT)
    folder = CONTEXT["edition"]
    assert files[f"{folder}/tables/03_other_cities/others.csv"].decode() == "\ufeff城市,n\r\n'=湛江,1\r\n"
    assert files[f"{folder}/figures/received.csv"].decode() == "\ufeff" + FIGURE["csv"]
    assert about["findings"] == ["Few ask."]
    assert about["picture"] == {"path": f"{folder}/figures/received.svg", "alt": FIGURE["alt"]}
