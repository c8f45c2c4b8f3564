"""HTML pages as paragraphs and tables: the article alone, without navigation, related links and footer.

The article is looked for where the systems of government sites put it, then by trafilatura, and is the whole
page otherwise. It refuses nothing.
"""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

HANZI = re.compile("[\u3400-\u9fff]")
SELECTORS = (
    *("#zoom", ".TRS_Editor", "#UCAP-CONTENT", ".article-content", ".article_content", "#articleContent"),
    *(".pages_content", ".TRS_UEDITOR", ".article-con", ".Custom_UnionStyle", ".con_text", ".news_content"),
    *("#article", "#content", ".content", "article", "main"),
)
_NOISE = [
    *("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "iframe", "svg"),
    *("select", "button", "title"),
]
_BREAKS = "p,div,br,li,tr,h1,h2,h3,h4,h5,h6,section,article,dd,dt,blockquote,pre"
_LONG = 200
"""Chinese characters that make an article."""
_MARK = "\ue000"
Rows = list[list[str]]


def is_html(text: str) -> bool:
    """Whether a text is a page."""
    return bool(
        re.search(r"<(?:!doctype html|html|head|body|meta|div|p|table|span|td)\b", text[:20_000], re.I)
    )


def page(text: str) -> dict[str, Any]:
    """The fields of `extract.Extracted` for a page."""
    text = text.replace(_MARK, "")
    tree = LexborHTMLParser(text)
    named = {
        str(meta.attributes.get("name")).lower(): meta.attributes.get("content") for meta in tree.css("meta")
    }
    titles = [named.get("articletitle"), *(node.text() for node in tree.css("h1")[:3])]
    titles += [part for node in tree.css("title")[:1] for part in re.split(r"[_|]|\s[-–—]+\s", node.text())]
    tree.strip_tags(_NOISE)
    found = (node for selector in SELECTORS for node in tree.css(selector))
    node = next((one for one in found if len(HANZI.findall(one.text())) > _LONG), None)
    dates = [named.get(name) for name in ("pubdate", "publishdate", "createdate")]
    return {
        "kind": "html",
        "titles": [title for title in titles if title],
        "published": next((date for date in dates if date), ""),
        "publisher": named.get("contentsource") or named.get("sitename") or "",
        "parts": _parts(node or _guessed(text) or tree.body),
    }


def _guessed(text: str) -> LexborNode | None:
    """The article as trafilatura finds it; None when that is too short to be one."""
    from trafilatura import extract

    article = extract(
        text, output_format="html", include_tables=True, include_comments=False, favor_recall=True
    )
    return LexborHTMLParser(article).body if article and len(HANZI.findall(article)) > _LONG else None


def _parts(node: LexborNode | None) -> list[str | Rows]:
    """The paragraphs and tables below a node; a table for layout is read as paragraphs."""
    if node is None:
        return []
    tables: list[Rows] = []
    for table in node.css("table"):
        if not table.css("table table") and (rows := _grid(table)):
            tables.append(rows)
            table.replace_with(f"\n{_MARK}{len(tables) - 1}{_MARK}\n")
    for tag in node.css(_BREAKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    lines = [line.strip() for line in node.text().split("\n")]
    return [tables[int(line.strip(_MARK))] if line.startswith(_MARK) else line for line in lines]


def _grid(table: LexborNode) -> Rows:
    """The rows of a table, spans filled with its words but not with its numbers; none of a layout."""
    rows: Rows = []
    below: dict[tuple[int, int], str] = {}
    for at, line in enumerate(table.css("tr")[:2000]):
        row: list[str] = []
        for cell in [*line.css("td,th")[:200], None]:
            while (at, len(row)) in below:
                row.append(below.pop((at, len(row))))
            if cell is not None:
                words = re.sub(r"\s+", " ", cell.text(separator=" ")).strip()
                across, down = (_span(cell.attributes.get(name)) for name in ("colspan", "rowspan"))
                again = "" if re.fullmatch(r"[\d.,%]*", words) else words
                below |= {(at + i, len(row) + j): again for i in range(1, down) for j in range(across)}
                row += [words, *[again] * (across - 1)]
        rows.append(row)
    longest = max((len(cell) for row in rows for cell in row), default=0)
    return rows if len(rows) > 1 and max(map(len, rows)) > 1 and longest < 2 * _LONG else []


def _span(given: str | None) -> int:
    return max(1, min(int(given[:4]), 50)) if given and given.isdecimal() else 1
