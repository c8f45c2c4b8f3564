"""HTML fragments as a tree and back: read by html.parser, held by ElementTree, written well-formed.

What is written is what a page is made of: every tag closed, attributes in order of their names, text and
values escaped, no comment and no style sheet. In an English page, runs of Chinese say that they are Chinese.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

CHINESE = "zh-Hans"

_CHINESE_RUN = re.compile(r"[《（〔「“]?[\u3400-\u9fff][\u3400-\u9fff\u3001-\u3017\uff01-\uff5e]*")
_MARKED = rf'<span lang="{CHINESE}">\g<0></span>'
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
"""Elements that hold nothing and have no end."""
_SPACED = ("pre", "textarea")
_SPACES = " \n\t\f\r"
_ROOT = "body"


class PageParser(HTMLParser):
    """html.parser without its account of lines and columns, for which nobody here asks."""

    def updatepos(self, i: int, j: int) -> int:
        """The new position in the text; counting the line ends before it would take a fifth of the time."""
        return j


class _Reader(PageParser):
    """Builds the tree; closes what was left open and ignores the end of what was not."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self.open = [_ROOT]
        self.builder.start(_ROOT, {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element; one that holds nothing is closed at once."""
        if tag == "style":
            return
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes an element with all that is open inside it."""
        if tag in self.open[1:]:
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Takes a text, unless it is that of a style sheet."""
        if self.cdata_elem != "style":
            self.builder.data(data)

    def tree(self) -> Element:
        """The root, when everything was read."""
        while self.open:
            self._close()
        return self.builder.close()

    def _close(self) -> str:
        """Closes the innermost open element and says what it is."""
        self.builder.end(tag := self.open.pop())
        return tag


def read(html: str) -> Element:
    """The tree of an HTML fragment, below a root of its own; without comments and style sheets."""
    reader = _Reader()
    reader.feed(str(html))  # of a Markup, every slice would be one again, and what is added to it escaped
    reader.close()
    return reader.tree()


def parents(root: Element) -> dict[Element, Element]:
    """Every element below a root -> the element that holds it."""
    return {child: parent for parent in root.iter() for child in parent}


def write(root: Element, mark_chinese: bool) -> str:
    """The HTML of what a root holds.

    Args:
        root: As `read` gave it.
        mark_chinese: Put runs of Chinese into a tag that says so, where none around them does.
    """
    writer = _Writer(mark_chinese)
    writer.put_content(root, mark_chinese, False)
    return "".join(writer.pieces)


class _Writer:
    """Gathers the pieces of HTML."""

    def __init__(self, mark_chinese: bool) -> None:
        self.mark_chinese = mark_chinese
        self.pieces: list[str] = []

    def put_content(self, element: Element, marks: bool, keeps_space: bool) -> None:
        """Puts out what an element holds, in whose language Chinese is marked or not."""
        put = self.pieces.append
        if element.text:
            put(_text(element.text, marks, keeps_space))
        for child in element:
            tag = child.tag
            put(f"<{tag}{_attributes(child)}>")
            if tag not in _VOID:
                speaks = child.get("lang")
                inner = marks if speaks is None else self.mark_chinese and not speaks.startswith("zh")
                self.put_content(child, inner, keeps_space or tag in _SPACED)
                put(f"</{tag}>")
            if child.tail:
                put(_text(child.tail, marks, keeps_space))


def _attributes(element: Element) -> str:
    """The attributes as they stand in a tag, each after a space."""
    return "".join(
        f' {name}="{escape(value, quote=False).replace(chr(34), "&quot;")}"' if value else f" {name}"
        for name, value in sorted(element.items())
    )


def _text(text: str, marks: bool, keeps_space: bool) -> str:
    """A text as HTML; of mere space, all but one character goes."""
    if not keeps_space and not text.strip(_SPACES):
        return "\n" if "\n" in text else " "
    shown = escape(text, quote=False)
    return _CHINESE_RUN.sub(_MARKED, shown) if marks else shown
