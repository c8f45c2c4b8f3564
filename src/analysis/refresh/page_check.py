"""The last look at a finished page: does it keep what a page promises?

A page runs no script, loads nothing but itself, has no id twice, no link into nowhere inside itself, alt
text on every picture, and stays light. Each breach is refused with the piece of HTML that breaks the promise.
Plain links to sources elsewhere are welcome.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import unquote

from analysis.errors import FazhiError
from analysis.refresh.tree import PageParser

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
    reader = _Reader()
    reader.feed(html)
    reader.close()
    _refuse_bad_anchors(reader.ids, reader.links)
    weight = len(html.encode("utf-8"))
    if weight > LARGEST_PAGE:
        raise FazhiError(
            f"A page weighs at most {LARGEST_PAGE / 1e6:g} MB",
            f"{weight / 1e6:.2f} MB",
            "draw fewer points or move a figure to another page.",
        )


class _Reader(PageParser):
    """Reads a page tag by tag, refuses what may not stand in one, and keeps ids and links for the end."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Checks one tag; without attributes, it can only be of a kind that may not be or lacks them."""
        if not attrs and tag not in _ACTIVE and tag != "img":
            return
        attributes = {name: value or "" for name, value in attrs}
        shown = self.get_starttag_text() or ""
        _refuse_active(tag, attributes, shown)
        _refuse_remote(tag, attributes, shown)
        if tag == "img" and not attributes.get("alt", "").strip():
            raise FazhiError(
                "Every picture has alt text", _short(shown), "write what the picture says, or leave it out."
            )
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        if tag == "a" and attributes.get("href", "").startswith("#"):
            self.links.append(attributes["href"])

    def handle_data(self, data: str) -> None:
        """Checks what stands in a style sheet."""
        if self.cdata_elem == "style" and _REMOTE_STYLE.search(data):
            raise _remote("<style>")


def _refuse_active(tag: str, attributes: Mapping[str, str], shown: str) -> None:
    handles = any(name.startswith("on") for name in attributes)
    refreshes = tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh"
    addresses = [value for name, value in attributes.items() if name in _LOADING]
    scripted = any(address.strip().lower().startswith("javascript:") for address in addresses)
    if tag in _ACTIVE or handles or refreshes or scripted:
        raise FazhiError(
            "A page runs no script and embeds nothing active",
            _short(shown),
            "show it as a figure or a table, or keep it in a cell tagged analyst-note.",
        )


def _refuse_remote(tag: str, attributes: Mapping[str, str], shown: str) -> None:
    if tag == "a":
        address = attributes.get("href", "")
        kept_inside = address.startswith("data:") and "download" in attributes
        remote = not (kept_inside or _LINK.match(address))
    else:
        addresses = [attributes[name].strip() for name in _LOADING if name in attributes]
        remote = any(not address.startswith(("data:", "#")) for address in addresses)
    if remote or _REMOTE_STYLE.search(attributes.get("style", "")):
        raise _remote(shown)


def _remote(shown: str) -> FazhiError:
    return FazhiError(
        "A page loads nothing from outside itself",
        _short(shown),
        "carry the content in the page as a data: address, or make it a plain link.",
    )


def _refuse_bad_anchors(ids: Counter[str], links: list[str]) -> None:
    repeated = [name for name, times in ids.items() if times > 1]
    if repeated:
        raise FazhiError(
            "An id stands once on a page",
            f"more than once: {', '.join(repeated)}",
            "number evidence rows through the whole page and give every figure its own name.",
        )
    lost = sorted({address for address in links if unquote(address[1:]) not in ids})
    if lost:
        raise FazhiError(
            "A link inside a page leads to a part of it",
            f"no part of the page is called {', '.join(lost)}",
            "show the evidence table that holds the rows, or mend the link.",
        )


def _short(opening: str) -> str:
    return opening if len(opening) <= 160 else opening[:157] + "…"
