"""The HTML of a page: Markdown, headings, contents, tables, languages, and a last look at what it promises.

Fragments leave as one body: headings have ids and stand in order, tables have scopes and scroll, Chinese
words say so in an English page. A finished page runs no script, loads nothing but itself and stays light. A
breach is refused with the piece of HTML that breaks the promise.
"""

import csv
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, count
from pathlib import Path
from urllib.parse import unquote

from jinja2 import Environment, StrictUndefined
from lxml import etree, html
from lxml.html import HtmlElement
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from analysis.errors import FazhiError

TEMPLATES = Path(__file__).parent / "templates/fazhi"
LARGEST_PAGE, WIDE_TABLE_COLUMNS = 1_500_000, 4
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]"
_BROKEN_LINE = re.compile(rf"(?<={_WIDE})\n(?={_WIDE})")
_STRONG = re.compile(r"(`+)[\s\S]+?\1|(?<!\*)\*\*(?=[^\s*])((?:[^`\n]|\n(?!\n))*?[^\s*])\*\*(?!\*)")
"""A piece of code, which is left alone, or a pair of two stars."""
_CHINESE = re.compile(
    r'<(\w+)[^>]* lang="zh.*?</\1>|<pre\b.*?</pre>|<[^>]+>'
    r"|([《（〔「“]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u3017\uff01-\uff5e]*)",
    re.DOTALL,
)
"""A tag, or an element that is left alone, or a run of Chinese."""
_NAMED = "(.//caption | preceding::h2 | preceding::h3 | preceding::h4 | preceding::h5)[last()]"
_LOOSE_PER_CENT = re.compile(r" (?<=\d )%")
_FORMULA = re.compile(r"[=+@\t\r]")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_LOADING = "(@src | @srcset | @href | @*[name()='xlink:href'] | @poster | @data | @background)"
_BREACHES = {
    "A page runs no script and embeds nothing active": (
        "show it as a figure or a table, or keep it in a cell tagged analyst-note.",
        "//script | //iframe | //frame | //object | //embed | //applet | //base | //form | //audio | //video"
        "| //*[@*[starts-with(name(), 'on')]] | //meta[re:test(@http-equiv, '^refresh$', 'i')]"
        rf"| //*[{_LOADING}[re:test(., '^\s*javascript:', 'i')]]",
    ),
    "A page loads nothing from outside itself": (
        "carry the content in the page as a data: address, or make it a plain link.",
        rf"//*[not(self::a)][{_LOADING}[not(re:test(., '^\s*(data:|#)'))]]"
        "| //a[@href][not(@download and starts-with(@href, 'data:'))]"
        r"[not(re:test(@href, '^(https?:|mailto:|#|\.{0,2}/|[^:]*$)', 'i'))]"
        r"| (//style/text() | //@style)[re:test(., '@import|url\((?!data:|#)', 'i')]/..",
    ),
    "Every picture has alt text": ("write it, or leave it out.", "//img[not(normalize-space(@alt))]"),
}
"""Each promise with what to do, and which elements break it."""


def strict(environment: Environment) -> Environment:
    """A Jinja environment with escaping, labels and Markdown, misspelt names refused, and no blank lines."""
    environment.autoescape, environment.undefined = True, StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters |= {"markdown": markdown, "inline": partial(markdown, inline=True)}
    environment.globals["labels"] = tomllib.loads((TEMPLATES / "labels.toml").read_text(encoding="utf-8"))
    return environment


def markdown(text: str, inline: bool = False) -> Markup:
    """The HTML of a Markdown text, or of one line without a paragraph; raw HTML and tables are allowed.

    CommonMark finds no emphasis in **占36.7%。**其余, as it needs spaces; browsers show a line end as one.
    """
    spaced = _STRONG.sub(lambda found: found[0] if found[1] else f"<strong>{found[2]}</strong>", text)
    made = _MARKDOWN.renderInline(spaced) if inline else _MARKDOWN.render(spaced)
    return Markup(_BROKEN_LINE.sub("", made))


def mark_chinese(text: str | Markup) -> Markup:
    """The HTML of a text (escaped unless it is HTML already) whose runs of Chinese carry their language."""
    marked = _CHINESE.sub(
        lambda found: f'<span lang="zh-Hans">{found[2]}</span>' if found[2] else found[0], str(escape(text))
    )
    return Markup(marked)


