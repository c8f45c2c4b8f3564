"""Tables: the three of the statutory disclosure form, as cells or as flattened text, and any other as cells.

The form prints some 150 zeros: a zero is read only where its row and column have a metric, every other figure
always. The rows are described in `data/patterns.toml`. It adds no columns up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, groupby
from typing import NamedTuple

from analysis.ingest.context import Found
from analysis.ingest.document import Block
from analysis.ingest.figures import TABLE, Figure, figures, narrow, read_number
from analysis.ingest.paragraph import Paragraph, Setting

_WORD = re.compile(r"[^\s|]+")
_CELL = re.compile(r"(?<![^\t])[^\t]*")  # as `document.table_text` joins them
_ALONE = 3  # so many lines with a number and nothing else make a table of short lines
_LONGEST = 60  # a longer line is no cell


class _Cell(NamedTuple):
    block: int
    words: str  # of a cell, or one word of a line that lost its cells
    start: int
    figure: Figure | None  # if it is nothing else; its offsets are those in the cell


_Grid = list[list[_Cell]]


def read(setting: Setting) -> dict[int, list[Found]]:
    """The figures of all blocks that are tables, by block."""
    found: dict[int, list[Found]] = {}
    for short, run in groupby(enumerate(setting.document.blocks), key=lambda one: _is_short(one[1])):
        tables = [_grid(number, block) for number, block in run if short or block.cells is not None]
        for lines in [list(chain(*tables))] if short else tables:
            grid = _regrouped(list(chain(*lines))) if short else lines
            alone = sum(len(line) == 1 and line[0].figure is not None for line in lines)
            told = _of_form(grid, setting)
            if told is None and (not short or (alone >= _ALONE and len(grid) > 1)):
                told = list(_of_grid(_headed(grid) if short else grid, setting))
            found |= {cell.block: [] for cell in chain(*lines)} if told is not None else {}
            for number, figure in told or ():
                found[number].append(figure)
    return found


def _is_short(block: Block) -> bool:
    """Whether a line can be a row or a cell: no sentence, and each word of it a number or without one."""
    if block.cells is not None or len(block.text) > _LONGEST * 4 or re.search("[。;!?]", block.text):
        return False
    words = [word for word in _WORD.findall(narrow(block.text)) if not TABLE["number"].fullmatch(word)]
    return all(figure.form == "none" for word in words for figure in figures(word))


def _grid(number: int, block: Block) -> _Grid:
    """The words of a line, or the cells of a table row by row, each where it stands in the block's text."""
    part = _WORD if block.cells is None else _CELL
    lines = re.finditer("[^\n]+", narrow(block.text))
    return [
        [_cell(number, one[0], line.start() + one.start()) for one in part.finditer(line[0])]
        for line in lines
    ]


def _cell(number: int, shown: str, start: int) -> _Cell:
    words, start = shown.strip(), start + len(shown) - len(shown.lstrip())
    found = TABLE["number"].fullmatch(words)
    if found is None:
        return _Cell(number, words, start, None)
    value, step = read_number(found["value"].rstrip(",."))
    value = -value if words[0] == "-" else value
    figure = Figure(value, 0, len(words), found["unit"] or "", step=step if step > 1 else None)
    return _Cell(number, words, start, figure)


def _regrouped(cells: list[_Cell]) -> _Grid:
    """Rows of words and then numbers, wherever lines part them, without the numbers of a column 序号."""
    serial = 1 if any("序号" in cell.words for cell in cells) else 0
    grid: _Grid = [[]]
    for cell, after in zip(cells, [*cells[1:], *cells[-1:]], strict=True):
        if cell.figure and serial and not after.figure and 0 <= cell.figure.value - serial <= 2:
            serial = int(cell.figure.value) + 1
            continue
        if not cell.figure and grid[-1] and grid[-1][-1].figure:
            grid.append([])
        grid[-1].append(cell)
    return grid


