"""Tables: the three of the statutory disclosure form, as cells or as flattened text, and any other as cells.

The form prints some 150 zeros: a zero is read only where its row and column have a metric, every other figure
always. The rows are described in `data/patterns.toml`. It adds no columns up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from analysis.ingest.context import Found
from analysis.ingest.document import Block
from analysis.ingest.figures import TABLE, Figure, figures, narrow, read_number
from analysis.ingest.mapping import Setting, assign
from analysis.ingest.paragraph import WINDOW, Topics

_WORD = re.compile(r"[^\s|]+")
ALONE = 3
"""So many lines with a number and nothing else make a table of short lines."""
LONGEST = 60
"""A line longer than this is no cell."""


class _Token(NamedTuple):
    """A cell, or a word of a line that lost its cells, and the figure if it is nothing else."""

    block: int
    words: str
    start: int
    figure: Figure | None


_Row = tuple[tuple[str, ...], list[_Token]]
"""The labels of a row and the cells behind them."""


def read(setting: Setting) -> tuple[dict[int, list[Found]], set[int]]:
    """The figures of all tables by block, and which blocks are tables and no paragraphs."""
    blocks = setting.document.blocks
    found: dict[int, list[Found]] = defaultdict(list)
    taken: set[int] = set()
    for short, run in groupby(range(len(blocks)), key=lambda number: _is_short(blocks[number])):
        numbers = list(run)
        tables = [numbers] if short else [[number] for number in numbers if blocks[number].cells is not None]
        for table in tables:
            cells = _figures_of(table, short, setting)
            if cells is not None:
                taken.update(table)
                for number, figure in cells:
                    found[number].append(figure)
    return found, taken


def _figures_of(table: Sequence[int], short: bool, setting: Setting) -> Iterator[tuple[int, Found]] | None:
    """The figures of a table of cells, or of short lines; None when the lines are no table."""
    blocks, first = setting.document.blocks, table[0]
    grid = [] if short else list(_grid(blocks[first], first))
    rows = list(_flattened(blocks, table) if short else _rows(grid))
    if any(setting.patterns.form(labels, len(cells)) for labels, cells in rows):
        return _of_form(rows, setting)
    if not short:
        above = blocks[first - 1].text if first else ""
        return _of_grid(grid, above if "表" in above and len(above) <= LONGEST else "", setting)
    alone = sum(TABLE["number"].fullmatch(blocks[number].text.strip()) is not None for number in table)
    return _of_grid(list(_headed(rows)), "", setting) if alone >= ALONE and len(rows) > 1 else None


def _is_short(block: Block) -> bool:
    """Whether a line can be a row or a cell: no sentence, and each word of it a number or without one."""
    if block.cells is not None or len(block.text) > LONGEST * 4 or re.search("[。;!?]", block.text):
        return False
    words = [word for word in _WORD.findall(narrow(block.text)) if not TABLE["number"].fullmatch(word)]
    return not any(figure.form != "none" for word in words for figure in figures(word))


def _token(number: int, shown: str, start: int) -> _Token:
    """A cell or a word as a token; its figure is the number, perhaps with its unit, that it wholly is."""
    found = TABLE["number"].fullmatch(shown)
    if found is None:
        return _Token(number, shown, start, None)
    value, step = read_number(found["value"].rstrip(",."))
    value = (value if value % 1 else Decimal(int(value))) * (-1 if shown[0] == "-" else 1)
    unit, step_shown = found["unit"] or "", step if step > 1 else None
    form = "percent" if unit == "%" else "number"
    return _Token(number, shown, start, Figure(value, start, start + len(shown), unit, "=", step_shown, form))


def _flattened(blocks: Sequence[Block], table: Sequence[int]) -> Iterator[_Row]:
    """Rows of words and then numbers, wherever lines and spaces part them."""
    words = (
        _token(number, word[0], word.start())
        for number in table
        for word in _WORD.finditer(narrow(blocks[number].text))
    )
    labels: tuple[str, ...] = ()
    for is_figure, group in groupby(words, key=lambda token: token.figure is not None):
        if is_figure:
            yield labels, list(group)
        else:
            labels = tuple(token.words for token in group)


def _grid(block: Block, number: int) -> Iterator[list[_Token]]:
    """The cells of a table, row by row, each where `document.table_text` puts it."""
    start = 0
    for row in block.cells or ():
        tokens = []
        for cell in row:
            shown = narrow(cell)
            tokens.append(_token(number, shown.strip(), start + len(shown) - len(shown.lstrip())))
            start += len(cell) + 1
        yield tokens


def _rows(grid: Sequence[Sequence[_Token]]) -> Iterator[_Row]:
    """The rows of a table that have figures: words first, then one figure a cell; else the head's words."""
    heads: list[str] = []
    for row in grid:
        labels: list[str] = []
        cells: list[_Token] = []
        for token in row:
            if token.words and not token.figure:
                labels.append("".join(token.words.split()))
                cells.clear()
            elif token.figure or cells:
                cells.append(token)
        while cells and not cells[-1].figure:
            cells.pop()
        heads = heads if cells else labels
        if cells:
            yield tuple(labels or heads)[-3:], cells


