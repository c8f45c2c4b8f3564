"""A document as the reader sees it: who speaks of which area and year, and its text block by block.

Whatever the file was (text, HTML, PDF, DOCX), it becomes a `Document`; the grammar of figures and the metric
patterns work on this alone. It holds text that was normalised once and refuses nothing: what is no report is
refused where documents are read.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One paragraph with its section path, or one table with its rows.

    Attributes:
        locator: Section of the source as `data/` writes it: 八(一); empty before the first heading.
        headings: The words of the headings above it, outermost first.
        text: The paragraph; for a table the same text that its rows give when flattened (cells joined by a
            tab, rows by a line end), so that an offset into it points at a cell.
        cells: The rows of a table, header rows included; None for a paragraph.
    """

    locator: str
    headings: tuple[str, ...]
    text: str
    cells: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True)
class Document:
    """A report with its issuer, its year and its blocks in the order of the text.

    Attributes:
        title: The title of the report, not of the site.
        issuer: The issuing body as printed.
        region_code: Six digits; empty when it is not known.
        unit_name: The department or court; empty when the report speaks for the whole area.
        scope: Whose figures these are where a sentence says nothing else: a scope code of `data/`.
        year: The year of which the report speaks, not the year in which it was published.
        published: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; empty when not known.
        blocks: Paragraphs and tables.
        text_hash: SHA-256 of the normalised text, in hexadecimal.
    """

    title: str
    issuer: str
    region_code: str
    unit_name: str
    scope: str
    year: int
    published: str
    blocks: tuple[Block, ...]
    text_hash: str


def table_text(cells: tuple[tuple[str, ...], ...]) -> str:
    """The text of a table: cells joined by a tab, rows by a line end."""
    return "\n".join("\t".join(row) for row in cells)
