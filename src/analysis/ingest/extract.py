"""Turns the bytes of a document into plain paragraphs and tables, in a process of its own.

Parsers of PDF, Word and HTML are large and documents are untrusted: `parse` runs them in a child with limits
of time, memory and output, which answers in JSON, so that nothing of a document is ever unpickled. What the
child refuses, and a child that dies, is an `InputError` here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError

SECONDS = 60
_CHILD = [sys.executable, "-P", "-m", "analysis.ingest.parse"]
_ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2]), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}


@dataclass(frozen=True)
class Extracted:
    """What a file holds: `kind` (text, html, pdf, docx), what it says of itself, and its parts in order.

    Attributes:
        kind: text, html, pdf or docx.
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
    """The paragraphs and tables of a document.

    Args:
        content: The bytes of a text, an HTML page, a PDF with a text layer or a DOCX.
        charset: The encoding that the server named.
        seconds: How long the parsers may take.

    Raises:
        InputError: It is none of these, or cannot be read: the message says why.
    """
    header = json.dumps({"charset": charset}).encode() + b"\n"
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(
                _CHILD, input=header + content, stdout=answer, stderr=subprocess.DEVNULL, timeout=seconds,
                env=_ENVIRONMENT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise InputError(
                f"A document must be read within {seconds:.0f} seconds", None, "save it as plain text."
            ) from None
        answer.seek(0)
        said = answer.read()
    try:
        told = json.loads(said)
    except ValueError:
        told = None
    if told is None or done.returncode:
        raise InputError(
            "A document must be read within the limits of time and memory",
            f"the parser ended with {done.returncode}",
            "it is damaged or made to exhaust readers; save the report as plain text.",
        )
    if "refused" in told:
        raise InputError(*told["refused"])
    parts = tuple(
        part if isinstance(part, str) else tuple(tuple(map(str, row)) for row in part)
        for part in told["parts"]
    )
    return Extracted(told["kind"], tuple(told["titles"]), told["published"], told["publisher"], parts)