def _headed(grid: _Grid) -> _Grid:
    """One label a row; what stands before the first one's label are the heads."""
    blank = grid[0][0]._replace(words="", figure=None)
    words = [[cell for cell in row if not cell.figure] for row in grid]
    rows = [[*(named[-1:] or [blank]), *row[len(named) :]] for named, row in zip(words, grid, strict=True)]
    width = max(map(len, rows)) - 1
    heads = words[0][:-1][-width:]
    return [[blank, *heads], *rows] if len(heads) == width else rows


def _of_form(grid: _Grid, setting: Setting) -> list[tuple[int, Found]] | None:
    """The figures of a table of the statutory form, whose labels may stand a row above; None for another."""
    heads = "".join(cell.words for cell in chain(*grid) if not cell.figure)
    above, known, found = list[str](), False, list[tuple[int, Found]]()
    for row in grid:
        words = [at for at, cell in enumerate(row) if cell.words and not cell.figure]
        told = [at for at, cell in enumerate(row) if cell.figure and at > max(words, default=-1)]
        labels = ["".join(row[at].words.split()) for at in words]
        if not told:
            above = labels
            continue
        labels, cells = labels or above, row[told[0] : told[-1] + 1]
        metrics = setting.patterns.form(labels, len(cells), heads)
        known, name = known or bool(metrics), labels[-1][-20:] if labels else ""
        for cell, metric in zip(cells, metrics or [""] * len(cells), strict=True):
            if cell.figure and (metric or cell.figure.value):
                one = Found(_moved(cell.figure, cell.start), own=name, left=name, metric_id=metric)
                one.kind = "value" if metric or cell is cells[-1] else "part"
                one.confidence, one.reason = 0.95 * bool(metric), f"row {name} of the statutory form"
                found.append((cell.block, one))
    return found if known else None


def _of_grid(grid: _Grid, setting: Setting) -> Iterator[tuple[int, Found]]:
    """The figures of any other table; a row is read as a sentence: caption, label, column's head, figure."""
    first = next((cell.block for cell in chain(*grid)), 0)
    block, above = setting.document.blocks[first], setting.document.blocks[first - 1].text if first else ""
    caption = above if "表" in above and len(above) <= _LONGEST else ""
    heads: dict[int, str] = defaultdict(str)
    for row in grid:
        text, label, printed, origins = "", "", list[Figure](), list[tuple[_Cell, int, str, str]]()
        is_head = not any(cell.figure for cell in row)
        for column, cell in enumerate(row):
            inside, own = figures(cell.words), ""
            if cell.figure:
                own, ending, unit = _lead(cell.figure, label, heads[column], caption, bool(printed))
                text, inside = f"{text}{caption}{own}{ending}", [replace(cell.figure, unit=unit)]
            else:
                label = "".join(cell.words.split())[-20:]
                heads[column] += label if is_head else ""
            origins += [(cell, cell.start - len(text), label, own)] * len(inside)
            printed += [_moved(figure, len(text)) for figure in inside]
            text += f"{cell.words}," if inside else ""
        told = Paragraph(replace(block, text=text), setting, printed).found()
        for found, (cell, shift, label, own) in zip(told, origins, strict=True):
            found.figure, found.own = _moved(found.figure, shift), own or found.own
            if label in setting.regions:
                found.region, found.scope = setting.regions[label], ("whole", "")
            yield cell.block, found


def _moved(figure: Figure, by: int) -> Figure:
    return replace(figure, start=figure.start + by, end=figure.end + by)


def _lead(figure: Figure, label: str, head: str, caption: str, later: bool) -> tuple[str, str, str]:
    """The words that lead to a figure of a table, how they end for a change or a share, and its unit."""
    told = (TABLE["unit"].search(words) for words in (head, label, caption))
    shared = TABLE["shared"].search(label)
    unit = figure.unit or next((found[1] for found in told if found), "%" if shared else "")
    words = TABLE["unit"].sub("", "" if shared else label) + TABLE["unit"].sub("", head)
    changed = unit == "%" and TABLE["changed"].search(words)
    return words, "同比" if changed else "占" if unit == "%" and (later or shared) else "", unit
