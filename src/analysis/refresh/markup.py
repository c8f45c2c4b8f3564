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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lxml import etree, html
from lxml.html import HtmlElement
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from analysis.errors import FazhiError

WIDE_TABLE_COLUMNS = 4
CHINESE = "zh-Hans"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WIDE_CHARACTER = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_CHINESE_RUN = re.compile(r"([《（〔「“]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u3017\uff01-\uff5e]*)")
_LOOSE_PER_CENT = re.compile(r" (?<=\d )%")
_NOT_A_FORMULA = ("=", "+", "@", "\t", "\r")


@dataclass(frozen=True)
class Section:
    """A second-level heading, as the contents list shows it: its id and its words."""

    anchor: str
    title: str


@dataclass(frozen=True)
class Body:
    """The finished body of a page: its HTML and the sections it is made of, in order."""

    html: Markup
    sections: tuple[Section, ...]


def markdown(text: str) -> Markup:
    """The HTML of a Markdown text; raw HTML and tables are allowed, Chinese emphasis and line ends work."""
    return Markup(_parser().render(text))


def inline_markdown(text: str) -> Markup:
    """The HTML of one line of Markdown, without a paragraph around it."""
    return Markup(_parser().renderInline(text))


def mark_chinese(text: str | Markup) -> Markup:
    """The HTML of a text (escaped unless it is HTML already) whose runs of Chinese carry their language."""
    root = _read(str(escape(text)))
    _mark(root, True)
    return Markup(_write(root))


def body(fragments: str, language: str, labels: Mapping[str, str]) -> Body:
    """The finished body made of the joined fragments of a page.

    Args:
        fragments: The HTML, in order.
        language: "en" or "zh"; only an English page needs its Chinese marked.
        labels: The page's small words; `table` and `evidence` are used.

    Raises:
        FazhiError: A heading is an h1 or skips a level, or a table has no header cells.
    """
    root = _read(_LOOSE_PER_CENT.sub("\u00a0%", str(fragments)))
    etree.strip_elements(root, "style", etree.Comment, with_tail=False)
    _number_headings(root)
    _prepare_tables(root, labels["table"])
    for link in root.iterfind(".//sup//a"):
        if link.get("href", "").startswith("#"):
            link.set("aria-label", labels["evidence"].format(number=words_of(link)))
    sections = tuple(Section(heading.get("id", ""), _spoken(heading)) for heading in root.iter("h2"))
    if language == "en":
        _mark(root, True)
    return Body(Markup(_write(root)), sections)


def tables(fragment: str) -> Iterator[tuple[str, str]]:
    """Name (first class) and CSV of each table in a fragment; what a spreadsheet would run is quoted."""
    for table in _read(fragment).iter("table"):
        text = io.StringIO()
        rows = [[words_of(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")]
        csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in rows])
        yield (table.get("class", "").split() or ["table"])[0], text.getvalue()


def words_of(element: HtmlElement) -> str:
    """All text in an element, spaces and line ends made one space."""
    return " ".join("".join(element.itertext()).split())


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_NOT_A_FORMULA) else cell


def _read(text: str) -> HtmlElement:
    return html.fragment_fromstring(text, create_parent="div")


def _write(root: HtmlElement) -> str:
    written: str = etree.tostring(root, method="html", encoding="unicode", with_tail=False)
    return written.removeprefix("<div>").removesuffix("</div>")


def _mark(element: HtmlElement, marks: bool) -> None:
    """Puts runs of Chinese into a tag that says so, where none around them does."""
    speaks = element.get("lang")
    inner = marks if speaks is None else not speaks.startswith("zh")
    for child in list(element):
        _mark(child, inner)
        if inner and child.tail:
            first, *rest = _CHINESE_RUN.split(child.tail)
            child.tail = first
            _insert(element, element.index(child) + 1, rest)
    if inner and element.text and element.tag != "pre":
        first, *rest = _CHINESE_RUN.split(element.text)
        element.text = first
        _insert(element, 0, rest)


