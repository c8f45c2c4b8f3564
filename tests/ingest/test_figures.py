"""The grammar of figures: numbers in digits and in words, what is a figure, and what only looks like one."""

from __future__ import annotations

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.ingest.figures import figures, narrow, read_number


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


@pytest.mark.parametrize(
    "text",
    [
        "2021年2月2日，截止2020年底，2019年度，截至11月底，1-11月，1月至11月",
        "（2015—2020年）2021-02-02 11:35，二〇二〇年十一月，2019、2020年",
        "第154次会议，市委156次常委会，第十三届，第一书记，第二十条第(五)项",
        "云府〔2020〕12号，国务院令第711号，ICP备05000001号-1，12号楼",
        "拨打12345热线、12348平台，电话：0777-1234567，手机13800000000，邮编：524000",
        "《纲要（2015-2020年）》《关于2020年工作的12条措施》",
        "三项制度，两法衔接，一件事一次办，十九届四中全会，四大方面，千家万户，一体化，一起",
        "1.完善机制；2.健全制度。（3）加强监督",
        "7×24小时，12·4宪法日，“1+N”模式，5G网络，COVID-19，www.gov.cn/art2020/12.html",
        "十几件，数百件，数十次，几千人，每一件",
    ],
)
def test_what_only_looks_like_a_figure_is_passed_over(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    ("text", "value", "qualifier", "step", "unit"),
    [
        ("公开3.4万条", "34000", "=", "1000", "条"),
        ("６２万余件", "620000", ">", "10000", "件"),
        ("逾千件", "1000", ">", None, "件"),
        ("14万9000余条", "149000", ">", "1000", "条"),
        ("首次突破一万宗", "10000", ">", None, "宗"),
        ("调解1580多万件", "15800000", ">", "10000", "件"),
        ("7700多名干部", "7700", ">", "100", "名"),
        ("近200人", "200", "<", "10", "人"),
        ("近140万件", "1400000", "<", "10000", "件"),
        ("满意率95%以上", "95", ">", None, "%"),
        ("控制在6%以内", "6", "<", None, "%"),
        ("约53.16%", "53.16", "~", None, "%"),
        ("增加3-4名", "3.5", "~", "1", "名"),
        ("百分之九十八点五", "98.5", "=", None, "%"),
        ("超过七成的案件", "70", ">", None, "%"),
        ("挽回损失2505.39万余元", "25053900", ">", "100", "元"),
        ("五万三千二百一十四件", "53214", "=", None, "件"),
        ("审结两件", "2", "=", None, "件"),
        ("比为3.78:1", "3.78", "=", None, ""),
        ("排名第四", "4", "=", None, "名次"),
        ("1,234件", "1234", "=", None, "件"),
    ],
)
def test_value_qualifier_step_and_unit(
    text: str, value: str, qualifier: str, step: str | None, unit: str
) -> None:
    (found,) = figures(text)
    assert (found.value, found.qualifier, found.unit) == (Decimal(value), qualifier, unit)
    assert found.step == (None if step is None else Decimal(step))


def test_two_figures_in_one_clause_stay_two() -> None:
    assert [figure.value for figure in figures("完成“36+232”建设")] == [36, 232]
    assert [figure.value for figure in figures("由89个精简为74个")] == [89, 74]
    assert [figure.value for figure in figures("分别受理120件、150件")] == [120, 150]


def test_a_hotline_is_a_figure_where_it_has_a_measure_word() -> None:
    assert [figure.value for figure in figures("12345热线受理12345件")] == [12345]


def test_offsets_point_at_number_words_and_unit() -> None:
    text = "办理各类业务62万余件,办结率100%"
    assert [text[figure.start : figure.end] for figure in figures(text)] == ["62万余件", "100%"]


@pytest.mark.parametrize(
    "text", ["出庭应诉率百分之八十七点", "0万:0", "3:2", "1" * 40, "亿" * 30 + "件", "第百位"]
)
def test_what_fuzzing_found_is_read_or_passed_over(text: str) -> None:
    assert all(figure.end <= len(text) for figure in figures(text))
