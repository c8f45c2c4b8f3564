"""The last look at a finished page: does it keep what a page promises?

A page runs no script, loads nothing but itself, has no id twice, no link into nowhere inside itself, alt text
on every picture, and stays light. Each breach is refused with the piece of HTML that breaks the promise.
Plain links to sources elsewhere are welcome.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from lxml import etree, html
from lxml.html import HtmlElement

from analysis.errors import FazhiError

LARGEST_PAGE = 1_500_000
_ACTIVE = ("script", "iframe", "frame", "object", "embed", "applet", "base", "form", "audio", "video")
_LOADING = ("src", "srcset", "href", "xlink:href", "poster", "data", "background")
_REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)
_LINK = re.compile(r"(https?:|mailto:|#|\.{0,2}/|[^:]*$)", re.IGNORECASE)


def check_page(text: str) -> None:
    """None when the page keeps its promises.

    Raises: FazhiError: The page runs a script, loads something, repeats an id, links to a missing part of
    itself, shows a picture without alt text or weighs more than `LARGEST_PAGE` bytes.
    """
    weight = len(text.encode("utf-8"))
    if weight > LARGEST_PAGE:
        raise FazhiError(
            f"A page weighs at most {LARGEST_PAGE / 1e6:g} MB",
            f"{weight / 1e6:.2f} MB",
            "draw fewer points or move a figure to another page.",
        )
    root = html.document_fromstring(text)
    for element in root.iter(etree.Element):
        if element.attrib or element.tag in (*_ACTIVE, "img", "style"):
            _refuse_active(element)
            _refuse_remote(element)
            _refuse_silent(element)
    _refuse_bad_anchors(root)


def _refuse_active(element: HtmlElement) -> None:
    attributes = element.attrib
    handles = any(name.startswith("on") for name in attributes)
    refreshes = element.tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh"
    scripted = any(attributes.get(name, "").strip().lower().startswith("javascript:") for name in _LOADING)
    if element.tag in _ACTIVE or handles or refreshes or scripted:
        raise FazhiError(
            "A page runs no script and embeds nothing active",
            _opening(element),
            "show it as a figure or a table, or keep it in a cell tagged analyst-note.",
        )


def _refuse_remote(element: HtmlElement) -> None:
    attributes = element.attrib
    if element.tag == "a":
        address = attributes.get("href", "")
        kept_inside = address.startswith("data:") and "download" in attributes
        remote = not (kept_inside or _LINK.match(address))
    else:
        remote = any(
            not attributes[name].strip().startswith(("data:", "#")) for name in _LOADING if name in attributes
        )
    style = (element.text or "") if element.tag == "style" else attributes.get("style", "")
    if remote or _REMOTE_STYLE.search(style):
        raise FazhiError(
            "A page loads nothing from outside itself",
            _opening(element),
            "carry the content in the page as a data: address, or make it a plain link.",
        )


def _refuse_silent(element: HtmlElement) -> None:
    if element.tag == "img" and not element.get("alt", "").strip():
        raise FazhiError(
            "Every picture has alt text", _opening(element), "write what the picture says, or leave it out."
        )


def _refuse_bad_anchors(root: HtmlElement) -> None:
    ids = Counter(str(name) for name in root.xpath("//@id"))
    repeated = [name for name, times in ids.items() if times > 1]
    if repeated:
        raise FazhiError(
            "An id stands once on a page",
            f"more than once: {', '.join(repeated)}",
            "number evidence rows through the whole page and give every figure its own name.",
        )
    links = {str(address) for address in root.xpath("//a/@href[starts-with(., '#')]")}
    lost = sorted(address for address in links if unquote(address[1:]) not in ids)
    if lost:
        raise FazhiError(
            "A link inside a page leads to a part of it",
            f"no part of the page is called {', '.join(lost)}",
            "show the evidence table that holds the rows, or mend the link.",
        )


def _opening(element: HtmlElement) -> str:
    """The tag that opens an element, cut short."""
    given = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    opening = f"<{element.tag}{given}>"
    return opening if len(opening) <= 160 else opening[:157] + "…"
