"""Who speaks, of which area and year, and where in the report each paragraph stands."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from analysis.catalog import Catalog
from analysis.errors import InputError
from analysis.ingest.document import Document, structure
from analysis.ingest.extract import Extracted

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT.parent / "shared" / "seed" / "zhanjiang-2020.txt"
BODY = "2020年,全市各级行政复议机关新收行政复议申请367宗,审结行政复议案件272宗,撤销84宗,维持112宗,终止37宗。"


def read(catalog: Catalog, *parts: str | tuple[tuple[str, ...], ...], **said: str) -> Document:
    """The document of some paragraphs; `said` is what the file says of itself."""
    titles = (said["title"],) if "title" in said else ()
    told = said.get("published", ""), said.get("publisher", "")
    return structure(Extracted(parts, titles, *told), catalog)


# what is refused


@pytest.mark.parametrize(
    "lines",
    [
        ("首页", "政务公开", "法治政府建设", "湛江市2020年度报告", "湛江市2019年度报告"),
        ("今天的天气很好,我们一家人去海边散步,孩子们捡了很多贝壳,晚上又看了一场电影,大家都非常高兴,也很累。",)
        * 3,
        ("湛江市人民政府关于2020年度法治政府建设情况的报告",),
    ],
)
def test_what_is_no_report_is_refused(catalog: Catalog, lines: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="must be a report"):
        read(catalog, *lines)


def test_two_places_in_one_document_are_refused(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="must be of one place"):
        read(catalog, "湛江市2020年法治政府建设情况报告", BODY, "茂名市2020年法治政府建设情况报告", BODY)


def test_a_list_of_reports_of_other_places_below_is_no_second_report(catalog: Catalog) -> None:
    document = read(
        catalog, "湛江市2020年法治政府建设情况报告", BODY, "相关文章", "茂名市2020年法治政府建设情况报告"
    )
    assert [block.text for block in document.blocks] == [BODY]


def test_a_report_without_a_year_is_refused_unless_a_person_says_it(catalog: Catalog) -> None:
    parts = ("湛江市法治政府建设情况报告", BODY.replace("2020年,", "") * 2)
    with pytest.raises(InputError, match="--year"):
        read(catalog, *parts)
    assert structure(Extracted(parts), catalog, year=2019).year == 2019


def test_an_unknown_city_that_a_person_names_is_refused(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="A city must be one of"):
        structure(Extracted(("2020年法治政府建设报告", BODY)), catalog, city="无此市")


# who speaks


@pytest.mark.parametrize(
    ("title", "region", "unit", "scope"),
    [
        ("湛江市人民政府关于2020年度法治政府建设情况的报告", "440800", "", "whole"),
        ("湛江市2020年法治政府建设情况报告", "440800", "", "whole"),
        ("广东省2020年法治政府建设情况报告", "440000", "", "whole"),
        ("广东省湛江市2020年法治政府建设情况报告", "440800", "", "whole"),
        ("2020年湛江市政府信息公开工作年度报告", "440800", "", "whole"),
        ("湛江市人民政府办公室2020年政府信息公开工作年度报告", "440800", "", "own_level"),
        ("湛江市司法局关于2020年度法治政府建设情况的报告", "440800", "湛江市司法局", "department"),
        (
            "湛江市城市管理和综合执法局2020年法治政府建设报告",
            "440800",
            "湛江市城市管理和综合执法局",
            "department",
        ),
        ("湛江市卫生健康委员会2020年法治政府建设报告", "440800", "湛江市卫生健康委员会", "department"),
        ("霞山区人民政府2020年法治政府建设年度报告", "440803", "", "whole"),
        ("湛江市霞山区司法局2020年法治政府建设年度报告", "440803", "湛江市霞山区司法局", "department"),
        ("遂溪县河头镇人民政府2020年法治政府建设年度报告", "440823", "遂溪县河头镇人民政府", "department"),
        ("广东省湛江市中级人民法院2020年行政审判白皮书", "440800", "湛江市中级人民法院", "courts"),
        ("2020年广州法院行政诉讼情况报告", "440100", "", "courts"),
        ("湛江市虚构县人民政府2020年法治政府建设年度报告", "", "", "whole"),
        ("吉林省吉林市2020年法治政府建设情况报告", "220200", "", "whole"),
    ],
)
def test_area_unit_and_scope_follow_from_the_title(
    catalog: Catalog, title: str, region: str, unit: str, scope: str
) -> None:
    document = read(catalog, title, BODY)
    assert (document.region_code, document.unit_name, document.scope) == (region, unit, scope)
    assert (document.title, document.year) == (title, 2020)


def test_a_title_on_two_lines_is_one(catalog: Catalog) -> None:
    document = read(catalog, "湛江市人民政府", "关于2020年度法治政府建设情况的报告", BODY)
    assert document.title == "湛江市人民政府关于2020年度法治政府建设情况的报告"
    assert [block.text for block in document.blocks] == [BODY]


def test_a_title_without_a_place_takes_the_signature(catalog: Catalog) -> None:
    document = read(catalog, "2020年度法治政府建设情况报告", BODY, "湛江市司法局", "2021年3月1日")
    assert (document.issuer, document.scope) == ("湛江市司法局", "department")


def test_the_head_of_a_page_serves_where_the_text_has_no_title(catalog: Catalog) -> None:
    document = read(
        catalog, BODY, title="湛江市2020年法治政府建设情况报告", publisher="湛江市人民政府门户网站"
    )
    assert (document.title, document.region_code) == ("湛江市2020年法治政府建设情况报告", "440800")
    assert len(document.blocks) == 1


def test_a_person_s_word_on_the_city_counts(catalog: Catalog) -> None:
    parts = ("2020年度法治政府建设情况报告", BODY)
    assert structure(Extracted(parts), catalog, city="Zhanjiang").region_code == "440800"


# when


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("湛江市二〇二〇年法治政府建设情况报告", 2020),
        ("湛江市2018-2020年行政复议统计报告", 2020),
        ("2021年湛江市政府工作报告", 2020),
        ("湛江市法治政府建设情况报告", 2020),
    ],
)
def test_the_year_is_the_one_that_is_spoken_of(catalog: Catalog, title: str, year: int) -> None:
    assert read(catalog, title, BODY).year == year


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("发布时间:2021-02-02 11:35", "2021-02-02"),
        ("2021年2月2日", "2021-02-02"),
        ("二〇二一年十二月二十日", "2021-12-20"),
        ("二〇二一年二月二十三日", "2021-02-23"),
        ("2021年13月2日", ""),
    ],
)
def test_the_date_is_read_from_head_or_signature(catalog: Catalog, line: str, date: str) -> None:
    assert read(catalog, "湛江市2020年法治政府建设情况报告", BODY, "湛江市人民政府", line).published == date
    assert read(catalog, "湛江市2020年法治政府建设情况报告", line, BODY).published == date


# where


def test_sections_give_locators_and_headings(catalog: Catalog) -> None:
    document = read(
        catalog,
        "湛江市2020年法治政府建设情况报告",
        BODY,
        "一、化解矛盾",
        f"(一)行政复议。{BODY}",
        "1.受理情况",
        BODY,
        "（2）审结情况",
        "一是开展培训。全年办班3期。",
        "(二)人民调解",
        "二、行政应诉",
        (("信息内容", "件数"), ("规章", "2")),
    )
    assert [(block.locator, block.headings) for block in document.blocks] == [
        ("前言", ()),
        ("一", ("化解矛盾",)),
        ("一(一)", ("化解矛盾", "行政复议")),
        ("一(一)1", ("化解矛盾", "行政复议", "受理情况")),
        ("一(一)1", ("化解矛盾", "行政复议", "受理情况")),
        ("一(一)1", ("化解矛盾", "行政复议", "受理情况", "审结情况")),
        ("一(一)1", ("化解矛盾", "行政复议", "受理情况", "开展培训")),
        ("一(二)", ("化解矛盾", "人民调解")),
        ("二", ("行政应诉",)),
        ("二表1", ("行政应诉",)),
    ]
    assert document.blocks[-1].text == "信息内容\t件数\n规章\t2"


def test_a_text_without_sections_counts_its_paragraphs(catalog: Catalog) -> None:
    document = read(catalog, "湛江市2020年法治政府建设情况报告", BODY, BODY)
    assert [block.locator for block in document.blocks] == ["第1段", "第2段"]


def test_sections_that_run_on_in_one_paragraph_are_parted(catalog: Catalog) -> None:
    text = f"一、化解矛盾。(一)行政复议。{BODY}(二)人民调解。调解纠纷3件。二、应诉。出庭2次。"
    document = read(catalog, "湛江市2020年法治政府建设情况报告", text)
    assert [block.locator for block in document.blocks] == ["一", "一(一)", "一(二)", "二"]


def test_a_decimal_or_a_date_is_no_section(catalog: Catalog) -> None:
    document = read(catalog, "湛江市2020年法治政府建设情况报告", BODY, "3.4万件行政处罚案件,3月办结。", BODY)
    assert {block.headings for block in document.blocks} == {()}


def test_the_same_text_has_the_same_hash_however_it_is_set(catalog: Catalog) -> None:
    one = read(catalog, "湛江市2020年法治政府建设情况报告", BODY)
    other = read(
        catalog,
        "湛江市2020年法治政府建设情况报告",
        "来源:本网",
        BODY[:30] + " " + BODY[30:].replace(",", "，"),
    )
    assert one.text_hash == other.text_hash
    assert (
        one.text_hash
        != read(catalog, "湛江市2020年法治政府建设情况报告", BODY.replace("367", "368")).text_hash
    )


@pytest.mark.skipif(not SEED.is_file(), reason="the seed report lies beside the checkout")
def test_locators_are_those_that_people_gave_to_the_seed_report(catalog: Catalog) -> None:
    parts = tuple(SEED.read_text(encoding="utf-8").splitlines())
    document = structure(Extracted(parts), catalog)
    with (ROOT / "data" / "observations" / "44.csv").open(encoding="utf-8", newline="") as file:
        facts = [row for row in csv.DictReader(file) if row["source_id"] == "440800-2021-annual_report"]
    printed = [(row["locator"], re.findall(r"\d+(?:\.\d+)?", row["evidence"])[-1]) for row in facts]
    wrong = [
        (locator, number)
        for locator, number in printed
        if not any(block.locator == locator and number in block.text for block in document.blocks)
    ]
    assert len(facts) > 100
    assert [number for _, number in wrong] in ([], ["100"])  # 百分之百 is given in digits there
    assert (document.issuer, document.published) == ("湛江市人民政府", "2021-02-02")
