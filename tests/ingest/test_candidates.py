"""From documents to candidates: quality on invented reports, and each kind of error that people made."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import COMPARED, NAMES, cut, document, gold, matched

from analysis import catalog as catalogs
from analysis.ingest.candidates import COLUMNS, candidates
from analysis.ingest.document import Block, Document, table_text
from analysis.ingest.patterns import load

DATA = Path(__file__).resolve().parents[2] / "data"
CATALOG = catalogs.load(DATA)
PATTERNS = load(DATA / "patterns.toml", CATALOG)
SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "zhanjiang-2020.txt"
MEANING = (*COMPARED, "metric_id")


def read(
    text: str, *, title: str = "", heading: str = "", year: int = 2020, scope: str = "whole"
) -> list[dict[str, str]]:
    """The candidates of one paragraph of a city's report."""
    block = Block("一", (heading,) if heading else (), text)
    given = Document(title, "", "440800", "", scope, year, "", (block,), "")
    return candidates(given, CATALOG, PATTERNS).to_dict("records")


def meaning(text: str, **given: object) -> list[tuple[str, str, str]]:
    """Value, metric and scope of each figure of a paragraph."""
    return [(row["value"], row["metric_id"], row["scope"]) for row in read(text, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_of_an_invented_report_are_found_and_named(name: str) -> None:
    found = candidates(document(name), CATALOG, PATTERNS).astype(str).to_dict("records")
    wanted = gold(name)
    assert matched(found, wanted) >= 0.98 * max(len(found), len(wanted))
    assert matched(found, wanted, MEANING) >= 0.95 * len(wanted)
    assert matched(found, wanted, (*MEANING, "scope", "year", "period")) >= 0.9 * len(wanted)


@pytest.mark.skipif(not SEED.is_file(), reason="the report's text is not beside this checkout")
def test_the_first_report_is_read_without_a_person() -> None:
    panel = [row for row in _observations() if row["source_id"] == "440800-2021-annual_report"]
    text = "湛江市人民政府关于2020年度法治政府建设情况的报告\n" + SEED.read_text(encoding="utf-8")
    found = candidates(cut(text, "440800", 2020), CATALOG, PATTERNS).astype(str).to_dict("records")
    assert 114 <= len(found) <= 116
    assert matched(found, panel, ("value", "qualifier")) >= 0.98 * len(panel)
    assert matched(found, panel, ("value", "qualifier", "metric_id", "scope", "period")) >= 0.95 * len(panel)


def _observations() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted((DATA / "observations").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file))
    return rows


def test_whose_figure_it_is() -> None:
    text = "市政府办公室主动公开信息2350条;市政府门户网站发布信息1.86万条;全市主动公开政府信息24.5万条。"
    assert meaning(text, heading="政务公开") == [
        ("2350", "oversight.information_disclosed", "own_level"),
        ("18600", "oversight.website_posts", "other"),
        ("245000", "oversight.information_disclosed", "whole"),
    ]


def test_against_whom_people_applied_says_nothing_of_whose_figure_it_is() -> None:
    text = "全年以各乡镇、市政府各部门作为被申请人的行政复议案件52件,同比上升4%,受理47件。"
    assert {row["scope"] for row in read(text, heading="行政复议")} == {"whole"}
    text = "其中被申请人为市政府部门的案件39件。"
    assert [row["scope"] for row in read(text, heading="行政复议")] == ["whole"]


def test_matters_and_persons_of_another_kind_get_no_metric_by_a_word_alone() -> None:
    assert meaning("抽调了19名业内优秀律师讲课。")[0][1] == ""
    assert meaning("举报投诉类21件。", title="某市行政复议统计分析报告")[0][1] == ""
    assert meaning("终止调查6件。", heading="行政复议")[0][1] == ""
    assert "drafted" not in meaning("主动公开政府规章14件。", heading="信息公开")[0][1]


def test_one_figure_under_two_scopes_is_two_candidates() -> None:
    text = "全市共收到行政复议申请120件,其中市本级120件,青岩县0件。"
    assert [row["scope"] for row in read(text)] == ["whole", "own_level", "other"]


def test_examined_is_not_closed_and_received_is_not_accepted() -> None:
    rows = meaning("行政复议机关接收申请50件,受理45件,审查42件,审结40件,不予受理5件。")
    assert [metric for _, metric, _ in rows] == [
        "reconsideration.received",
        "reconsideration.accepted",
        "",
        "reconsideration.closed",
        "",
    ]


def test_policy_documents_are_not_government_documents() -> None:
    rows = meaning("主动公开政策文件30件、政府文件47件、规范性文件6件。", heading="主动公开")
    assert [metric for _, metric, _ in rows] == [
        "oversight.policy_documents_published",
        "oversight.government_documents_published",
        "oversight.normative_documents_published",
    ]


def test_online_rates_of_licensing_and_of_all_items_are_two_metrics() -> None:
    rows = meaning("行政许可事项网上可办率99.35%,政务服务事项网上可办率98.1%。")
    assert [metric for _, metric, _ in rows] == [
        "services.online_available_rate",
        "services.all_items_online_available_rate",
    ]


def test_two_figures_in_a_clause_are_added_only_where_the_text_adds_them() -> None:
    rows = read("微信公众号发稿246条、微博发稿74条,合计320条。", heading="新媒体")
    assert [row["value"] for row in rows] == ["246", "74", "320"]


def test_a_change_is_no_value_and_has_its_sign() -> None:
    rows = read("审结一审行政案件98件,同比下降5.2%;败诉率8.1%,比上年下降1.3个百分点。")
    assert [(row["value"], row["kind"], row["metric_id"]) for row in rows] == [
        ("98", "value", "litigation.first_instance_closed"),
        ("-5.2", "change", "litigation.first_instance_closed_change"),
        ("8.1", "rate", "litigation.loss_rate"),
        ("-1.3", "change", ""),
    ]


def test_two_years_in_a_sentence() -> None:
    rows = read("2019年和2020年,全市分别审结行政复议案件762件、890件,比2018年的700件增加190件。")
    assert [(row["value"], row["year"], row["kind"]) for row in rows] == [
        ("762", 2019, "value"),
        ("890", 2020, "value"),
        ("700", 2018, "value"),
        ("190", 2020, "change"),
    ]


def test_an_aim_for_a_later_year_is_no_result() -> None:
    (row,) = read("力争到2025年行政机关负责人出庭应诉率达到100%。")
    assert (row["kind"], row["metric_id"]) == ("target", "")


def test_a_lost_decimal_point_is_said() -> None:
    (row,) = read("行政机关负责人出庭应诉率126%。")
    assert "over 100 %" in row["note"]


def test_money_is_in_the_unit_of_the_metric() -> None:
    (row,) = read("法律援助为群众挽回经济损失13.94亿元。")
    assert (row["value"], row["resolution"]) == ("139400", "100")


def test_nothing_received_is_zero() -> None:
    rows = read("本年度未收到政府信息公开申请,未发生因政府信息公开引起的行政复议、行政诉讼。")
    assert {row["metric_id"]: row["value"] for row in rows} == {
        "oversight.disclosure_requests_received": "0",
        "oversight.disclosure_reconsiderations": "0",
        "oversight.disclosure_litigations": "0",
    }


def table(*rows: tuple[str, ...], heading: str = "") -> list[dict[str, str]]:
    """The candidates of a table."""
    block = Block("二", (heading,), table_text(rows), rows)
    given = Document("政府信息公开工作年度报告", "", "440800", "", "whole", 2022, "", (block,), "")
    return candidates(given, CATALOG, PATTERNS).to_dict("records")


def test_the_statutory_form_as_cells() -> None:
    found = table(
        ("第二十条第(一)项", "", "", ""),
        ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
        ("规章", "0", "0", "8"),
        ("行政规范性文件", "12", "3", "140"),
    )
    assert {row["metric_id"]: row["value"] for row in found if row["metric_id"]} == {
        "rulemaking.rules_drafted": "0",
        "rulemaking.rules_in_force": "8",
        "rulemaking.documents_issued": "12",
        "rulemaking.documents_repealed": "3",
        "rulemaking.documents_in_force": "140",
    }


def test_the_form_with_merged_cells_and_with_a_row_of_figures_alone() -> None:
    decisions = table(("信息内容", "本年处理决定数量", ""), ("行政许可", "15236", ""), ("行政处罚", "85", ""))
    assert [row["metric_id"] for row in decisions] == ["enforcement.permits", "enforcement.penalties"]
    heads = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计") * 3
    disputes = table(
        heads, tuple(["4", "1", "1", "1", "7", "2", "0", "0", "1", "3", "0", "0", "0", "0", "0"])
    )
    assert [(row["value"], row["metric_id"]) for row in disputes if row["metric_id"]] == [
        ("7", "oversight.disclosure_reconsiderations")
    ]


def test_another_table_is_named_by_its_row_and_head() -> None:
    rows = (("单位", "行政处罚(宗)", "行政许可(宗)"), ("市公安局", "120", "3,400"), ("合计", "980", "12000"))
    found = table(*rows, heading="行政执法情况")
    assert [(row["value"], row["metric_id"]) for row in found][:2] == [
        ("120", "enforcement.penalties"),
        ("3400", "enforcement.permits"),
    ]
    text = table_text(rows)
    assert [text[row["start"] : row["end"]] for row in found] == ["120", "3,400", "980", "12000"]


def test_the_whole_year_after_a_part_of_it_is_a_full_year() -> None:
    text = "上半年受理行政复议申请31件,全年共受理行政复议申请72件。"
    assert [row["period"] for row in read(text, heading="行政复议")] == ["ytd-06", "full"]


def test_tenths_are_read_in_either_word_for_two() -> None:
    rows = read("同比上升近两成,调解和解结案占六成以上。", heading="行政复议")
    assert [(row["value"], row["qualifier"]) for row in rows] == [("20", "<"), ("60", ">")]


def test_two_outcomes_counted_together_are_neither() -> None:
    assert meaning("撤销或变更27件。", heading="行政复议")[0][1] == ""


def test_a_bare_number_in_a_row_of_shares_is_a_share() -> None:
    cells = (("事项", "处罚", "强制"), ("数量", "31件", "0件"), ("占受理数比例", "62%", "0"))
    block = Block("三", ("行政复议",), table_text(cells), cells)
    given = Document("某市行政复议统计", "", "440800", "", "whole", 2024, "", (block,), "")
    rows = candidates(given, CATALOG, PATTERNS).to_dict("records")
    assert [row["kind"] for row in rows] == ["value", "value", "share", "share"]
    assert rows[-1]["metric_id"] == ""


@given(
    st.text(max_size=200)
    | st.text(alphabet="一二十百万0123456789.,%年月件宗占其中分别同比第(){}、。;由至-", max_size=200)
)
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_it_and_offsets_hold(text: str) -> None:
    for row in read(text):
        assert set(row) == set(COLUMNS)
        assert 0 <= row["start"] < row["end"] <= len(text)  # type: ignore[operator]
        assert len(row["evidence"]) <= 30


def test_a_row_is_read_as_a_sentence_so_that_heads_tell_years_rates_and_changes() -> None:
    rows = (
        ("指标", "2021年", "2022年", "增长率(%)"),
        ("收到行政复议申请(件)", "120", "150", "25.0"),
        ("出庭应诉率", "85.2%", "91%", ""),
    )
    found = table(*rows)
    assert [(row["year"], row["value"], row["unit"], row["kind"]) for row in found[:4]] == [
        (2021, "120", "件", "value"),
        (2022, "150", "件", "value"),
        (2022, "25", "%", "change"),
        (2021, "85.2", "%", "rate"),
    ]
    assert found[2]["evidence"] == "收到行政复议申请增长率25.0"


def test_a_cell_of_prose_is_read_as_a_paragraph() -> None:
    rows = (("项目", "完成情况"), ("依申请公开", "收到政府信息公开申请35件,同比增长5%。"))
    found = table(*rows)
    assert [(row["value"], row["metric_id"]) for row in found] == [
        ("35", "oversight.disclosure_requests_received"),
        ("5", ""),
    ]
    text = table_text(rows)
    assert [text[row["start"] : row["end"]] for row in found] == ["35件", "5%"]


def test_pairs_of_columns_name_their_regions() -> None:
    rows = (("省份", "数量", "省份", "数量"), ("广东", "31392", "河北", "7040"))
    caption = Block("", (), "表1:省区市受理行政复议案件情况")
    blocks = (caption, Block("", (), table_text(rows), rows))
    given = Document("行政复议案件统计数据", "", "000000", "", "whole", 2019, "", blocks, "")
    found = candidates(given, CATALOG, PATTERNS).to_dict("records")
    assert [(row["region_code"], row["value"], row["metric_id"]) for row in found] == [
        ("440000", "31392", "reconsideration.accepted"),
        ("130000", "7040", "reconsideration.accepted"),
    ]


def test_a_table_that_lost_its_cells_keeps_its_rows_and_loses_its_serial_numbers() -> None:
    lines = re.findall(
        r"\S+", "序号 处理方式 数量 比例 1 维持决定 350 74.7% 2 撤销决定 63 13.4% 3 合计 413 100%"
    )
    blocks = tuple(Block("", ("行政复议审结情况",), line) for line in lines)
    given = Document("行政复议统计", "", "440800", "", "whole", 2019, "", blocks, "")
    found = candidates(given, CATALOG, PATTERNS).to_dict("records")
    assert [row["value"] for row in found] == ["350", "74.7", "63", "13.4", "413", "100"]
    assert [row["metric_id"] for row in found][:3] == [
        "reconsideration.upheld",
        "reconsideration.upheld_rate",
        "reconsideration.revoked",
    ]


def test_the_heads_of_a_table_that_lost_its_cells_name_its_columns() -> None:
    lines = ["单位", "行政处罚(宗)", "行政许可(宗)", "市公安局", "120", "3400", "合计", "980", "12000"]
    blocks = tuple(Block("", ("行政执法情况",), line) for line in lines)
    given = Document("行政执法统计", "", "440800", "", "whole", 2019, "", blocks, "")
    found = candidates(given, CATALOG, PATTERNS).to_dict("records")
    named = [(row["value"], row["unit"], row["metric_id"]) for row in found]
    assert named[:2] == [("120", "宗", "enforcement.penalties"), ("3400", "宗", "enforcement.permits")]
