"""Turns the bytes of a text, an HTML page, a PDF or a DOCX into plain paragraphs and tables.

Documents are untrusted: parsers run in a child with limits of time, memory and output, which answers in JSON,
so nothing is ever unpickled. It refuses what is binary, garbled, encrypted, scanned, not Chinese, larger than
any report, or declares document types (the way XML bombs are built).
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from itertools import count, groupby, pairwise, product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from analysis.errors import InputError
from analysis.gazetteer import converter

SECONDS = 60
LIMITS = {"AS": 1536 * 2**20, "CPU": 50, "FSIZE": 64 * 2**20, "CORE": 0}  # bytes, seconds, bytes of output
CHARACTERS, PAGES, UNPACKED, ENTRIES = 3_000_000, 400, 100 * 2**20, 5000  # of text, PDF and DOCX (two)
_COMMON = 0.75  # least share of common characters among the Chinese ones; mojibake has about half
_LONG = 200  # Chinese characters that make an article
_SAVE = "save it as DOCX, PDF or plain text."
_CHILD = [sys.executable, "-P", "-c", "from analysis.ingest import extract; extract.child()"]
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2]), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
# where the systems of government sites put an article, the surest first
_ARTICLES = """#zoom .TRS_Editor #UCAP-CONTENT .article-content .article_content #articleContent
 .pages_content .TRS_UEDITOR .article-con .Custom_UnionStyle .con_text .news_content #article #content
 .content article main"""
_NOISE = "script style noscript template nav header footer aside form iframe svg select button title"
_BREAKS = "p,div,br,li,tr,h1,h2,h3,h4,h5,h6,section,article,dd,dt,blockquote,pre"
_MARK = "\ue000"
_SAMPLE = 60_000
_HANZI = re.compile("[\u3400-\u9fff]")
_HTML = re.compile(r"<(?:!doctype html|html|head|body|meta|div|p|table|span|td)\b", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_GARBLED = re.compile(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff]")
_SECTION = re.compile("[ \u3000]*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）])")
_PAGE_NUMBER = re.compile(r"\W*\d{0,3}\W*|第\s*\d+\s*页.{0,12}")
Cells = tuple[tuple[str, ...], ...]
Part = str | list[list[str]]


class Extracted(NamedTuple):
    """Paragraphs and tables in order, and what the file says of itself, the likeliest title first."""

    parts: Sequence[str | Cells]
    titles: Sequence[str] = ()
    published: str = ""
    publisher: str = ""


def extract(content: bytes, seconds: float = SECONDS) -> Extracted:
    """What a document holds, of whatever kind and encoding.

    Raises:
        InputError: It is no text, HTML, PDF or DOCX, or cannot be read: the message says why.
    """
    with tempfile.TemporaryFile() as answer:
        try:
            subprocess.run(
                _CHILD, input=content, stdout=answer, stderr=subprocess.DEVNULL, timeout=seconds,
                env=_ENVIRONMENT, check=True,
            )  # fmt: skip
        except subprocess.SubprocessError as error:
            ended = getattr(error, "returncode", f"nothing within {seconds:.0f} seconds")
            given, fix = f"the parser ended with {ended}", "save the report as plain text; it may be damaged."
            rule = "A document must be read within the limits of time and memory"
            raise InputError(rule, given, fix) from None
        answer.seek(0)
        told = json.load(answer)
    if "refused" in told:
        raise InputError(*told["refused"])
    parts = [part if isinstance(part, str) else tuple(map(tuple, part)) for part in told.pop("parts")]
    return Extracted(parts, **told)


def child() -> None:
    """Runs in the child: reads a document, writes what it holds, or why it is refused."""
    limit()
    try:
        told = _read(sys.stdin.buffer.read())
    except InputError as error:
        told = {"refused": [error.rule, error.given, error.fix]}
    except Exception as error:  # whatever a parser raises on a damaged file is a refusal of that file
        rule = "A document must be well-formed, and open without a password"
        told = {"refused": [rule, repr(error)[:200], f"if you can open it, {_SAVE}"]}
    sys.stdout.buffer.write(json.dumps(told).encode())


def limit() -> None:
    """Limits this process, where the system can; `extract` limits its time everywhere."""
    with contextlib.suppress(ImportError):
        import resource

        for name, most in LIMITS.items():
            with contextlib.suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def _read(content: bytes) -> Any:
    """The fields of `Extracted`, in simplified script, without control signs and white space at will."""
    if b"%PDF-" in content[:1024]:
        told: dict[str, Any] = {"parts": _pdf(content)}
    elif content.startswith(b"PK\x03\x04"):
        told = {"parts": _docx(content)}
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        rule = "A document must be text, HTML, PDF or DOCX"
        raise InputError(rule, "an old or encrypted Office file", _SAVE)
    else:
        text = _decoded(content)
        told = _html(text) if _HTML.search(text[:20_000]) else {"parts": text.splitlines()}
    signs = json.dumps(told["parts"], ensure_ascii=False)
    if len(signs) > CHARACTERS:
        raise InputError(f"A report has at most {CHARACTERS:,} characters", len(signs), "give it alone.")
    if not _is_common(signs):
        given = "another language, binary bytes or several encodings"
        raise InputError("A report must be a Chinese text in one encoding", given, "save it as UTF-8.")
    garbled = len(_GARBLED.findall(signs))
    if garbled > len(_HANZI.findall(signs)) / 100:
        given, fix = f"{garbled} characters without meaning", "give the page it was printed from."
        raise InputError("The text of a document must be readable", given, fix)
    return _clean(json.loads(_folded(json.dumps(told, ensure_ascii=False))))


def _decoded(content: bytes) -> str:
    """The text of bytes, less a last character that was cut off, in the encoding that makes it Chinese."""
    texts = [""]
    # what servers and pages say of their encoding is wrong too often to be asked
    for name in ("utf-16", "big5hkscs", "gb18030", "utf-8"):
        with contextlib.suppress(UnicodeError):
            texts.append(codecs.getincrementaldecoder(name)().decode(content).lstrip("\ufeff"))
    return next(filter(_is_common, reversed(texts)), texts[-1])


def _is_common(text: str) -> bool:
    """Whether there are Chinese characters, in either script, and most of them are common ones."""
    hanzi = "".join(_HANZI.findall(text[:_SAMPLE]))
    first = [letter.encode("gb2312", "ignore")[:1] for letter in _folded(hanzi)]
    return bool(first) and sum(b"\xb0" <= lead <= b"\xd7" for lead in first) >= _COMMON * len(first)


def _folded(text: str) -> str:
    """The text in simplified script when it is in traditional script, else the text as it is."""
    simplified = str(converter().convert(text))
    changed = sum(old != new for old, new in zip(text, simplified, strict=False))
    return simplified if changed > len(_HANZI.findall(text)) * 0.03 else text


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return re.sub(r"\s+", " ", _CONTROLS.sub("", value)).strip()


def _html(text: str) -> dict[str, Any]:
    """A page's article alone, where sites put it, else as trafilatura finds it, else the whole page."""
    from trafilatura import extract as guessed

    text = text.replace(_MARK, "")
    tree = LexborHTMLParser(text)
    metas = [meta.attributes for meta in tree.css("meta")]
    named = {str(meta.get("name")).lower(): meta.get("content") or "" for meta in metas}
    titles = [named.get("articletitle", ""), *(node.text() for node in tree.css("h1")[:3])]
    titles += [part for node in tree.css("title")[:1] for part in re.split(r"[_|]|\s[-–—]+\s", node.text())]
    tree.strip_tags(_NOISE.split())
    places = (node for selector in _ARTICLES.split() for node in tree.css(selector))
    node = next((one for one in places if len(_HANZI.findall(one.text())) > _LONG), None)
    if node is None:
        article = guessed(text, output_format="html", include_comments=False, favor_recall=True) or ""
        node = LexborHTMLParser(article).body if len(_HANZI.findall(article)) > _LONG else tree.body
    return {
        "titles": [title for title in titles if title],
        "published": named.get("pubdate") or named.get("publishdate") or named.get("createdate") or "",
        "publisher": named.get("contentsource") or named.get("sitename") or "",
        "parts": _parts(node) if node else [],
    }