def _insert(element: HtmlElement, place: int, pieces: Sequence[str]) -> None:
    """Puts runs of Chinese, each with the text that follows it, into an element."""
    for offset, (run, after) in enumerate(zip(pieces[::2], pieces[1::2], strict=True)):
        span = html.Element("span", lang=CHINESE)
        span.text, span.tail = run, after
        element.insert(place + offset, span)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.inline.ruler.before("emphasis", "strong_pair", _strong_pair)
    parser.add_render_rule("softbreak", _soft_break)
    return parser


def _strong_pair(state: StateInline, silent: bool) -> bool:
    """CommonMark finds no emphasis in **占36.7%。**其余: its rule needs spaces, which Chinese has not."""
    source, start = state.src, state.pos
    if silent or not source.startswith("**", start) or source.startswith("***", start):
        return False
    end = source.find("**", start + 2, state.posMax)
    inner = source[start + 2 : end]
    if end < 0 or not inner or inner != inner.strip():
        return False
    state.push("strong_open", "strong", 1).markup = "**"
    state.pos, limit = start + 2, state.posMax
    state.posMax = end
    state.md.inline.tokenize(state)
    state.pos, state.posMax = end + 2, limit
    state.push("strong_close", "strong", -1).markup = "**"
    return True


def _soft_break(
    _: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """A browser shows a line end as a space, which has no place between two Chinese characters."""
    before = tokens[index - 1].content[-1:] if index else ""
    after = tokens[index + 1].content[:1] if index + 1 < len(tokens) else ""
    wide = _WIDE_CHARACTER.match(before) and _WIDE_CHARACTER.match(after)
    return "" if wide else "\n"


def _number_headings(root: HtmlElement) -> None:
    taken = {str(name) for name in root.xpath(".//@id")}
    level = 1
    for heading in root.iter(*_HEADINGS):
        _refuse_misplaced(heading, level)
        level = int(heading.tag[1])
        if not heading.get("id"):
            wanted = re.sub(r"[\W_]+", "-", _spoken(heading).casefold()).strip("-") or "section"
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}-{number}", number + 1
            heading.set("id", name)
            taken.add(name)


def _refuse_misplaced(heading: HtmlElement, previous: int) -> None:
    level = int(heading.tag[1])
    if level == 1 or level > previous + 1:
        raise FazhiError(
            "A page has one h1, its title, and its headings skip no level",
            f"{heading.tag} “{_spoken(heading)}” after a heading of level {previous}",
            "start sections with ## and their parts with ###.",
        )


def _prepare_tables(root: HtmlElement, fallback: str) -> None:
    """Makes every table ready, each called by its caption, else by the heading before it."""
    title = fallback
    for element in list(root.iter("table", *_HEADINGS)):
        if element.tag != "table":
            title = _spoken(element)
            continue
        caption = element.find(".//caption")
        name = title if caption is None else _spoken(caption)
        _prepare_table(element, name)
        region = html.Element(
            "div", {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": name}
        )
        region.tail, element.tail = element.tail, None
        element.getparent().replace(element, region)
        region.append(element)


def _prepare_table(table: HtmlElement, name: str) -> None:
    heads = list(table.iter("th"))
    if not heads:
        raise FazhiError(
            "A table on a page has header cells",
            f"the table “{name}” has none",
            "give its columns names and write them as <th>.",
        )
    table.attrib.pop("border", None)
    for head in heads:
        _prepare_head(head)
    for cell in table.iter("th", "td", "tr"):
        if "text-align" in cell.get("style", ""):
            right = "right" in cell.attrib.pop("style") and cell.tag != "tr"
            if right:
                cell.classes.add("n")
    first = next(table.iter("tr"), table)
    if len(first.xpath(".//th | .//td")) >= WIDE_TABLE_COLUMNS:
        table.classes.add("wide")


def _prepare_head(head: HtmlElement) -> None:
    if not words_of(head):
        head.tag = "td"
    elif not head.get("scope"):
        row = next(head.iterancestors("tr"), None)
        alone = row is not None and row.find(".//td") is None
        in_head = next(head.iterancestors("thead"), None) is not None
        head.set("scope", "col" if in_head or alone else "row")


def _spoken(element: HtmlElement) -> str:
    """The element's text without its footnote marks."""
    parts = element.xpath(".//text()[not(ancestor::sup)]")
    return " ".join("".join(parts).split())
