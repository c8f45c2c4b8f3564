"""The HTML between a notebook's outputs and its page: Markdown, headings, contents, tables, languages.

Fragments arrive as Markdown or HTML and are read by lxml. They leave as one well-formed body whose headings
have ids and stand in order, whose tables have scopes and scroll by themselves, and whose Chinese words say so
in an English page. It refuses a heading out of order and a table without header cells; it never guesses what
a column means.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain, count

from lxml import etree, html
from lxml.html import HtmlElement
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from analysis.errors import FazhiError

WIDE_TABLE_COLUMNS = 4
CHINESE = "zh-Hans"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]"
_BROKEN_LINE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")
_STRONG = re.compile(rf"(?<!\*)\*\*(?=[^*`\n]*{_WIDE})([^*`\s](?:[^*`\n]*[^*`\s])?)\*\*(?!\*)")
_CHINESE_RUN = re.compile(r"([《（〔「“]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u3017\uff01-\uff5e]*)")
_UNMARKED = ".//text()[not(parent::pre)][not(ancestor::*[@lang][1][starts-with(@lang, 'zh')])]"
_LOOSE_PER_CENT = re.compile(r" (?<=\d )%")
_FORMULA = re.compile(r"[=+@\t\r]")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def markdown(text: str, inline: bool = False) -> Markup:
    """The HTML of a Markdown text, or of one line without a paragraph; raw HTML and tables are allowed.

    CommonMark finds no emphasis in **占36.7%。**其余, as its rule needs spaces; and a browser shows a line
    end as a space, which has no place between two Chinese characters.
    """
    spaced = _STRONG.sub(r"<strong>\1</strong>", text)
    made = _MARKDOWN.renderInline(spaced) if inline else _MARKDOWN.render(spaced)
    return Markup(_BROKEN_LINE.sub("", made))


def inline_markdown(text: str) -> Markup:
    """The HTML of one line of Markdown, without a paragraph around it."""
    return markdown(text, inline=True)


def mark_chinese(text: str | Markup) -> Markup:
    """The HTML of a text (escaped unless it is HTML already) whose runs of Chinese carry their language."""
    root = _read(str(escape(text)))
    _mark(root)
    return _write(root)


def body(fragments: str, language: str, labels: Mapping[str, str]) -> tuple[Markup, list[tuple[str, str]]]:
    """The finished body made of the joined fragments of a page, and id and words of its main headings.

    Only an English page needs its Chinese marked; of the labels, `table` and `evidence` are used.

    Raises:
        FazhiError: A heading is an h1 or skips a level, or a table has no header cells.
    """
    root = _read(_LOOSE_PER_CENT.sub("\u00a0%", str(fragments)))
    etree.strip_elements(root, "style", etree.Comment, with_tail=False)
    _number_headings(root)
    _prepare_tables(root, labels["table"])
    for link in root.xpath(".//sup//a[starts-with(@href, '#')]"):
        link.set("aria-label", labels["evidence"].format(number=link.text_content()))
    sections = [(heading.get("id", ""), _words(heading)) for heading in root.iter("h2")]
    if language == "en":
        _mark(root)
    return _write(root), sections


def tables(fragment: str) -> Iterator[tuple[str, str]]:
    """Name (first class) and CSV of each table in a fragment; what a spreadsheet would run is quoted."""
    for table in _read(fragment).iter("table"):
        text = io.StringIO()
        for row in table.iter("tr"):
            cells = [" ".join(cell.text_content().split()) for cell in row.iterchildren("th", "td")]
            csv.writer(text).writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
        yield (table.get("class", "").split() or ["table"])[0], text.getvalue()


def _read(text: str) -> HtmlElement:
    return html.fragment_fromstring(text, create_parent="div")


def _write(root: HtmlElement) -> Markup:
    written: str = etree.tostring(root, method="html", encoding="unicode", with_tail=False)
    return Markup(written.removeprefix("<div>").removesuffix("</div>"))


def _words(element: HtmlElement) -> str:
    """The element's text without its footnote marks, spaces and line ends made one space."""
    return " ".join("".join(element.xpath(".//text()[not(ancestor::sup)]")).split())


def _mark(root: HtmlElement) -> None:
    """Puts runs of Chinese into a tag that says so, where none around them does."""
    for text in root.xpath(_UNMARKED):
        first, *pieces = _CHINESE_RUN.split(text)
        element = holder = text.getparent()
        place = 0
        if text.is_tail:
            holder = element.getparent()
            element.tail, place = first, holder.index(element) + 1
        else:
            element.text = first
        for offset, (run, after) in enumerate(zip(pieces[::2], pieces[1::2], strict=True)):
            span = html.Element("span", lang=CHINESE)
            span.text, span.tail = run, after
            holder.insert(place + offset, span)


def _number_headings(root: HtmlElement) -> None:
    taken, previous = set(root.xpath(".//@id")), 1
    for heading in root.iter(*_HEADINGS):
        level = int(heading.tag[1])
        if level == 1 or level > previous + 1:
            given = f"{heading.tag} “{_words(heading)}” after a heading of level {previous}"
            fix = "start sections with ## and their parts with ###."
            raise FazhiError("A page has one h1, its title, and its headings skip no level", given, fix)
        previous = level
        if not heading.get("id"):
            wanted = re.sub(r"[\W_]+", "-", _words(heading).casefold()).strip("-") or "section"
            names = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
            heading.set("id", next(name for name in names if name not in taken))
            taken.add(heading.get("id"))


def _prepare_tables(root: HtmlElement, name: str) -> None:
    """Makes every table ready, each called by its caption, else by the heading before it."""
    for element in list(root.iter("table", *_HEADINGS)):
        if element.tag != "table":
            name = _words(element)
            continue
        caption = element.find(".//caption")
        called = name if caption is None else _words(caption)
        _prepare_table(element, called)
        attributes = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": called}
        region = html.Element("div", attributes)
        region.tail, element.tail = element.tail, None
        element.getparent().replace(element, region)
        region.append(element)


def _prepare_table(table: HtmlElement, name: str) -> None:
    """Gives header cells their scope, numbers their class, and a table of many columns its own."""
    if table.find(".//th") is None:
        fix = "give its columns names and write them as <th>."
        raise FazhiError("A table on a page has header cells", f"the table “{name}” has none", fix)
    for empty in table.xpath(".//th[not(normalize-space())]"):
        empty.tag = "td"
    for head in table.xpath(".//th[not(@scope)]"):
        head.set("scope", "col" if head.xpath("ancestor::thead or not(ancestor::tr[1]//td)") else "row")
    table.attrib.pop("border", None)
    for aligned in table.xpath(".//*[contains(@style, 'text-align')]"):
        if "right" in aligned.attrib.pop("style") and aligned.tag != "tr":
            aligned.classes.add("n")
    if len(table.xpath("(.//tr)[1]/*[self::th or self::td]")) >= WIDE_TABLE_COLUMNS:
        table.classes.add("wide")