def _parts(node: LexborNode) -> list[Part]:
    """The paragraphs and tables below a node; a table for layout is read as paragraphs."""
    for table in node.css("table"):
        rows = [] if table.css("table table") else _grid(table)
        longest = max((len(cell) for row in rows for cell in row), default=0)
        if len(rows) > 1 and max(map(len, rows)) > 1 and longest < 2 * _LONG:
            table.replace_with(f"\n{_MARK}{json.dumps(rows)}\n")
    for tag in node.css(_BREAKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    lines = [line.strip() for line in node.text().split("\n")]
    return [json.loads(line[1:]) if line.startswith(_MARK) else line for line in lines]


def _grid(table: LexborNode) -> list[list[str]]:
    """The rows of a table, spans filled with its words."""
    grid: dict[tuple[int, int], str] = {}
    for row, line in enumerate(table.css("tr")[:2000]):
        for cell in line.css("td,th")[:200]:
            column = next(free for free in count() if (row, free) not in grid)
            words = re.sub(r"\s+", " ", cell.text(separator=" ")).strip()
            spans = (cell.attributes.get(name) or "" for name in ("rowspan", "colspan"))
            sizes = [range(max(1, min(int(span[:4]), 50)) if span.isdecimal() else 1) for span in spans]
            grid |= {(row + down, column + right): _again(words) for down, right in product(*sizes)}
            grid[row, column] = words
    rows = groupby(sorted(grid.items()), key=lambda item: item[0][0])
    return [[words for _, words in cells] for _, cells in rows]


def _again(words: str) -> str:
    """The words of a cell in the others that it spans; a number stands once."""
    return "" if re.fullmatch(r"[\d.,%\s]*", words) else words


def _pdf(content: bytes) -> list[Part]:
    """The text layer of a PDF, its lines joined to paragraphs, and its ruled tables."""
    import pdfplumber

    book = pdfplumber.open(io.BytesIO(content))
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
    parts = lines[:1]
    for before, line in pairwise(lines):
        texts = isinstance(before, str) and isinstance(line, str)
        if texts and len(before) >= full and not _SECTION.match(str(line)):
            parts[-1] = f"{parts[-1]}{line}"
        else:
            parts.append(line)
    return parts


def _docx(content: bytes) -> list[Part]:
    """The paragraphs and tables of a Word document."""
    from docx import Document
    from docx.table import Table

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > UNPACKED or len(entries) > ENTRIES:
            raise InputError("A DOCX must be small when unpacked", f"{size:,} bytes", "give it alone.")
        for entry in entries:
            is_xml = entry.filename.lower().endswith((".xml", ".rels"))
            if is_xml and b"<!DOCTYPE" in packed.read(entry).replace(b"\0", b""):  # in UTF-16, too
                raise InputError("A DOCX must declare no document types", entry.filename, "do not open it.")
    return [
        [_row(row) for row in part.rows] if isinstance(part, Table) else part.text
        for part in Document(io.BytesIO(content)).iter_inner_content()
    ]


def _row(row: Any) -> list[str]:
    spans = [[cell.text for cell in same] for _, same in groupby(row.cells, key=lambda cell: cell._tc)]
    return [words for first, *rest in spans for words in (first, *map(_again, rest))]
