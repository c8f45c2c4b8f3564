"""Letters: measured and placed as matplotlib would, which is asked here and nowhere else."""

from __future__ import annotations

import pytest
from matplotlib import ft2font
from matplotlib.text import Text

from analysis.errors import InputError
from analysis.figures import letters, new_figure, themed
from analysis.figures.svg import figure_svg

LINES = ["湛江市“双随机”抽查 3.5%", "AVATAR “it” – 1,024", "f", "g （2020）"]


def test_a_line_with_a_missing_glyph_is_not_set():
    with pytest.raises(InputError, match=r"U\+1F600"):
        letters.set_line("湛江 \U0001f600", ())


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_as_wide_as_the_font_says(line):
    features = letters.font_features(line)
    font = letters.font_in_memory()
    font.set_text(line, 0.0, flags=ft2font.LoadFlags.NO_HINTING, features=features)
    width = font.get_width_height()[0] / 64 / 100
    assert letters.set_line(line, features).width == width


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("paper", [None, {"pad": 0.5, "alpha": 0.8}])
def test_a_line_is_drawn_where_matplotlib_would_draw_it(line, paper):
    def drawn(artist):
        figure = new_figure(3, 1)
        figure.add_artist(artist)
        return figure_svg(figure, {"Date": None})

    with themed():
        features = letters.font_features(line)
        text = Text(0.25, 0.5, line, fontfeatures=features)
        if paper:
            text.set_bbox({"facecolor": "#FFFFFF", "linewidth": 0, **paper})
        assert drawn(letters.Line(0.25, 0.5, line, paper=paper)) == drawn(text)
