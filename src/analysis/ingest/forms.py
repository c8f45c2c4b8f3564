"""Tables: the three of the statutory disclosure form, as cells or as flattened text, and any other as cells.

The form prints some 150 zeros: a zero is read only where its row and column have a metric, every other figure
always. The rows are described in `data/patterns.toml`. It adds no columns up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from analysis.ingest.document import Block
from analysis.ingest.figures import Figure, figures, narrow, read_number
from analysis.ingest.lexicon import TABLE
from analysis.ingest.patterns import Patterns

_NUMBER, _UNIT = TABLE["number"], TABLE["unit"]
_WORD = re.compile(r"[^\s|]+")
ALONE = 3
"""So many lines with a number and nothing else make a table of short lines."""
_LONGEST = 60
"""A line longer than this is no cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table with the words of its row and column."""

    figure: Figure
    row_label: str
    label: str
    metric_id: str = ""
    form: bool = False
    total: bool = True
    row: int = 0
    caption: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: its labels, and its figures with the block each stands in; None for a cell without one."""

    labels: tuple[str, ...]
    cells: tuple[tuple[int, Figure] | None, ...]


def read(blocks: Sequence[Block], patterns: Patterns) -> tuple[dict[int, list[Cell]], set[int]]:
    """The figures of all tables by block, and which blocks are tables and no paragraphs."""
    found: dict[int, list[Cell]] = {}
    taken = {number for number, block in enumerate(blocks) if block.cells is not None}
    for first, last in _runs(blocks):
        rows = list(_flattened(blocks, first, last))
        alone = sum(_NUMBER.fullmatch(block.text.strip()) is not None for block in blocks[first:last])
        if any(patterns.form(row.labels, len(row.cells)) for row in rows):
            taken.update(range(first, last))
            _collect(rows, patterns, found)
        elif alone >= ALONE and len(rows) > 1:
            taken.update(range(first, last))
            _listed(rows, found)
    for number, block in enumerate(blocks):
        if block.cells is not None:
            rows = list(_rows(block, number))
            if any(patterns.form(row.labels, len(row.cells)) for row in rows):
                _collect(rows, patterns, found)
            else:
                found[number] = list(_named(block, _caption(blocks, number)))
    return found, taken


def _collect(rows: Sequence[_Row], patterns: Patterns, found: dict[int, list[Cell]]) -> None:
    """The figures of a statutory table by block."""
    heads = "".join(label for row in rows for label in row.labels)
    for row in rows:
        name = row.labels[-1][-20:] if row.labels else ""
        metrics = patterns.form(row.labels, len(row.cells), heads) or ("",) * len(row.cells)
        for at, (cell, metric) in enumerate(zip(row.cells, metrics, strict=True)):
            if cell and (metric or cell[1].value):
                total = at == len(row.cells) - 1 or bool(metric)
                found.setdefault(cell[0], []).append(Cell(cell[1], name, name, metric, True, total))


