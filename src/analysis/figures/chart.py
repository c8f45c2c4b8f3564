"""A finished figure with its words and data, and `save_figure`, the only way to make one.

A chart without a title, alt text, source or data is refused, and so is text that is too small, in a
colour of too little contrast, or outside the font. A figure is drawn once, as SVG, which every front end and
office program shows; raster images would double the time of a page. The same figure gives the same bytes on
one version of matplotlib: the identifiers are salted with the chart's name and no date is stored.
Title and source are not painted into the image: captions show them, and the file carries them as metadata.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.errors import InputError
from analysis.figures.svg import figure_svg
from analysis.figures.theme import SMALLEST_TEXT, TEXT_COLOURS, check_glyphs, themed

FIGURE_MIME = "application/vnd.fazhi.figure+json"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class ChartText:
    """The words of a chart, in the edition's language.

    Attributes:
        title: The finding, as a sentence.
        subtitle: What, where, when and in which unit.
        alt: The kind of chart and its main message, for those who cannot see it.
        source: The source line of the plotted rows.
    """

    title: str
    subtitle: str
    alt: str
    source: str


@dataclass(frozen=True, eq=False)
class Chart:
    """A finished figure: its words, its image, and the data behind it.

    Attributes:
        name: The file stem, snake_case.
        text: Title, subtitle, alt text and source line.
        svg: The image as SVG, letters as outlines.
        csv: The data as CSV, without a byte order mark.
        csv_label: The words of the link to the CSV.
        data: The data as a frame.
    """

    name: str
    text: ChartText
    svg: str
    csv: str
    csv_label: str
    data: pd.DataFrame

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook stores: the figure as HTML, its alt text, and what else the page needs.

        The image is in the HTML only, as a data: address in `<img>`: so it has its alt text, shows in a
        notebook that is not trusted, which an SVG output does not, and is stored once.
        """
        figure = {"name": self.name, **asdict(self.text), "csv": self.csv, "csv_label": self.csv_label}
        bundle = {"text/html": self._html(), "text/plain": self.text.alt, FIGURE_MIME: figure}
        return {
            mime: content
            for mime, content in bundle.items()
            if (not include or mime in include) and mime not in (exclude or ())
        }

    def _html(self) -> str:
        title, subtitle, alt, source = (escape(words) for words in asdict(self.text).values())
        address = "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode("ascii")
        caption = f"<figcaption><b>{title}</b><br>{subtitle}</figcaption>"
        return f'<figure>{caption}<img alt="{alt}" src="{address}"><p>{source}</p></figure>'

    def write(self, folder: Path) -> tuple[Path, Path]:
        """The paths of the SVG and CSV written to the folder; the CSV starts with a BOM for Excel."""
        folder.mkdir(parents=True, exist_ok=True)
        svg, csv = (folder / f"{self.name}.{ending}" for ending in ("svg", "csv"))
        svg.write_text(self.svg, encoding="utf-8", newline="\n")
        csv.write_text(self.csv, encoding="utf-8-sig", newline="\n")
        return svg, csv


@themed()
def save_figure(figure: Figure, *, name: str, text: ChartText, data: pd.DataFrame, csv_label: str) -> Chart:
    """The chart made of a drawn figure, which is closed and cannot be used again.

    Args:
        figure: What a drawing function returned, or an analyst's own figure.
        name: File stem in snake_case, unique on its page.
        text: Title, subtitle, alt text and source line, none of them empty.
        data: The rows behind the figure, columns named for a reader of the CSV.
        csv_label: The words of the link to the CSV.

    Raises:
        InputError: A word is missing, the name is not snake_case, there is no data, or a text in the
            figure is too small, of the wrong colour or outside the font.
    """
    _check_words(name, text, csv_label)
    if data.empty:
        raise InputError("A chart carries the data behind it", name, "pass the plotted rows as data.")
    svg = _svg(figure, name, text)
    _check_texts(figure)
    _close(figure)
    return Chart(name, text, svg, _csv(data), csv_label, data.copy())


def _check_words(name: str, text: ChartText, csv_label: str) -> None:
    if not _NAME.fullmatch(name):
        raise InputError(
            "A chart's name is snake_case", name, "use lower-case letters, digits and single underscores."
        )
    words = {**asdict(text), "csv_label": csv_label}
    empty = [field for field, value in words.items() if not value.strip()]
    if empty:
        raise InputError(
            "A chart has a title, subtitle, alt text, source line and CSV label",
            f"{name} without {', '.join(empty)}",
            "write the missing words in the edition's language.",
        )
    if text.alt.strip() == text.title.strip():
        raise InputError(
            "Alt text names the kind of chart as well as its message",
            text.alt,
            "start with the kind of chart, as in “Ranked dots: …”.",
        )


def _check_texts(figure: Figure) -> None:
    """None when all text of a drawn figure is legible; tick labels exist only once it has been drawn."""
    texts = list(_drawn_texts(figure))
    check_glyphs(t.get_text() for t in texts)
    small = [t.get_text() for t in texts if float(t.get_fontsize()) < SMALLEST_TEXT]
    if small:
        raise InputError(
            f"Text in a figure is at least {SMALLEST_TEXT:g} points",
            small[:3],
            "make it larger or leave it out.",
        )
    allowed = {colour.lower() for colour in TEXT_COLOURS}
    faint = [t.get_text() for t in texts if to_hex(t.get_color()) not in allowed]
    if faint:
        raise InputError(
            "Text in a figure has a colour of enough contrast",
            faint[:3],
            f"use one of {', '.join(TEXT_COLOURS)}.",
        )


def _drawn_texts(artist: Artist) -> Iterator[Text]:
    """The texts below an artist; not with `findobj`, which makes ticks for axes that are switched off."""
    if isinstance(artist, Text) and artist.get_text():
        yield artist
    hidden = isinstance(artist, Axes) and not artist.axison
    for child in artist.get_children():
        if child.get_visible() and not (hidden and isinstance(child, Axis)):
            yield from _drawn_texts(child)


def _svg(figure: Figure, name: str, text: ChartText) -> str:
    metadata = {
        "Date": None,
        "Creator": None,
        "Title": text.title,
        "Description": text.alt,
        "Source": text.source,
    }
    matplotlib.rcParams["svg.hashsalt"] = name  # `themed` puts back what it was
    return figure_svg(figure, metadata)


def _csv(data: pd.DataFrame) -> str:
    csv: str = data.to_csv(index=False, lineterminator="\n", float_format="%.12g")
    return csv


def _close(figure: Figure) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
    figure.clear()
