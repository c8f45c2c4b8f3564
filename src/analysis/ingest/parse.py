"""What a document's bytes hold: runs in the child process that `extract` starts, under limits set first.

Standard input holds a line of JSON and the bytes; standard output gets JSON. It refuses what is binary,
garbled, in several encodings at once, not Chinese, or longer than any report is.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from typing import Any

from analysis.errors import InputError
from analysis.gazetteer import converter
from analysis.ingest import markup, office

LIMITS = {"AS": 1536 * 2**20, "CPU": 50, "FSIZE": 64 * 2**20, "CORE": 0}
"""Bytes of memory, seconds of processor, bytes of output, and no core dump."""
CHARACTERS = 3_000_000
COMMON = 0.75
"""Least share of the 3,755 common characters among the Chinese ones; mojibake has about half."""
_SAMPLE = 60_000
_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def main() -> None:
    """Reads a document from standard input and writes what it holds to standard output."""
    _limit()
    charset = json.loads(sys.stdin.buffer.readline())["charset"]
    try:
        told = parse(sys.stdin.buffer.read(), charset)
    except InputError as error:
        told = {"refused": [error.rule, error.given, error.fix]}
    except Exception as error:  # whatever a parser raises on a damaged file is a refusal of that file
        given = f"{type(error).__name__}: {error}"[:200]
        told = {"refused": ["A document must be well-formed", given, f"if you can open it, {office.SAVE}"]}
    sys.stdout.buffer.write(json.dumps(told).encode())


def _limit() -> None:
    """Limits of this process, where the system has them; `extract` limits its time on every system."""
    try:
        import resource
    except ImportError:
        return
    for name, most in LIMITS.items():
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        except (ValueError, OSError):
            continue


def parse(content: bytes, charset: str) -> dict[str, Any]:
    """The fields of `extract.Extracted` for the bytes of a document.

    Raises:
        InputError: The document is refused.
    """
    told: dict[str, Any] = {"kind": "text", "titles": [], "published": "", "publisher": ""}
    if b"%PDF-" in content[:1024]:
        told |= {"kind": "pdf", "parts": list(office.pdf(content))}
    elif content.startswith(b"PK\x03\x04"):
        told |= {"kind": "docx", "parts": list(office.docx(content))}
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise InputError(office.KINDS, "an old or encrypted Office file", office.SAVE)
    else:
        text = decode(content, charset)
        told |= markup.page(text) if markup.is_html(text) else {"parts": text.splitlines()}
    return _readable(told)


def decode(content: bytes, charset: str) -> str:
    """The text of bytes: by its mark, as UTF-8, as declared, as detected.

    Raises:
        InputError: It is binary, or no encoding gives a readable text.
    """
    from charset_normalizer import from_bytes

    declared = re.search(rb"""<meta[^>]{0,200}charset=["']?([\w-]{3,20})""", content[:8192], re.IGNORECASE)
    names = [name for mark, name in _BOMS.items() if content.startswith(mark)] or ["utf-8"]
    names += [charset, declared[1].decode("ascii", "replace") if declared else "", "gb18030"]
    found = [text for name in names if (text := _strictly(content, name)) is not None]
    if not any(map(_is_common, found)):
        best = from_bytes(content[:_SAMPLE]).best()
        found += [text for text in [_strictly(content, best.encoding) if best else None] if text is not None]
    readable = next((text for text in found if _is_common(text)), None)
    if readable is None and (not found or "\0" in found[0]):
        given = "binary bytes, or a mixture of encodings"
        raise InputError("The bytes of a document must be text in one encoding", given, "save it as UTF-8.")
    return found[0] if readable is None else readable


def _strictly(content: bytes, name: str) -> str | None:
    """The text in an encoding, without a last character that was cut off; None when it is not in it."""
    name = "gb18030" if re.fullmatch("gb.?2312|gbk|gb_2312-80", name, re.IGNORECASE) else name
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(content).lstrip("\ufeff")
    except (UnicodeError, LookupError, AttributeError, TypeError, ValueError):
        return None


def _is_common(text: str) -> bool:
    """Whether there are Chinese characters, in either script, and most of them are common ones."""
    hanzi = "".join(markup.HANZI.findall(text[:_SAMPLE]))
    first = [letter.encode("gb2312", "ignore")[:1] for letter in fold(hanzi)]
    return bool(first) and sum(b"\xb0" <= lead <= b"\xd7" for lead in first) >= COMMON * len(first)


def fold(text: str) -> str:
    """The text in simplified script when it is in traditional script, else the text as it is."""
    simplified = str(converter().convert(text))
    changed = sum(old != new for old, new in zip(text, simplified, strict=False))
    return simplified if changed > len(markup.HANZI.findall(text)) * 0.03 else text


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    """What was read, in simplified script and without control signs and white space at will.

    Raises:
        InputError: The text is empty, too long, garbled, or not in Chinese.
    """
    signs = json.dumps(told["parts"], ensure_ascii=False)
    if len(signs) > CHARACTERS:
        raise InputError(f"A report has at most {CHARACTERS:,} characters", len(signs), "give it alone.")
    garbled = re.findall(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff]", signs)
    if len(garbled) > len(markup.HANZI.findall(signs)) / 100:
        given = f"{len(garbled)} characters without meaning (a font without names)"
        raise InputError(
            "The text of a document must be readable", given, "give the page it was printed from."
        )
    if not _is_common(signs):
        raise InputError("A report must be a Chinese text", "no readable Chinese text", "check the file.")
    folded: dict[str, Any] = json.loads(fold(json.dumps(told, ensure_ascii=False)))
    return {name: _clean(value) for name, value in folded.items()}


def _clean(value: Any) -> Any:
    """Text with single spaces and without control signs, in whatever lists."""
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return re.sub(r"\s+", " ", _CONTROLS.sub("", value)).strip()


if __name__ == "__main__":
    main()
