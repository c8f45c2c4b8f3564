"""The font: it is found, it covers Chinese, and what it lacks is named."""

from __future__ import annotations

from pathlib import Path

import pytest

import analysis.figures.theme as theme
from analysis.errors import FazhiError

DATA = Path(__file__).parents[2] / "data"


def test_a_missing_wheel_says_what_to_install(monkeypatch):
    theme.font_path.cache_clear()
    monkeypatch.setattr(theme, "FONT_PACKAGE", "no_such_package_of_fonts")
    with pytest.raises(FazhiError, match="pip install pylopdf-fonts-zh-cn"):
        theme.font_path()


def test_a_wheel_without_the_font_is_refused(monkeypatch):
    theme.font_path.cache_clear()
    monkeypatch.setattr(theme, "FONT_FILE", "Absent.otf")
    with pytest.raises(FazhiError, match=r"no Absent\.otf"):
        theme.font_path()


def test_missing_glyphs_are_named_once_in_order():
    assert theme.missing_glyphs(["a\U0001f601\n", "\U0001f600湛\U0001f601"]) == "\U0001f600\U0001f601"


def test_every_character_of_the_national_standard_set_is_covered():
    cells = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    hanzi = "".join(cell.decode("gb2312", errors="ignore") for cell in cells)
    assert len(hanzi) == 6763
    assert theme.missing_glyphs([hanzi]) == ""


def test_the_marks_of_both_languages_are_covered():
    marks = "，。、；：？！（）《》〈〉「」『』【】〔〕“”‘’…—–·×÷±≤≥≈≠%‰°①②⑳½²→↑↓△▲○●◇■㎡＋－／"
    assert theme.missing_glyphs([marks, "áéíóúüāēīōūǎěǐǒǔ", "0123456789.,"]) == ""


@pytest.mark.parametrize("name", ["metrics.csv", "regions.csv", "peer_groups.csv"])
def test_every_label_of_the_panel_is_covered(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"data/{name} is not there")
    assert theme.missing_glyphs([path.read_text(encoding="utf-8-sig")]) == ""
