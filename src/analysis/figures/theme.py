"""The one look of every figure: colours, the Chinese font, and matplotlib's settings, as a context.

Nothing happens on import. `themed()` starts from matplotlib's own defaults, so a user's matplotlibrc
cannot change a published figure, and puts everything back on leaving. The font is a static Simplified
Chinese face from an installed wheel, found by its path: the same on every machine, in both languages.
A character that the font lacks is an error, never drawn as a box.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager, ft2font
from matplotlib.figure import Figure

from analysis.errors import FazhiError, InputError

FOCUS = "#12436D"
TEAL = "#28A197"
PLUM = "#801650"
ORANGE = "#F46A25"
CONTEXT = "#BFBFBF"
INK = "#3D3D3D"
RULE = "#E4E7EA"
WASH = "#F3F5F7"
PAPER = "#FFFFFF"
CATEGORY_COLOURS = (FOCUS, TEAL, PLUM, ORANGE)
TEXT_COLOURS = (FOCUS, PLUM, INK)

FONT_PACKAGE = "pylopdf_fonts_zh_cn"
FONT_FILE = "NotoSansSC-Regular.otf"
FONT_FAMILY = "Noto Sans SC"
TEXT_SIZE = 9.5
SMALLEST_TEXT = 9.0
DOTS_PER_INCH = 120


@cache
def font_path() -> Path:
    """The path of the Chinese font inside its installed wheel, which is not imported.

    Raises:
        FazhiError: The wheel is not installed or does not hold the font.
    """
    spec = importlib.util.find_spec(FONT_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder) / FONT_FILE
        if path.is_file():
            return path
    raise FazhiError(
        "Figures need the Chinese font that a wheel carries",
        f"no {FONT_FILE} in the package {FONT_PACKAGE}",
        "install the locked requirements (pip install pylopdf-fonts-zh-cn).",
    )


def register_font() -> None:
    """None; the Chinese font is known to matplotlib afterwards, once however often this is called."""
    path = str(font_path())
    if not any(entry.fname == path for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)


def settings() -> dict[Any, Any]:
    """The matplotlib settings that differ from its defaults, by name."""
    return {
        "font.family": [FONT_FAMILY],
        "font.size": TEXT_SIZE,
        "text.color": INK,
        "text.parse_math": False,
        "axes.unicode_minus": False,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.axisbelow": True,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": SMALLEST_TEXT,
        "ytick.labelsize": SMALLEST_TEXT,
        "hatch.linewidth": 0.9,
        "lines.solid_capstyle": "butt",
        "svg.fonttype": "path",
        "svg.image_inline": True,
    }


@contextmanager
def themed() -> Iterator[None]:
    """A context, usable as a decorator, in which figures are drawn and saved in the project's look."""
    register_font()
    with matplotlib.rc_context():
        now = matplotlib.rcParams
        now.update({name: wanted for name, wanted in _look().items() if now[name] != wanted})
        yield


@cache
def _look() -> dict[Any, Any]:
    """All settings, matplotlib's defaults and ours, but the backend, which asking for would choose."""
    look = {**matplotlib.rcParamsDefault, **settings()}
    del look["backend"]
    return look


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of so many inches, apart from pyplot; call it inside `themed()`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


@cache
def covered_characters() -> frozenset[int]:
    """The code points that the font can draw."""
    return frozenset(ft2font.FT2Font(str(font_path())).get_charmap())


def missing_glyphs(texts: Iterable[str]) -> str:
    """The characters of the texts that the font cannot draw, each once, in code point order."""
    used = {character for text in texts for character in text if character != "\n"}
    return "".join(sorted(c for c in used if ord(c) not in covered_characters()))


def check_glyphs(texts: Iterable[str]) -> None:
    """None when the font has every character of the texts.

    Raises:
        InputError: It lacks some; the message shows them with their code points.
    """
    boxes = missing_glyphs(texts)
    if boxes:
        raise InputError(
            "Every character of a figure is in its font",
            " ".join(f"{character} (U+{ord(character):04X})" for character in boxes),
            "replace the characters or correct the label.",
        )
