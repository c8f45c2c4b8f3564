"""The grammar of figures: what is one, what it is worth, and what only looks like one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.ingest.figures import figures


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
