"""Turns the bytes of a document into plain paragraphs and tables, in a process of its own.

Parsers of PDF, Word and HTML are large and documents are untrusted: they run in a child with limits of time,
memory and output, which answers in JSON, so that nothing of a document is ever unpickled. It refuses what is
binary, garbled, in several encodings at once, not Chinese, or longer than any report; a child that dies, too.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import InputError
from analysis.gazetteer import converter
from analysis.ingest import formats

SECONDS = 60
LIMITS = {"AS": 1536 * 2**20, "CPU": 50, "FSIZE": 64 * 2**20, "CORE": 0}
"""Bytes of memory, seconds of processor, bytes of output, and no core dump."""
CHARACTERS = 3_000_000
COMMON = 0.75
"""Least share of the 3,755 common characters among the Chinese ones; mojibake has about half."""
_SAMPLE = 60_000
_CHILD = [sys.executable, "-P", "-c", "from analysis.ingest import extract; extract.child()"]
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2]), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HTML = re.compile(r"<(?:!doctype html|html|head|body|meta|div|p|table|span|td)\b", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True)
class Extracted:
    """What a file holds: `kind` (text, html, pdf, docx), what it says of itself, and its parts in order.

    Attributes:
        titles: What the file names as its title, the likeliest first; often the site's name is among them.
        published: The date that the file names as that of its publication, as printed.
        publisher: Who published it according to the file.
        parts: A paragraph is text, a table a tuple of rows.
    """

    kind: str
    titles: tuple[str, ...]
    published: str
    publisher: str
    parts: tuple[str | tuple[tuple[str, ...], ...], ...]


def extract(content: bytes, charset: str = "", seconds: float = SECONDS) -> Extracted:
    """The paragraphs and tables of a text, an HTML page, a PDF with a text layer or a DOCX.

    Args:
        content: The bytes.
        charset: The encoding that the server named.
        seconds: How long the parsers may take.

    Raises:
        InputError: It is none of these, or cannot be read: the message says why.
    """
    sent = json.dumps({"charset": charset}).encode() + b"\n" + content
    with tempfile.TemporaryFile() as answer:
        try:
            code = subprocess.run(
                _CHILD, input=sent, stdout=answer, stderr=subprocess.DEVNULL, timeout=seconds,
                env=_ENVIRONMENT, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            rule = f"A document must be read within {seconds:.0f} seconds"
            raise InputError(rule, None, "save it as plain text.") from None
        answer.seek(0)
        said = answer.read()
    told = None
    with contextlib.suppress(ValueError):
        told = json.loads(said)
    if told is None or code:
        raise InputError(
            "A document must be read within the limits of time and memory",
            f"the parser ended with {code}",
            "it is damaged or made to exhaust readers; save the report as plain text.",
        )
    if "refused" in told:
        raise InputError(*told["refused"])
    parts = (part if isinstance(part, str) else tuple(map(tuple, part)) for part in told["parts"])
    return Extracted(**told | {"titles": tuple(told["titles"]), "parts": tuple(parts)})


def child() -> None:
    """Runs in the child: reads a line of JSON and a document, writes what it holds, or why it is refused."""
    limit()
    charset = json.loads(sys.stdin.buffer.readline())["charset"]
    try:
        told = _parsed(sys.stdin.buffer.read(), charset)
    except InputError as error:
        told = {"refused": [error.rule, error.given, error.fix]}
    except Exception as error:  # whatever a parser raises on a damaged file is a refusal of that file
        given = f"{type(error).__name__}: {error}"[:200]
        told = {"refused": ["A document must be well-formed", given, f"if you can open it, {formats.SAVE}"]}
    sys.stdout.buffer.write(json.dumps(told).encode())


def limit() -> None:
    """Limits of this process, where the system has them; `extract` limits its time on every system."""
    with contextlib.suppress(ImportError):
        import resource

        for name, most in LIMITS.items():
            with contextlib.suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def _parsed(content: bytes, charset: str) -> dict[str, Any]:
    """The fields of `Extracted`, in simplified script, without control signs and white space at will."""
    told: dict[str, Any] = {"kind": "text", "titles": [], "published": "", "publisher": ""}
    if b"%PDF-" in content[:1024]:
        told |= {"kind": "pdf", "parts": formats.pdf(content)}
    elif content.startswith(b"PK\x03\x04"):
        told |= {"kind": "docx", "parts": formats.docx(content)}
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise InputError(formats.KINDS, "an old or encrypted Office file", formats.SAVE)
    else:
        text = _decoded(content, charset)
        told |= formats.html(text) if _HTML.search(text[:20_000]) else {"parts": text.splitlines()}
    signs = json.dumps(told["parts"], ensure_ascii=False)
    if len(signs) > CHARACTERS:
        raise InputError(f"A report has at most {CHARACTERS:,} characters", len(signs), "give it alone.")
    garbled = len(re.findall(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff]", signs))
    if garbled > len(formats.HANZI.findall(signs)) / 100:
        given = f"{garbled} characters without meaning (a font without names)"
        fix = "give the page it was printed from."
        raise InputError("The text of a document must be readable", given, fix)
    if not _is_common(signs):
        raise InputError("A report must be a Chinese text", "no readable Chinese text", "check the file.")
    folded: dict[str, Any] = json.loads(_folded(json.dumps(told, ensure_ascii=False)))
    return {name: _clean(value) for name, value in folded.items()}


def _decoded(content: bytes, charset: str) -> str:
    """The text of bytes, without a last character that was cut off, in the first encoding that fits."""
    texts: list[str] = []
    for name in _encodings(content, charset):
        try:
            text = codecs.getincrementaldecoder(name)("strict").decode(content).lstrip("\ufeff")
        except (UnicodeError, LookupError, AttributeError, TypeError, ValueError):
            continue
        if _is_common(text):
            return text
        texts.append(text)
    if not texts or "\0" in texts[0]:
        given = "binary bytes, or a mixture of encodings"
        raise InputError("The bytes of a document must be text in one encoding", given, "save it as UTF-8.")
    return texts[0]


def _encodings(content: bytes, charset: str) -> Iterator[str]:
    """By its mark, UTF-8, as the server and the page say, GB 18030, and only then as detected."""
    from charset_normalizer import from_bytes

    said = re.search(rb"""<meta[^>]{0,200}charset=["']?([\w-]{3,20})""", content[:8192], re.IGNORECASE)
    yield from (name for mark, name in _BOMS.items() if content.startswith(mark))
    for name in ("utf-8", charset, said[1].decode("ascii", "replace") if said else "", "gb18030"):
        yield "gb18030" if re.fullmatch("gb.?2312|gbk|gb_2312-80", name, re.IGNORECASE) else name
    if best := from_bytes(content[:_SAMPLE]).best():
        yield best.encoding


def _is_common(text: str) -> bool:
    """Whether there are Chinese characters, in either script, and most of them are common ones."""
    hanzi = "".join(formats.HANZI.findall(text[:_SAMPLE]))
    first = [letter.encode("gb2312", "ignore")[:1] for letter in _folded(hanzi)]
    return bool(first) and sum(b"\xb0" <= lead <= b"\xd7" for lead in first) >= COMMON * len(first)


def _folded(text: str) -> str:
    """The text in simplified script when it is in traditional script, else the text as it is."""
    simplified = str(converter().convert(text))
    changed = sum(old != new for old, new in zip(text, simplified, strict=False))
    return simplified if changed > len(formats.HANZI.findall(text)) * 0.03 else text


def _clean(value: Any) -> Any:
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return re.sub(r"\s+", " ", _CONTROLS.sub("", value)).strip()
