"""The HTML between a notebook's outputs and its page: Markdown, headings, contents, tables, languages.

Outputs arrive as Markdown or HTML fragments. They leave as one well-formed body whose headings have ids and
stand in order, whose tables have scopes and scroll by themselves, and whose Chinese words say so in an
English page. It refuses a heading out of order and a table without header cells; it never guesses what
a table's columns mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from xml.etree.ElementTree import Element

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from analysis.errors import FazhiError
from analysis.refresh import tree

WIDE_TABLE_COLUMNS = 4

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WIDE_CHARACTER = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_LOOSE_PER_CENT = re.compile(r" (?<=\d )%")


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
    return Markup(tree.write(tree.read(escape(text)), mark_chinese=True))


def body(html: str, language: str, labels: Mapping[str, str]) -> Body:
    """The finished body made of the joined fragments of a page.

    Args:
        html: The fragments, in order.
        language: "en" or "zh"; only an English page needs its Chinese marked.
        labels: The page's small words; `table` and `evidence` are used.

    Raises:
        FazhiError: A heading is an h1 or skips a level, or a table has no header cells.
    """
    root = tree.read(_LOOSE_PER_CENT.sub("\u00a0%", html))
    _number_headings(root)
    _prepare_tables(root, labels["table"])
    for mark in root.iter("sup"):
        for link in mark.iter("a"):
            if link.get("href", "").startswith("#"):
                link.set("aria-label", labels["evidence"].format(number=_bare(link)))
    sections = tuple(Section(heading.get("id", ""), _words(heading)) for heading in root.iter("h2"))
    return Body(Markup(tree.write(root, mark_chinese=language == "en")), sections)


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


def _number_headings(root: Element) -> None:
    taken = {name for element in root.iter() if (name := element.get("id")) is not None}
    level = 1
    for heading in root.iter():
        if heading.tag in _HEADINGS:
            _refuse_misplaced(heading, level)
            level = int(heading.tag[1])
            if not heading.get("id"):
                heading.set("id", _free(_slug(_words(heading)), taken))
                taken.add(heading.get("id", ""))


def _refuse_misplaced(heading: Element, previous: int) -> None:
    level = int(heading.tag[1])
    if level == 1 or level > previous + 1:
        raise FazhiError(
            "A page has one h1, its title, and its headings skip no level",
            f"{heading.tag} “{_words(heading)}” after a heading of level {previous}",
            "start sections with ## and their parts with ###.",
        )


def _slug(words: str) -> str:
    return re.sub(r"[\W_]+", "-", words.casefold()).strip("-") or "section"


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _prepare_tables(root: Element, fallback: str) -> None:
    """Makes every table ready, each called by its caption, else by the heading before it."""
    parents = tree.parents(root)
    found = []
    heading = None
    for element in root.iter():
        if element.tag in _HEADINGS:
            heading = element
        elif element.tag == "table":
            title = next(element.iter("caption"), heading)
            found.append((element, fallback if title is None else _words(title)))
    for table, name in found:
        _prepare_table(table, name, parents)
        region = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": name}
        _wrap(table, Element("div", region), parents[table])


def _prepare_table(table: Element, name: str, parents: Mapping[Element, Element]) -> None:
    heads = list(table.iter("th"))
    if not heads:
        raise FazhiError(
            "A table on a page has header cells",
            f"the table “{name}” has none",
            "give its columns names and write them as <th>.",
        )
    table.attrib.pop("border", None)
    for head in heads:
        _prepare_head(head, parents)
    for cell in table.iter():
        if cell.tag in ("th", "td", "tr") and "text-align" in cell.get("style", ""):
            _class_for_alignment(cell)
    first = next(table.iter("tr"), table)
    if sum(cell.tag in ("th", "td") for cell in first.iter()) >= WIDE_TABLE_COLUMNS:
        _add_class(table, "wide")


def _prepare_head(head: Element, parents: Mapping[Element, Element]) -> None:
    if not _bare(head):
        head.tag = "td"
    elif not head.get("scope"):
        in_head = _around(head, "thead", parents) is not None
        row = _around(head, "tr", parents)
        only_heads = row is not None and row.find(".//td") is None
        head.set("scope", "col" if in_head or only_heads else "row")


def _around(element: Element, tag: str, parents: Mapping[Element, Element]) -> Element | None:
    """The innermost element of a kind that holds this one, None where none does."""
    outer = parents.get(element)
    while outer is not None and outer.tag != tag:
        outer = parents.get(outer)
    return outer


def _wrap(element: Element, around: Element, parent: Element) -> None:
    """Puts another element around one, in its place; the text that follows stays behind both."""
    around.tail, element.tail = element.tail, None
    parent[list(parent).index(element)] = around
    around.append(element)


def _class_for_alignment(cell: Element) -> None:
    if "right" in cell.get("style", "") and cell.tag != "tr":
        _add_class(cell, "n")
    del cell.attrib["style"]


def _add_class(element: Element, name: str) -> None:
    element.set("class", " ".join([*element.get("class", "").split(), name]))


def _bare(element: Element) -> str:
    """All text in an element, without the space around its pieces."""
    return "".join(text.strip() for text in element.itertext())


def _words(element: Element) -> str:
    """The element's text without its footnote marks."""
    return " ".join("".join(_spoken(element)).split())


def _spoken(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag != "sup":
            yield from _spoken(child)
        yield child.tail or ""
