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
from analysis.ingest.figures import Figure, figures
from analysis.ingest.numerals import narrow, read_number
from analysis.ingest.patterns import Patterns

_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?%?")
_UNIT = re.compile(r"[(:](?:单位:?)?([件宗起人项条次万元家份]{1,2})\)?")
_LONGEST = 60
"""A line longer than this is no cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table with the words of its row and column."""

    figure: Figure
    label: str
    metric_id: str = ""
    form: bool = False
    total: bool = True


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
        if any(patterns.form(row.labels, len(row.cells)) for row in rows):
            taken.update(range(first, last))
            _collect(rows, patterns, found)
    for number, block in enumerate(blocks):
        if block.cells is not None:
            rows = list(_rows(block, number))
            if any(patterns.form(row.labels, len(row.cells)) for row in rows):
                _collect(rows, patterns, found)
            else:
                found[number] = list(_named(block))
    return found, taken


def _collect(rows: Sequence[_Row], patterns: Patterns, found: dict[int, list[Cell]]) -> None:
    """The figures of a statutory table by block."""
    for row in rows:
        metrics = patterns.form(row.labels, len(row.cells)) or ("",) * len(row.cells)
        for at, (cell, metric) in enumerate(zip(row.cells, metrics, strict=True)):
            if cell and (metric or cell[1].value):
                total = at == len(row.cells) - 1 or bool(metric)
                found.setdefault(cell[0], []).append(Cell(cell[1], row.labels[-1][-20:], metric, True, total))


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Stretches of short lines without a sentence: a table that lost its cells."""
    first = None
    for number, block in enumerate((*blocks, Block("", (), "。"))):
        short = (
            block.cells is None and len(block.text) <= _LONGEST * 4 and not re.search("[。;!?]", block.text)
        )
        if short and first is None:
            first = number
        elif not short and first is not None:
            yield first, number
            first = None


def _flattened(blocks: Sequence[Block], first: int, last: int) -> Iterator[_Row]:
    """Rows of words and then numbers, wherever lines and spaces part them."""
    labels: list[str] = []
    cells: list[tuple[int, Figure]] = []
    for number in range(first, last):
        for token in re.finditer(r"[^\s|]+", narrow(blocks[number].text)):
            if _NUMBER.fullmatch(token[0]):
                cells.append((number, _figure(token[0], token.start())))
                continue
            if cells:
                yield _Row(tuple(labels[-3:]), tuple(cells))
                labels, cells = [], []
            labels.append(token[0])
    if cells:
        yield _Row(tuple(labels[-3:]), tuple(cells))


def _rows(block: Block, number: int) -> Iterator[_Row]:
    """The rows of a table that have figures: words first, then one figure a cell."""
    at = 0
    for row in block.cells or ():
        labels, cells = [], []
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
        if cells:
            yield _Row(tuple(labels[-3:]), tuple(cells))


def _named(block: Block) -> Iterator[Cell]:
    """The figures of any other table, named by the words of their row and of their column's head."""
    heads: dict[int, str] = {}
    at = 0
    for row in block.cells or ():
        shown = [narrow(cell) for cell in row]
        numbers = [bool(_NUMBER.fullmatch(cell.strip())) for cell in shown]
        label = "".join(
            "".join(cell.split()) for cell, is_number in zip(shown, numbers, strict=True) if not is_number
        )
        for column, cell in enumerate(shown):
            if not any(numbers):
                heads[column] = (heads.get(column, "") + "".join(cell.split()))[-40:]
            elif numbers[column]:
                head = heads.get(column, "")
                figure = _figure(cell.strip(), at + len(cell) - len(cell.lstrip()))
                unit = _UNIT.search(head)
                figure = replace(figure, unit=unit[1]) if unit and not figure.unit else figure
                yield Cell(figure, f"{label[-20:]} {_UNIT.sub('', head)}".strip())
            else:
                for figure in figures(cell):
                    yield Cell(
                        replace(figure, start=at + figure.start, end=at + figure.end),
                        cell[: figure.start][-30:],
                    )
            at += len(cell) + 1


def _figure(shown: str, start: int) -> Figure:
    """A cell that holds a number and nothing else."""
    percent = shown.endswith("%")
    value = read_number(shown.strip("%+-"))[0] * (-1 if shown[0] == "-" else 1)
    value = value if value != value.to_integral_value() else Decimal(int(value))
    return Figure(
        value, start, start + len(shown), "%" if percent else "", form="percent" if percent else "number"
    )
