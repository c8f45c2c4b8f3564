"""The one look of every picture: a style sheet, the Chinese font, and a picture as a small SVG.

`use()` makes plain seaborn and matplotlib calls look like the pages and show Chinese; importing changes
nothing. It refuses a character that the font lacks: a box in place of a letter is an error, never a picture.
"""

import hashlib
import importlib.util
import re
import unicodedata
import warnings
from functools import cache
from importlib import resources
from io import StringIO
from pathlib import Path
from typing import cast

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.errors import FazhiError, InputError

FOCUS, TEAL, PLUM, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
INK, CONTEXT, EDGE, RULE, PAPER = "#3D3D3D", "#BFBFBF", "#8C8C8C", "#E4E7EA", "#FFFFFF"
COLOURS = (FOCUS, TEAL, PLUM, ORANGE)  # of categories, in order; more are refused
TEXT_COLOURS = (FOCUS, PLUM, INK)  # with enough contrast for text on white, 4.5 to 1
FONT = "Noto Sans SC"
_FONT_PACKAGE, _FONT_FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
_LETTER = r"\u2e80-\u9fff\uf900-\uffef"
_CHINESE, _WORD = re.compile(f"[{_LETTER}]"), rf"(?:[{_LETTER}]|[^\s{_LETTER}]+)"
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")
_NEVER_FIRST, _NEVER_LAST = r"[，。、；：？！）》〉」』】〕％%”’…·,.;:?!)\]}]", r"[（《〈「『【〔“‘([{]"
# what lines are made of: a line may end after each, and a space stays with the word before it
_PIECE = re.compile(rf"(?:{_WORD}| )(?: |(?={_NEVER_FIRST}){_WORD}|(?<={_NEVER_LAST}){_WORD})*")


def use() -> None:
    """Draws in the house's look from now on, also after another theme: defaults, then the sheet and font."""
    path = str(font_path())
    if not any(entry.fname == path for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)
    plt.style.use(["default", str(resources.files("analysis") / "fazhi.mplstyle")])


@cache
def font_path() -> Path:
    """The Chinese font inside its wheel, which is not imported; a `FazhiError` where it is not installed."""
    spec = importlib.util.find_spec(_FONT_PACKAGE)
    path = Path(spec.origin).parent / _FONT_FILE if spec and spec.origin else Path(_FONT_FILE)
    if path.is_file():
        return path
    rule, given = "Pictures need the Chinese font that a wheel carries", f"no {_FONT_FILE} in {_FONT_PACKAGE}"
    raise FazhiError(rule, given, "install the locked requirements (pip install pylopdf-fonts-zh-cn).")


def svg(ax: Axes | Figure, name: str) -> bytes:
    """The picture as SVG, with ids of its `name`, the same bytes in every process; its figure is closed."""
    figure = ax if isinstance(ax, Figure) else ax.get_figure(root=True)
    if figure is None:
        raise InputError("Axes belong to a figure", ax, "draw again: these Axes were removed from theirs.")
    buffer = StringIO()
    try:
        for text in cast(list[Text], figure.findobj(Text)):
            # quotation marks and dots of text without Chinese are set narrow: the font's own are an em wide
            if not text.get_fontfeatures() and not _CHINESE.search(text.get_text()):
                text.set_fontfeatures(("pwid",))
        with mpl.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
            warnings.filterwarnings("error", "Glyph .* missing")
            nameless = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            figure.savefig(buffer, format="svg", metadata=nameless)
    except UserWarning as warning:
        if not (lacking := re.match(r"Glyph (\d+)", str(warning))):
            raise
        rule, given = (
            "Every character of a picture is in its font",
            f"{chr(code := int(lacking[1]))} (U+{code:04X})",
        )
        raise InputError(rule, given, "replace the character or correct the label.") from None
    finally:
        plt.close(figure)
    return _lighter(buffer.getvalue(), "f" + hashlib.sha256(name.encode()).hexdigest()[:6]).encode()


def wrap(text: str, ems: float) -> str:
    """The text in lines of at most about so many ems, one of which a Chinese character is wide.

    Chinese breaks anywhere but before a closing mark and after an opening one, Latin at spaces only.
    """
    # the font's round quotation marks are a Chinese character wide
    text = re.sub(r"\s+", " ", text if _CHINESE.search(text) else text.translate(_STRAIGHT))
    lines = _lines(pieces := _PIECE.findall(text), ems)
    # no line much shorter than the others: as narrow as the number of lines allows
    while ems > 1 and len(narrower := _lines(pieces, ems - 0.5)) == len(lines):
        lines, ems = narrower, ems - 0.5
    return "\n".join(line.rstrip() for line in lines)


def _lines(pieces: list[str], ems: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width(lines[-1] + piece.rstrip()) > ems:
            lines.append("")
        lines[-1] += piece
    return lines


def width(text: str) -> float:
    """About how many ems the longest line of the text is wide."""
    return max(sum(_advance(letter) for letter in line) for line in text.split("\n"))


@cache
def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.64 if letter.isupper() else 0.3 if letter in " .,;:'’il|·" else 0.55


def _lighter(drawing: str, prefix: str) -> str:
    """The drawing without prolog and comments, with short numbers, and ids that no other picture has."""
    drawing = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", drawing[drawing.index("<svg") :], flags=re.S)
    drawing = re.sub(r'<g id="[A-Za-z0-9_.]+"', "<g", drawing)
    # outlines of letters are whole numbers, 6,400 to an em, of which one in eight is enough
    outline, whole = r' d="[MLQCz\d\s-]+"(?= transform="scale\(0.015625)', re.compile(r"-?\d+")
    drawing = re.sub(outline, lambda it: whole.sub(lambda n: str(round(int(n[0]) / 8)), it[0]), drawing)
    drawing = re.sub(r"(scale\([^)]*\))|-?\d+\.\d{3,}", lambda it: it[1] or f"{float(it[0]):.2f}", drawing)
    drawing = drawing.replace("scale(0.015625)", "scale(.125)")
    names = {name: f"{prefix}{i:x}" for i, name in enumerate(re.findall(r'\bid="([^"]+)"', drawing))}
    drawing = re.sub(r'(\bid="|href="#|url\(#)([^")]+)', lambda it: it[1] + names[it[2]], drawing)
    return re.sub(r">\s+<", "><", re.sub(r"\s*([MLQCz])\s*(?=[-\d\"MLQCz\s])", r"\1", drawing))
