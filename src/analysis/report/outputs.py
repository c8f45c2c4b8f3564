"""What a notebook cell shows: the page's head, a narrative section, a table. Each is one MIME bundle.

The bundles are the contract between a notebook and the export; JupyterLab shows the same things. A table is
text for comparison and accessible HTML for readers; it refuses cells that are missing, because a blank says
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pandas as pd

from analysis.errors import FazhiError

PAGE_MIME = "application/vnd.fazhi.page+json"


@dataclass(frozen=True)
class Contents:
    """What a page is made of: its id and, by name, what computes each section, table and figure.

    `reads` says how much of the panel the page may see: the rows of its own `city`, or the whole `panel`. A
    refresh takes the same word from the notebook's metadata to know which new facts make the page stale.
    `ahead` computes what is the same in every language and kept with the panel (`Context.shared`), a function
    a short step: a process that forks does it once for all pages of a city and year.
    """

    page_id: str
    reads: Literal["city", "panel"]
    sections: Mapping[str, Callable[[Any], Mapping[str, Any]]]
    tables: Mapping[str, Callable[[Any], Table]]
    figures: Mapping[str, Callable[[Any], Any]]
    ahead: tuple[Callable[[Any], object], ...] = ()


@dataclass(frozen=True)
class Head:
    """The head of a page: its title is the question, its lead the shortest answer."""

    page_id: str
    title: str
    lead: str
    kicker: str
    language: str
    city_name: str
    year: int
    description: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        text = f"{self.title}\n{self.lead}"
        return {PAGE_MIME: values, "text/markdown": f"# {self.title}\n\n{self.lead}", "text/plain": text}


@dataclass(frozen=True)
class Prose:
    """A rendered section of the narrative, as Markdown."""

    text: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/markdown": self.text, "text/plain": self.text}


@dataclass(frozen=True)
class Table:
    """A table of text cells; the columns that `html` names may hold inline HTML.

    `numeric` columns are set flush right, `unbroken` ones keep to one line; `anchors` gives each row an id
    that figures link to.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    numeric: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    unbroken: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    empty: str = ""

    def __post_init__(self) -> None:
        """Refuses missing cells."""
        if self.frame.isna().any(axis=None):
            raise FazhiError(
                "Each cell of a table must hold words or a number", self.name, "fill it in words."
            )

    def __repr__(self) -> str:
        """The table as aligned text, without tags; this is what nbval compares."""
        if self.frame.empty:
            return f"{self.caption}\n{self.empty}"
        columns = [
            [str(name), *map(str, column.tolist())]
            for name, column in self.frame.items()
            if name not in self.html
        ]
        widths = [max(map(len, column)) for column in columns]
        lines = [
            " ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
            for row in zip(*columns, strict=True)
        ]
        return "\n".join([self.caption, *lines])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        caption = f"<caption>{escape(self.caption)}</caption>"
        if self.frame.empty:
            return f'<p class="empty"><strong>{escape(self.caption)}</strong> {escape(self.empty)}</p>'
        columns = [(str(name), column.tolist()) for name, column in self.frame.items()]
        head = "".join(f'<th scope="col"{self._kind(name)}>{escape(name)}</th>' for name, _ in columns)
        cells = [
            self._cells(name, values, "td" if place else "th", "" if place else ' scope="row"')
            for place, (name, values) in enumerate(columns)
        ]
        ids = [f' id="{anchor}"' for anchor in self.anchors] or [""] * len(self.frame)
        rows = zip(ids, *cells, strict=True)
        body = "".join(f"<tr{own}>{''.join(row)}</tr>" for own, *row in rows)
        parts = f"{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="{escape(self.name)}">{parts}</table>'

    def _cells(self, column: str, values: Sequence[Any], tag: str, attributes: str) -> list[str]:
        """The cells of a column as HTML, one a row."""
        opening = f"<{tag}{attributes}{self._kind(column)}>"
        texts = [str(value) if column in self.html else escape(str(value)) for value in values]
        return [f"{opening}{text}</{tag}>" for text in texts]

    def _kind(self, column: str) -> str:
        """How the cells of a column are set, as an attribute: numeric, unbroken, both or neither."""
        names = [name for name, columns in (("n", self.numeric), ("t", self.unbroken)) if column in columns]
        return f' class="{" ".join(names)}"' if names else ""
