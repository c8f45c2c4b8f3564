"""PDF and Word documents as paragraphs and tables.

It refuses what is encrypted, scanned, no Word document, larger unpacked than any report, or declares
document types (the way XML bombs are built), each with the reason.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from statistics import median
from typing import Any

from analysis.errors import InputError

UNPACKED = 100 * 2**20
ENTRIES = 5000
PAGES = 400
KINDS = "A document must be text, HTML, PDF or DOCX"
SAVE = "save it as DOCX, PDF or plain text."
Part = str | list[list[str]]
_STARTS = re.compile("[ \u3000]*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])")
_PAGE_NUMBER = re.compile(r"\W*\d{0,3}\W*|第\s*\d+\s*页.{0,12}")


def pdf(content: bytes) -> Iterator[Part]:
    """The text layer of a PDF, its lines joined to paragraphs, and its ruled tables.

    Raises:
        InputError: It is encrypted, damaged, scanned or too long.
    """
    import pdfplumber
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        book = pdfplumber.open(io.BytesIO(content))
    except PdfminerException as error:
        locked = re.search("Password|Encrypt", repr(error))
        rule = "A PDF must open without a password" if locked else "A PDF must be well-formed"
        raise InputError(rule, repr(error)[:200], "save it anew without protection.") from None
    if len(book.pages) > PAGES:
        raise InputError(f"A report has at most {PAGES} pages", len(book.pages), "give it alone.")
    lines: list[Part] = []
    for number, page in enumerate(book.pages, start=1):
        if not page.chars and page.images:
            given = f"page {number} is a picture (a scan)"
            raise InputError("A PDF must have a text layer", given, "have its text recognised, and check it.")
        tables = page.find_tables()
        rest = page
        for table in tables:
            rest = rest.outside_bbox(table.bbox)
        words = rest.extract_text().splitlines()
        lines += [line for line in words if not _PAGE_NUMBER.fullmatch(line)]
        lines += [[[cell or "" for cell in row] for row in table.extract()] for table in tables]
        page.close()
    yield from _unwrapped(lines)


def _unwrapped(lines: list[Part]) -> Iterator[Part]:
    """Paragraphs of the lines of pages: a full line goes on in the next, a short one ends its paragraph."""
    lengths = [len(line) for line in lines if isinstance(line, str)]
    full = 0.8 * median(lengths) if lengths else 0.0
    held: list[str] = []
    for line in lines:
        if held and (not isinstance(line, str) or _STARTS.match(line) or len(held[-1]) < full):
            yield "".join(held)
            held = []
        if isinstance(line, str):
            held.append(line)
        else:
            yield line
    if held:
        yield "".join(held)


def docx(content: bytes) -> Iterator[Part]:
    """The paragraphs and tables of a Word document in their order.

    Raises:
        InputError: It is encrypted, no Word document, or larger unpacked than any report is.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > UNPACKED or len(entries) > ENTRIES:
            raise InputError(
                "A DOCX must be small when unpacked", f"{size:,} bytes", "give the report alone."
            )
        if any(entry.flag_bits & 1 for entry in entries) or "word/document.xml" not in packed.namelist():
            raise InputError(KINDS, "a ZIP file that is encrypted or no Word document", SAVE)
        for entry in entries:
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.read(entry)[:65_536]:
                raise InputError("A DOCX must declare no document types", entry.filename, "do not open it.")
    from docx import Document
    from docx.table import Table

    for part in Document(io.BytesIO(content)).iter_inner_content():
        yield [_cells(row) for row in part.rows] if isinstance(part, Table) else part.text


def _cells(row: Any) -> list[str]:
    """The cells of a row; a number that spans several stands once."""
    ids = [id(cell._tc) for cell in row.cells]
    words = [cell.text for cell in row.cells]
    again = [place in ids[:at] and re.fullmatch(r"[\d.,%\s]*", words[at]) for at, place in enumerate(ids)]
    return ["" if twice else text for text, twice in zip(words, again, strict=True)]
