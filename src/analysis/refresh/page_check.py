"""The last look at a finished page: does it keep what a page promises?

A page runs no script, loads nothing but itself, has no id twice, no link into nowhere inside itself, alt
text on every picture, and stays light. Each breach is refused with the piece of HTML that breaks the promise.
Plain links to sources elsewhere are welcome.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from analysis.errors import FazhiError

LARGEST_PAGE = 1_500_000

_ACTIVE = ("script", "iframe", "frame", "object", "embed", "applet", "base", "form", "audio", "video")
_LOADING = ("src", "srcset", "href", "xlink:href", "poster", "data", "background")
_REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)
_LINK = re.compile(r"(https?:|mailto:|#|\.{0,2}/|[^:]*$)", re.IGNORECASE)


def check_page(html: str) -> None:
    """None when the page keeps its promises.

    Raises:
        FazhiError: The page runs a script, loads something, repeats an id, links to a missing part of
            itself, shows a picture without alt text or weighs more than `LARGEST_PAGE` bytes.
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(True):
        _refuse_active(tag)
        _refuse_remote(tag)
        if tag.name == "img" and not str(tag.get("alt", "")).strip():
            raise FazhiError(
                "Every picture has alt text", _shown(tag), "write what the picture says, or leave it out."
            )
    _refuse_bad_anchors(soup)
    weight = len(html.encode("utf-8"))
    if weight > LARGEST_PAGE:
        raise FazhiError(
            f"A page weighs at most {LARGEST_PAGE / 1e6:g} MB",
            f"{weight / 1e6:.2f} MB",
            "draw fewer points or move a figure to another page.",
        )


def _refuse_active(tag: Tag) -> None:
    handlers = [name for name in tag.attrs if name.lower().startswith("on")]
    refreshes = tag.name == "meta" and str(tag.get("http-equiv", "")).lower() == "refresh"
    addresses = (str(tag.get(name, "")).strip().lower() for name in _LOADING)
    if tag.name in _ACTIVE or handlers or refreshes or any(a.startswith("javascript:") for a in addresses):
        raise FazhiError(
            "A page runs no script and embeds nothing active",
            _shown(tag),
            "show it as a figure or a table, or keep it in a cell tagged analyst-note.",
        )


def _refuse_remote(tag: Tag) -> None:
    if tag.name == "a":
        address = str(tag.get("href", ""))
        kept_inside = address.startswith("data:") and tag.has_attr("download")
        remote = not (kept_inside or _LINK.match(address))
    else:
        addresses = [str(tag[name]).strip() for name in _LOADING if tag.has_attr(name)]
        remote = any(not address.startswith(("data:", "#")) for address in addresses)
    style = tag.get_text() if tag.name == "style" else str(tag.get("style", ""))
    if remote or _REMOTE_STYLE.search(style):
        raise FazhiError(
            "A page loads nothing from outside itself",
            _shown(tag),
            "carry the content in the page as a data: address, or make it a plain link.",
        )


def _refuse_bad_anchors(soup: BeautifulSoup) -> None:
    ids = Counter(str(tag["id"]) for tag in soup.find_all(id=True))
    repeated = [name for name, times in ids.items() if times > 1]
    if repeated:
        raise FazhiError(
            "An id stands once on a page",
            f"more than once: {', '.join(repeated)}",
            "number evidence rows through the whole page and give every figure its own name.",
        )
    inside = (str(link["href"]) for link in soup.select('a[href^="#"]'))
    lost = sorted({address for address in inside if unquote(address[1:]) not in ids})
    if lost:
        raise FazhiError(
            "A link inside a page leads to a part of it",
            f"no part of the page is called {', '.join(lost)}",
            "show the evidence table that holds the rows, or mend the link.",
        )


def _shown(tag: Tag) -> str:
    opening = str(tag).partition(">")[0] + ">"
    return opening if len(opening) <= 160 else opening[:157] + "…"