def body(fragments: str, language: str, labels: Mapping[str, str]) -> tuple[Markup, list[tuple[str, str]]]:
    """The body of a page from its joined fragments, and id and words of its main headings.

    A heading out of order, or a table without header cells, is a FazhiError.
    """
    root = html.fragment_fromstring(_LOOSE_PER_CENT.sub("\u00a0%", str(fragments)), create_parent="div")
    etree.strip_elements(root, "style", etree.Comment, with_tail=False)
    _number_headings(root)
    _prepare_tables(root, labels["table"])
    for link in root.xpath(".//sup//a[starts-with(@href, '#')]"):
        link.set("aria-label", labels["evidence"].format(number=link.text_content()))
    sections = [(heading.get("id", ""), _words(heading)) for heading in root.iter("h2")]
    written: str = etree.tostring(root, method="html", encoding="unicode", with_tail=False)
    made = Markup(written.removeprefix("<div>").removesuffix("</div>"))
    return mark_chinese(made) if language == "en" else made, sections


def tables(fragment: str) -> Iterator[tuple[str, str]]:
    """Name (first class) and CSV of each table in a fragment; what a spreadsheet would run is quoted."""
    for table in html.fragment_fromstring(fragment, create_parent="div").iter("table"):
        text = io.StringIO()
        for row in table.iter("tr"):
            cells = [" ".join(cell.text_content().split()) for cell in row.iterchildren("th", "td")]
            csv.writer(text).writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
        yield (table.get("class", "").split() or ["table"])[0], text.getvalue()


def _words(element: HtmlElement) -> str:
    """The element's text without its footnote marks, spaces and line ends made one space."""
    return " ".join("".join(element.xpath(".//text()[not(ancestor::sup)]")).split())


def _number_headings(root: HtmlElement) -> None:
    taken, previous = set(root.xpath(".//@id")), 1
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
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


def _prepare_tables(root: HtmlElement, fallback: str) -> None:
    """Every table scrolls by itself, called by its caption, else by the heading before it, and has scopes."""
    for table in root.xpath(".//table"):
        named = table.xpath(_NAMED)
        name = _words(named[0]) if named else fallback
        if table.find(".//th") is None:
            fix = "give its columns names and write them as <th>."
            raise FazhiError("A table on a page has header cells", f"the table “{name}” has none", fix)
        how = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": name}
        region = html.Element("div", how)
        region.tail, table.tail = table.tail, None
        table.addprevious(region)
        region.append(table)
        table.attrib.pop("border", None)
        if len(table.xpath("(.//tr)[1]/*")) >= WIDE_TABLE_COLUMNS:
            table.classes.add("wide")
    for empty in root.xpath(".//th[not(normalize-space())]"):
        empty.tag = "td"
    for head in root.xpath(".//th[not(@scope)]"):
        head.set("scope", "col" if head.xpath("ancestor::thead or not(ancestor::tr[1]//td)") else "row")
    for aligned in root.xpath(".//table//*[contains(@style, 'text-align')]"):
        if "right" in aligned.attrib.pop("style") and aligned.tag != "tr":
            aligned.classes.add("n")


def check_page(text: str) -> None:
    """None when the page keeps its promises, else a FazhiError that shows the piece of HTML at fault."""
    weight = len(text.encode("utf-8"))
    if weight > LARGEST_PAGE:
        fix = "draw fewer points or move a figure to another page."
        raise FazhiError(f"A page weighs at most {LARGEST_PAGE / 1e6:g} MB", f"{weight / 1e6:.2f} MB", fix)
    root = html.document_fromstring(text)
    for rule, (fix, places) in _BREACHES.items():
        for element in root.xpath(places, namespaces={"re": "http://exslt.org/regular-expressions"}):
            given = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
            raise FazhiError(rule, f"<{element.tag}{given}>"[:160], fix)
    ids = Counter(str(name) for name in root.xpath("//@id"))
    if repeated := ", ".join(name for name, times in ids.items() if times > 1):
        fix = "number evidence rows through the whole page and give every figure its own name."
        raise FazhiError("An id stands once on a page", f"more than once: {repeated}", fix)
    links = {str(address) for address in root.xpath("//a/@href[starts-with(., '#')]")}
    if lost := ", ".join(sorted(address for address in links if unquote(address[1:]) not in ids)):
        fix = "show the evidence table, or mend the link."
        raise FazhiError("A link inside a page leads to a part of it", f"no part is called {lost}", fix)
