"""Numbers in digits, in words and in both, against rendering and against cn2an."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.ingest.figures import figures
from analysis.ingest.numerals import narrow, read_number


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("1,234", "1234", "1"),
        ("3.4万", "34000", "1000"),
        ("14万9000", "149000", "1"),
        ("1亿2千万", "120000000", "10000"),
        ("一万五", "15000", "1000"),
        ("一百零五", "105", "1"),
        ("二〇二〇", "2020", "1"),
        ("三点五万", "35000", "1000"),
        ("6千", "6000", "1000"),
        ("百", "100", "100"),
        ("0万", "0", "10000"),
    ],
)
def test_value_and_step(text: str, value: str, step: str) -> None:
    assert read_number(text) == (Decimal(value), Decimal(step))


@pytest.mark.parametrize("text", ["", "件", "1a", "壹x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        read_number(text)


@given(st.integers(1, 10**12))
@settings(deadline=None)
def test_numerals_in_words_are_read_as_by_cn2an(number: int) -> None:
    words = cn2an.an2cn(str(number))
    assert read_number(words)[0] == number == cn2an.cn2an(words, "smart")


@given(st.integers(0, 10**7), st.sampled_from(["{}件", "{:,}件", "共{}宗,", "(其中{}人)", "维持{}件、"]))
@settings(deadline=None)
def test_a_rendered_count_is_read_back(number: int, shape: str) -> None:
    for text in (shape.format(number), _wide(shape.format(number))):
        (found,) = figures(text)
        assert (found.value, found.qualifier, found.form) == (number, "=", "number")


@given(st.decimals(0, 100, places=2), st.sampled_from(["达{}%", "为{}个百分点", "率{}%以上"]))
@settings(deadline=None)
def test_a_rendered_rate_is_read_back(rate: Decimal, shape: str) -> None:
    (found,) = figures(shape.format(rate))
    assert found.value == rate


@given(st.integers(1, 99_999), st.sampled_from("万亿"), st.sampled_from(["余", "多", ""]))
@settings(deadline=None)
def test_ten_thousands_and_their_words_are_read_back(number: int, power: str, more: str) -> None:
    (found,) = figures(f"{number / 100:.2f}{power}{more}件")
    assert found.value == Decimal(number) / 100 * (10_000 if power == "万" else 100_000_000)
    assert found.qualifier == (">" if more else "=")


@given(st.text())
def test_narrowing_keeps_offsets(text: str) -> None:
    assert len(narrow(text)) == len(text)


@pytest.mark.filterwarnings("ignore")
def test_a_library_for_numbers_takes_dates_and_ordinals_for_some() -> None:
    from recognizers_number import Culture, NumberRecognizer

    text = "2020年市政府第85次常务会议审议12件"
    found = NumberRecognizer(Culture.Chinese).get_number_model().parse(text)
    assert [result.resolution["value"] for result in found] == ["2020", "85", "12"]
    assert [figure.value for figure in figures(text)] == [12]


def _wide(text: str) -> str:
    """Plain digits and signs in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
