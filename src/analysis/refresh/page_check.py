"""The last look at a finished page: does it keep what a page promises?

A page runs no script, loads nothing but itself, has no id twice, no link into nowhere inside itself, alt text
on every picture, and stays light. Each breach is refused with the piece of HTML that breaks the promise.
Plain links to sources elsewhere are welcome.
"""

from __future__ import annotations

from collections import Counter
from urllib.parse import unquote

from lxml import etree, html

from analysis.errors import FazhiError

LARGEST_PAGE = 1_500_000
_REMOTE = r"""@import|url\(\s*["']?(?!data:|#)"""
_LOADING = "@src | @srcset | @href | @*[name()='xlink:href'] | @poster | @data | @background"
_BREACHES = (
    (
        "A page runs no script and embeds nothing active",
        "show it as a figure or a table, or keep it in a cell tagged analyst-note.",
        "//script | //iframe | //frame | //object | //embed | //applet | //base | //form | //audio | //video",
        "//*[@*[starts-with(name(), 'on')]]",
        "//meta[re:test(@http-equiv, '^refresh$', 'i')]",
        f"//*[({_LOADING})[re:test(., '^\\s*javascript:', 'i')]]",
    ),
    (
        "A page loads nothing from outside itself",
        "carry the content in the page as a data: address, or make it a plain link.",
        f"//*[not(self::a)][({_LOADING})[not(re:test(., '^\\s*(data:|#)'))]]",
        "//a[@href][not(@download and starts-with(@href, 'data:'))]"
        r"[not(re:test(@href, '^(https?:|mailto:|#|\.{0,2}/|[^:]*$)', 'i'))]",
        "//style[re:test(., $remote, 'i')] | //*[re:test(@style, $remote, 'i')]",
    ),
    (
        "Every picture has alt text",
        "write what the picture says, or leave it out.",
        "//img[not(normalize-space(@alt))]",
    ),
)
"""Each promise with what to do, and where an element breaks it."""
_BROKEN = [
    (rule, fix, etree.XPath(" | ".join(places), namespaces={"re": "http://exslt.org/regular-expressions"}))
    for rule, fix, *places in _BREACHES
]


def check_page(text: str) -> None:
    """None when the page keeps its promises.

    Raises:
        FazhiError: The page runs a script, loads something, repeats an id, links to a missing part of itself,
            shows a picture without alt text or weighs more than `LARGEST_PAGE` bytes.
    """
    weight = len(text.encode("utf-8"))
    if weight > LARGEST_PAGE:
        fix = "draw fewer points or move a figure to another page."
        raise FazhiError(f"A page weighs at most {LARGEST_PAGE / 1e6:g} MB", f"{weight / 1e6:.2f} MB", fix)
    root = html.document_fromstring(text)
    for rule, fix, broken in _BROKEN:
        for element in broken(root, remote=_REMOTE):
            given = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
            raise FazhiError(rule, f"<{element.tag}{given}>"[:160], fix)
    ids = Counter(str(name) for name in root.xpath("//@id"))
    repeated = [name for name, times in ids.items() if times > 1]
    if repeated:
        fix = "number evidence rows through the whole page and give every figure its own name."
        raise FazhiError("An id stands once on a page", f"more than once: {', '.join(repeated)}", fix)
    links = {str(address) for address in root.xpath("//a/@href[starts-with(., '#')]")}
    lost = sorted(address for address in links if unquote(address[1:]) not in ids)
    if lost:
        given, fix = (
            f"no part of the page is called {', '.join(lost)}",
            "show the evidence table, or mend the link.",
        )
        raise FazhiError("A link inside a page leads to a part of it", given, fix)