def _listed(rows: Sequence[_Row], found: dict[int, list[Cell]]) -> None:
    """The figures of a table that lost its cells: named by their row and head; serial numbers are none."""
    first = rows[0].labels
    serial = next((at + 1 for at, label in enumerate(first) if "序号" in label), 0)
    heads = first[serial + 1 :] if serial else first[:-1]
    number = 1
    for place, row in enumerate(rows):
        cells = list(row.cells)
        last = cells[-1] if serial and place + 1 < len(rows) else None
        if last and number <= last[1].value <= number + 2:
            number = int(last[1].value) + 1
            cells.pop()
        for at, cell in enumerate(cells):
            head = heads[at] if at < len(heads) and len(heads) >= len(cells) else ""
            name = row.labels[-1][-20:] if row.labels else ""
            if cell:
                found.setdefault(cell[0], []).append(
                    Cell(cell[1], name, f"{name} {head}".strip(), row=place + 1)
                )


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Stretches of short lines without a sentence or a figure among words: a table that lost its cells."""
    first = None
    for number, block in enumerate((*blocks, Block("", (), "。"))):
        if _is_cells(block) and first is None:
            first = number
        elif not _is_cells(block) and first is not None:
            yield first, number
            first = None


def _is_cells(block: Block) -> bool:
    """Whether a line can be a row or a cell: short, and each word of it a number or none."""
    if block.cells is not None or len(block.text) > _LONGEST * 4 or re.search("[。;!?]", block.text):
        return False
    words = [word for word in _WORD.findall(narrow(block.text)) if not _NUMBER.fullmatch(word)]
    return not any(figure.form != "none" for word in words for figure in figures(word))


def _flattened(blocks: Sequence[Block], first: int, last: int) -> Iterator[_Row]:
    """Rows of words and then numbers, wherever lines and spaces part them."""
    labels: list[str] = []
    cells: list[tuple[int, Figure]] = []
    for number in range(first, last):
        for token in _WORD.finditer(narrow(blocks[number].text)):
            if _NUMBER.fullmatch(token[0]):
                cells.append((number, _figure(token[0], token.start())))
                continue
            if cells:
                yield _Row(tuple(labels), tuple(cells))
                labels, cells = [], []
            labels.append(token[0])
    if cells:
        yield _Row(tuple(labels), tuple(cells))


def _rows(block: Block, number: int) -> Iterator[_Row]:
    """The rows of a table that have figures: words first, then one figure a cell; else the head's words."""
    at = 0
    heads: list[str] = []
    for row in block.cells or ():
        labels: list[str] = []
        cells: list[tuple[int, Figure] | None] = []
        for cell in row:
            shown = narrow(cell)
            if _NUMBER.fullmatch(shown.strip()):
                start = at + len(shown) - len(shown.lstrip())
                cells.append((number, _figure(shown.strip(), start)))
            elif shown.strip():
                labels.append("".join(shown.split()))
                cells.clear()
            elif cells:
                cells.append(None)
            at += len(cell) + 1
        while cells and cells[-1] is None:
            cells.pop()
        heads = heads if cells else labels
        if cells:
            yield _Row(tuple(labels or heads)[-3:], tuple(cells))


def _caption(blocks: Sequence[Block], number: int) -> str:
    """The line above a table, when it is one's title."""
    text = blocks[number - 1].text if number else ""
    return text if "表" in text and len(text) <= _LONGEST else ""


def _named(block: Block, caption: str) -> Iterator[Cell]:
    """The figures of any other table, named by its caption, their row and their column's head."""
    heads: dict[int, str] = {}
    at = 0
    for place, row in enumerate(block.cells or ()):
        shown = [narrow(cell) for cell in row]
        numbers = [_NUMBER.fullmatch(cell.strip()) is not None for cell in shown]
        label = ""
        for column, cell in enumerate(shown):
            words = "".join(cell.split())
            if not any(numbers):
                heads[column] = (heads.get(column, "") + words)[-40:]
            elif numbers[column]:
                head = heads.get(column, "")
                figure = _figure(cell.strip(), at + len(cell) - len(cell.lstrip()))
                unit = _UNIT.search(head) or _UNIT.search(caption)
                figure = replace(figure, unit=unit[1]) if unit and not figure.unit else figure
                named = f"{label[-20:]} {_UNIT.sub('', head)}".strip()
                yield Cell(figure, label[-20:], named, row=place, caption=caption)
            else:
                label = words
                for figure in figures(cell):
                    moved = replace(figure, start=at + figure.start, end=at + figure.end)
                    yield Cell(moved, label[-20:], cell[: figure.start][-30:], row=place)
            at += len(cell) + 1


def _figure(shown: str, start: int) -> Figure:
    """A cell that holds a number, perhaps with its unit, and nothing else."""
    sign = -1 if shown[0] == "-" else 1
    number = re.match(r"[\d,.]+[万亿]?", shown.lstrip("+-"))
    unit = shown.lstrip("+-")[number.end() :] if number else ""
    value, step = read_number(number[0].rstrip(",.") if number else "0")
    value = value if value % 1 else Decimal(int(value))
    form = "percent" if unit == "%" else "number"
    return Figure(value * sign, start, start + len(shown), unit, step=step if step > 1 else None, form=form)
