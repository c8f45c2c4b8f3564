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

from bs4 import BeautifulSoup
from bs4.dammit import EntitySubstitution
from bs4.element import NavigableString, Tag
from bs4.formatter import HTMLFormatter
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from analysis.errors import FazhiError

CHINESE = "zh-Hans"
WIDE_TABLE_COLUMNS = 4

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WIDE_CHARACTER = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")
_CHINESE_RUN = re.compile(r"[《（〔「“]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u3017\uff01-\uff5e]*")
_LOOSE_PER_CENT = re.compile(r"(?<=\d) %")
_FORMATTER = HTMLFormatter(
    entity_substitution=EntitySubstitution.substitute_xml,
    void_element_close_prefix="",
    empty_attributes_are_booleans=True,
)


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
    soup = BeautifulSoup(escape(text), "html.parser")
    _mark_language(soup)
    return Markup(soup.decode(formatter=_FORMATTER))


def body(html: str, language: str, labels: Mapping[str, str]) -> Body:
    """The finished body made of the joined fragments of a page.

    Args:
        html: The fragments, in order.
        language: "en" or "zh"; only an English page needs its Chinese marked.
        labels: The page's small words; `table` and `evidence` are used.

    Raises:
        FazhiError: A heading is an h1 or skips a level, or a table has no header cells.
    """
    soup = BeautifulSoup(_LOOSE_PER_CENT.sub("\u00a0%", html), "html.parser")
    for style in soup.find_all("style"):
        style.decompose()
    _number_headings(soup)
    for table in soup.find_all("table"):
        _prepare_table(table, labels["table"])
    for link in soup.select('sup a[href^="#"]'):
        link["aria-label"] = labels["evidence"].format(number=link.get_text(strip=True))
    if language == "en":
        _mark_language(soup)
    sections = tuple(Section(str(heading["id"]), _words(heading)) for heading in soup.find_all("h2"))
    return Body(Markup(soup.decode(formatter=_FORMATTER)), sections)


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


def _number_headings(soup: BeautifulSoup) -> None:
    taken = {str(tag["id"]) for tag in soup.find_all(id=True)}
    level = 1
    for heading in soup.find_all(_HEADINGS):
        _refuse_misplaced(heading, level)
        level = int(heading.name[1])
        if not heading.get("id"):
            heading["id"] = _free(_slug(_words(heading)), taken)
            taken.add(str(heading["id"]))


def _refuse_misplaced(heading: Tag, previous: int) -> None:
    level = int(heading.name[1])
    if level == 1 or level > previous + 1:
        raise FazhiError(
            "A page has one h1, its title, and its headings skip no level",
            f"{heading.name} “{_words(heading)}” after a heading of level {previous}",
            "start sections with ## and their parts with ###.",
        )


def _slug(words: str) -> str:
    return re.sub(r"[\W_]+", "-", words.casefold()).strip("-") or "section"


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _prepare_table(table: Tag, fallback: str) -> None:
    heads = table.find_all("th")
    title = table.find("caption") or table.find_previous(_HEADINGS)
    name = _words(title) if title else fallback
    if not heads:
        raise FazhiError(
            "A table on a page has header cells",
            f"the table “{name}” has none",
            "give its columns names and write them as <th>.",
        )
    del table["border"]
    for head in heads:
        _prepare_head(head)
    for cell in table.find_all(["th", "td", "tr"], style=re.compile(r"text-align")):
        _class_for_alignment(cell)
    if len(table.find_all("tr")[0].find_all(["th", "td"])) >= WIDE_TABLE_COLUMNS:
        _add_class(table, "wide")
    region = BeautifulSoup("", "html.parser").new_tag(
        "div", attrs={"class": "scroll", "role": "region", "tabindex": "0", "aria-label": name}
    )
    table.wrap(region)


def _prepare_head(head: Tag) -> None:
    if not head.get_text(strip=True):
        head.name = "td"
    elif not head.get("scope"):
        in_head = head.find_parent("thead") is not None
        row = head.find_parent("tr")
        only_heads = row is not None and row.find("td") is None
        head["scope"] = "col" if in_head or only_heads else "row"


def _class_for_alignment(cell: Tag) -> None:
    if "right" in str(cell["style"]) and cell.name != "tr":
        _add_class(cell, "n")
    del cell["style"]


def _add_class(tag: Tag, name: str) -> None:
    tag["class"] = " ".join([*tag.get_attribute_list("class"), name]) if tag.get("class") else name


def _mark_language(soup: BeautifulSoup) -> None:
    for text in soup.find_all(string=_CHINESE_RUN):
        speaker = text.find_parent(lang=True)
        if type(text) is NavigableString and not (speaker and str(speaker["lang"]).startswith("zh")):
            text.replace_with(*_marked(text, soup))


def _marked(text: str, soup: BeautifulSoup) -> Iterator[NavigableString | Tag]:
    """The pieces of a text, those in Chinese in a tag that says so."""
    end = 0
    for run in _CHINESE_RUN.finditer(text):
        if run.start() > end:
            yield NavigableString(text[end : run.start()])
        yield soup.new_tag("span", attrs={"lang": CHINESE}, string=run.group())
        end = run.end()
    if end < len(text):
        yield NavigableString(text[end:])


def _words(tag: Tag) -> str:
    """The tag's text without its footnote marks."""
    marks = {id(text) for sup in tag.find_all("sup") for text in sup.find_all(string=True)}
    return " ".join("".join(t for t in tag.find_all(string=True) if id(t) not in marks).split())