def _of_form(rows: Sequence[_Row], setting: Setting) -> Iterator[tuple[int, Found]]:
    """The figures of a table of the statutory form."""
    heads = "".join(label for labels, _ in rows for label in labels)
    for labels, cells in rows:
        name = labels[-1][-20:] if labels else ""
        metrics = setting.patterns.form(labels, len(cells), heads) or ("",) * len(cells)
        for token, metric in zip(cells, metrics, strict=True):
            if token.figure and (metric or token.figure.value):
                kind = "value" if metric or token is cells[-1] else "part"
                reason = f"row {name} of the statutory form"
                confidence = 0.95 if metric else 0.0
                found = Found(token.figure, own=name, left=name, kind=kind, metric_id=metric)
                found.confidence, found.reason = confidence, reason
                yield token.block, found


def _headed(rows: Sequence[_Row]) -> Iterator[list[_Token]]:
    """The rows of a table that lost its cells, below the head that stands before the first one's label.

    Serial numbers, which close the row before theirs, are no figures.
    """
    first = rows[0][0]
    serial = next((at + 1 for at, label in enumerate(first) if "序号" in label), 0)
    heads = first[serial + 1 :] if serial else first[:-1]
    width = max(len(rows[-1][1]), *(len(cells) - (serial > 0) for _, cells in rows[:-1]))
    if len(heads) >= width:
        yield [_Token(0, head, 0, None) for head in ("", *heads[-width:])]
    number = 1
    for labels, cells in rows:
        last = cells[-1].figure if serial and cells is not rows[-1][1] else None
        if last and number <= last.value <= number + 2:
            number = int(last.value) + 1
            cells = cells[:-1]
        yield [_Token(0, labels[-1] if labels else "", 0, None), *cells]


def _of_grid(grid: Sequence[Sequence[_Token]], caption: str, setting: Setting) -> Iterator[tuple[int, Found]]:
    """The figures of any other table, named by its caption, their row and their column's head."""
    heads: dict[int, str] = defaultdict(str)
    unit = TABLE["unit"]
    for row in grid:
        label, earlier = "", list[Found]()
        is_head = not any(token.figure for token in row)
        for column, token in enumerate(row):
            words, head = "".join(token.words.split()), heads[column]
            if is_head:
                heads[column] = (head + words)[-40:]
                continue
            named: list[tuple[Figure, str, str]] = []
            if token.figure:
                told = unit.search(head) or unit.search(caption)
                figure = replace(token.figure, unit=token.figure.unit or (told[1] if told else ""))
                named = [(figure, f"{label[-20:]} {unit.sub('', head)}".strip(), caption)]
            else:
                label = words
                for figure in figures(token.words):
                    left = token.words[: figure.start][-30:]
                    start, end = token.start + figure.start, token.start + figure.end
                    named.append((replace(figure, start=start, end=end), left, ""))
            for figure, words, above in named:
                earlier.append(_named(figure, token.block, (label[-20:], words, above), earlier, setting))
                yield token.block, earlier[-1]


def _named(
    figure: Figure, number: int, words: tuple[str, str, str], earlier: Sequence[Found], setting: Setting
) -> Found:
    """A figure with the metric that the label of its row, its own label or the table's caption names."""
    row, label, caption = words
    shared = TABLE["shared"].search(row)
    percent = figure.unit == "%" or (shared is not None and not figure.unit)
    kind, left = "value", label
    if percent and TABLE["changed"].search(label):
        kind = "change"
    elif percent and (earlier or shared):
        kind, left = "share", f"{label.replace(row, '')}占" if shared else "占"
    found = Found(figure, own="".join(label.split())[-24:], kind=kind, region=setting.regions.get(row, ""))
    found.scope = ("whole" if found.region else "", "")
    found.left = left
    Topics(setting, setting.document.blocks[number]).tell(found, setting.topics_of(f"{caption} {label}"))
    assign(found, earlier, setting)
    if not found.metric_id and caption and kind != "share":
        found.left = f"{caption} {label}"[-WINDOW:]
        assign(found, earlier, setting)
    return found
