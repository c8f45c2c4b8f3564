"""The look: one call for font and sheet, and pictures that are small, alike in every process, and whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
import seaborn as sns
from matplotlib.axes import Axes

from analysis import style
from analysis.errors import FazhiError, InputError

pytestmark = pytest.mark.filterwarnings("error")

_DRAW = """
import hashlib
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
from analysis import style
style.use()
ax = plt.subplots()[1]
ax.plot([1, 2, 3], [3, -1, 2], label="湛江市")
ax.legend()
ax.set_xlabel("People’s mediation 人民调解")
print(hashlib.sha256(style.svg(ax, "made-up")).hexdigest())
"""


@pytest.fixture(autouse=True)
def _look() -> None:
    plt.close("all")
    style.use()


def _bars(label: str = "湛江市") -> Axes:
    return sns.barplot(pd.DataFrame({"x": [3, -2], "name": [label, "Wuhan"]}), x="x", y="name")


def test_a_letter_that_the_font_lacks_is_an_error_that_shows_it() -> None:
    with pytest.raises(InputError, match=r"🐟 \(U\+1F41F\)"):
        style.svg(_bars("湛江🐟"), "fish")


def test_a_picture_that_failed_leaves_no_open_figure() -> None:
    with pytest.raises(InputError):
        style.svg(_bars("🐟"), "fish")
    assert plt.get_fignums() == []


def test_axes_without_a_figure_are_refused() -> None:
    ax = plt.subplots()[1]
    ax.remove()
    with pytest.raises(InputError, match="belong to a figure"):
        style.svg(ax, "gone")


def test_a_missing_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "_FONT_FILE", "none.otf")
    style.font_path.cache_clear()
    try:
        with pytest.raises(FazhiError, match="pylopdf-fonts-zh-cn"):
            style.font_path()
    finally:
        style.font_path.cache_clear()


def test_importing_changes_nothing() -> None:
    code = "import matplotlib as m; a = dict(m.rcParams); import analysis.style; assert dict(m.rcParams) == a"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_use_has_the_look_back_after_another_theme() -> None:
    before = dict(mpl.rcParams)
    sns.set_theme(style="darkgrid")
    assert mpl.rcParams["font.family"] != [style.FONT]
    style.use()
    assert dict(mpl.rcParams) == before


def test_use_registers_the_font_once() -> None:
    style.use()
    fonts = [entry.fname for entry in mpl.font_manager.fontManager.ttflist]
    assert fonts.count(str(style.font_path())) == 1


def test_two_processes_draw_the_same_bytes() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _DRAW],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX only")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_forked_processes_draw_what_their_parent_draws(tmp_path: Path) -> None:
    style.svg(_bars(), "warm")
    children = []
    for number in range(3):
        child = os.fork()
        if not child:
            (tmp_path / str(number)).write_bytes(style.svg(_bars("广东省惠州市"), "forked"))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    wanted = style.svg(_bars("广东省惠州市"), "forked")
    assert [(tmp_path / str(number)).read_bytes() == wanted for number in range(3)] == [True] * 3


def test_ids_of_two_pictures_never_clash_and_every_reference_has_its_target() -> None:
    pictures = [style.svg(_bars(), name).decode() for name in ("one", "two")]
    ids = [re.findall(r'\bid="([^"]+)"', picture) for picture in pictures]
    assert len(set(ids[0] + ids[1])) == len(ids[0] + ids[1]) > 20
    for picture, known in zip(pictures, ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', picture)) <= set(known)


def test_a_picture_has_no_date_and_no_maker_and_is_small() -> None:
    picture = style.svg(_bars(), "plain")
    assert picture.startswith(b"<svg")
    assert not re.search(rb"metadata|Matplotlib|20\d\d-\d\d", picture)
    assert len(picture) < 30_000


def test_letters_keep_their_shape_at_an_eighth_of_the_digits() -> None:
    drawn = '<svg><path id="a" d="M 8 -17 \nQ 3 4 5 16 \nz\n" transform="scale(0.015625)"/></svg>'
    lighter = style._lighter(drawn, "f")
    assert lighter == '<svg><path id="f0" d="M1 -2Q0 0 1 2z" transform="scale(.125)"/></svg>'


@pytest.mark.parametrize("text", ["“最多跑一次”政务服务事项（全市）", "People’s mediation cases, closed", ""])
@pytest.mark.parametrize("ems", [3, 8, 60])
def test_wrapped_lines_keep_every_letter_and_start_with_no_closing_mark(text: str, ems: float) -> None:
    lines = style.wrap(text, ems).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("’", "'")
    assert not any(line[:1] in tuple("，）”。") and line for line in lines)


def test_wrapped_chinese_keeps_to_its_width() -> None:
    assert max(map(style.width, style.wrap("综合行政执法局行政强制措施决定书", 8).split("\n"))) <= 8


def test_plain_seaborn_shows_the_house_colours() -> None:
    frame = pd.DataFrame({"x": [1, 2], "y": [1, 2], "who": ["一", "二"]})
    drawn = style.svg(sns.scatterplot(frame, x="x", y="y", hue="who"), "plain").decode()
    assert style.FOCUS.lower() in drawn
    assert style.TEAL.lower() in drawn
