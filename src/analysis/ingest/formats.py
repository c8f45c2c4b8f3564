"""HTML pages, PDF and Word documents as paragraphs and tables: the article alone, in the order of the text.

The article of a page is looked for where the systems of government sites put it, then by trafilatura, and is
the whole page otherwise. It refuses what is encrypted, scanned, no Word document, larger unpacked than any
report, or declares document types (the way XML bombs are built), each with the reason.
"""

from __future__ import annotations

import io
import re
import zipfile
from statistics import median
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from analysis.errors import InputError

UNPACKED = 100 * 2**20
ENTRIES = 5000
PAGES = 400
KINDS = "A document must be text, HTML, PDF or DOCX"
SAVE = "save it as DOCX, PDF or plain text."
HANZI = re.compile("[\u3400-\u9fff]")
_ARTICLES = (
    *("#zoom", ".TRS_Editor", "#UCAP-CONTENT", ".article-content", ".article_content", "#articleContent"),
    *(".pages_content", ".TRS_UEDITOR", ".article-con", ".Custom_UnionStyle", ".con_text", ".news_content"),
    *("#article", "#content", ".content", "article", "main"),
)
_NOISE = [
    *("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "iframe", "svg"),
    *("select", "button", "title"),
]
_BREAKS = "p,div,br,li,tr,h1,h2,h3,h4,h5,h6,section,article,dd,dt,blockquote,pre"
_LONG = 200
"""Chinese characters that make an article."""
_MARK = "\ue000"
_STARTS = re.compile("[ \u3000]*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])")
_PAGE_NUMBER = re.compile(r"\W*\d{0,3}\W*|第\s*\d+\s*页.{0,12}")
Part = str | list[list[str]]


def html(text: str) -> dict[str, Any]:
    """The fields of `extract.Extracted` for a page."""
    text = text.replace(_MARK, "")
    tree = LexborHTMLParser(text)
    named = {
        str(meta.attributes.get("name")).lower(): meta.attributes.get("content") for meta in tree.css("meta")
    }
    titles = [named.get("articletitle"), *(node.text() for node in tree.css("h1")[:3])]
    titles += [part for node in tree.css("title")[:1] for part in re.split(r"[_|]|\s[-–—]+\s", node.text())]
    dates = [named.get(name) for name in ("pubdate", "publishdate", "createdate")]
    tree.strip_tags(_NOISE)
    found = (node for selector in _ARTICLES for node in tree.css(selector))
    node = next((one for one in found if len(HANZI.findall(one.text())) > _LONG), None)
    return {
        "kind": "html",
        "titles": [title for title in titles if title],
        "published": next(filter(None, dates), ""),
        "publisher": named.get("contentsource") or named.get("sitename") or "",
        "parts": _parts(node or _guessed(text) or tree.body),
    }


def _guessed(text: str) -> LexborNode | None:
    """The article as trafilatura finds it; None when that is too short to be one."""
    from trafilatura import extract

    article = extract(
        text, output_format="html", include_tables=True, include_comments=False, favor_recall=True
    )
    return LexborHTMLParser(article).body if article and len(HANZI.findall(article)) > _LONG else None


def _parts(node: LexborNode | None) -> list[Part]:
    """The paragraphs and tables below a node; a table for layout is read as paragraphs."""
    tables: list[list[list[str]]] = []
    for table in node.css("table") if node else []:
        if not table.css("table table") and (rows := _grid(table)):
            tables.append(rows)
            table.replace_with(f"\n{_MARK}{len(tables) - 1}{_MARK}\n")
    for tag in node.css(_BREAKS) if node else []:
        tag.insert_before("\n")
        tag.insert_after("\n")
    lines = [line.strip() for line in node.text().split("\n")] if node else []
    return [tables[int(line.strip(_MARK))] if line.startswith(_MARK) else line for line in lines]


def _grid(table: LexborNode) -> list[list[str]]:
    """The rows of a table, spans filled with its words but not with its numbers; none of a layout."""
    rows: list[list[str]] = []
    below: dict[tuple[int, int], str] = {}
    for at, line in enumerate(table.css("tr")[:2000]):
        row: list[str] = []
        for cell in [*line.css("td,th")[:200], None]:
            while (at, len(row)) in below:
                row.append(below.pop((at, len(row))))
            if cell is not None:
                words = re.sub(r"\s+", " ", cell.text(separator=" ")).strip()
                across, down = (_span(cell.attributes.get(name)) for name in ("colspan", "rowspan"))
                again = "" if re.fullmatch(r"[\d.,%]*", words) else words
                below |= {(at + i, len(row) + j): again for i in range(1, down) for j in range(across)}
                row += [words, *[again] * (across - 1)]
        rows.append(row)
    longest = max((len(cell) for row in rows for cell in row), default=0)
    return rows if len(rows) > 1 and max(map(len, rows)) > 1 and longest < 2 * _LONG else []


def _span(given: str | None) -> int:
    return max(1, min(int(given[:4]), 50)) if given and given.isdecimal() else 1


def pdf(content: bytes) -> list[Part]:
    """The text layer of a PDF, its lines joined to paragraphs, and its ruled tables.

    Raises:
        InputError: It is encrypted, damaged, scanned or too long.
    """
    import pdfplumber
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        book = pdfplumber.open(io.BytesIO(content))
    except PdfminerException as error:
        must = "open without a password" if re.search("Password|Encrypt", repr(error)) else "be well-formed"
        raise InputError(
            f"A PDF must {must}", repr(error)[:200], "save it anew without protection."
        ) from None
    if len(book.pages) > PAGES:
        raise InputError(f"A report has at most {PAGES} pages", len(book.pages), "give it alone.")
    lines: list[Part] = []
    for number, page in enumerate(book.pages, start=1):
        if not page.chars and page.images:
            given = f"page {number} is a picture (a scan)"
            raise InputError("A PDF must have a text layer", given, "have its text recognised, and check it.")
        tables, rest = page.find_tables(), page
        for table in tables:
            rest = rest.outside_bbox(table.bbox)
        lines += [line for line in rest.extract_text().splitlines() if not _PAGE_NUMBER.fullmatch(line)]
        lines += [[[cell or "" for cell in row] for row in table.extract()] for table in tables]
        page.close()
    return _unwrapped(lines)


def _unwrapped(lines: list[Part]) -> list[Part]:
    """Paragraphs of the lines of pages: a full line goes on in the next, a short one ends its paragraph."""
    full = 0.8 * median([len(line) for line in lines if isinstance(line, str)] or [0])
    parts: list[Part] = []
    goes_on = False
    for line in lines:
        if goes_on and isinstance(line, str) and not _STARTS.match(line):
            parts[-1] = f"{parts[-1]}{line}"
        else:
            parts.append(line)
        goes_on = isinstance(line, str) and len(line) >= full
    return parts


def docx(content: bytes) -> list[Part]:
    """The paragraphs and tables of a Word document; a number that spans several cells stands once.

    Raises:
        InputError: It is encrypted, no Word document, or larger unpacked than any report is.
    """
    from docx import Document
    from docx.table import Table

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > UNPACKED or len(entries) > ENTRIES:
            raise InputError("A DOCX must be small when unpacked", f"{size:,} bytes", "give it alone.")
        if any(entry.flag_bits & 1 for entry in entries) or "word/document.xml" not in packed.namelist():
            raise InputError(KINDS, "a ZIP file that is encrypted or no Word document", SAVE)
        for entry in entries:
            is_xml = entry.filename.lower().endswith((".xml", ".rels"))
            if is_xml and b"<!DOCTYPE" in packed.read(entry).replace(b"\0", b""):  # in UTF-16, too
                raise InputError("A DOCX must declare no document types", entry.filename, "do not open it.")
    return [
        [_cells(row) for row in part.rows] if isinstance(part, Table) else part.text
        for part in Document(io.BytesIO(content)).iter_inner_content()
    ]


def _cells(row: Any) -> list[str]:
    ids = [id(cell._tc) for cell in row.cells]
    words = [cell.text for cell in row.cells]
    again = [place in ids[:at] and re.fullmatch(r"[\d.,%\s]*", words[at]) for at, place in enumerate(ids)]
    return ["" if twice else text for text, twice in zip(words, again, strict=True)]
