"""Notebooks 05 and 06 run for any region and year, and say of Zhanjiang 2020 what a jurist would."""

from __future__ import annotations

import itertools
import re

import contract
import pytest
from running import Ran, run

PAGES = ("05_disputes", "06_administration")
REGIONS = {
    "first": ("440800", 2020),
    "two facts": ("420100", 2020),
    "part of a year, some courts": ("440100", 2022),
    "many": ("330300", 2024),
    "nation": ("000000", 2020),
    "province with one fact": ("370000", 2015),
    "court matters": ("440300", 2015),
    "county": ("110112", 2023),
    "loss rate with counts": ("371100", 2017),
    "the national form": ("610500", 2022),
}
JUDGING = re.compile(
    r"\b(better|worse|best|worst|poor|good|fail|false|manipulat\w+)\b|优于|劣于|较好|较差|落后|造假"
)
LACKS = {"en": "Not in the panel for", "zh": "数据集未收录"}


def page(
    name: str, region: str, language: str, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str] = ("", "")
) -> Ran:
    """A notebook run for a region and year, with one text of its cells changed."""
    book = contract.read(name)
    for cell in [cell for cell in book.cells if change[0] and change[0] in cell.source]:
        cell.source = cell.source.replace(*change)
    city, year = REGIONS[region]
    return run(book, monkeypatch, {"city": city, "year": year, "language": language, "peers": "all"})


def text(ran: Ran) -> str:
    """All that a page says and tabulates, evidence left out."""
    return "\n".join(part for kind in ("head", "finding", "text", "table") for part in ran.texts(kind))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", PAGES)
def test_it_runs_for_any_region_and_year(
    name: str, region: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = page(name, region, language, monkeypatch)
    assert len(ran.texts("head")) == 1
    assert len(ran.texts("evidence")) == 2
    assert ran.values == {}, "what a cell shows goes through page"
    assert not JUDGING.search(text(ran)), "a figure is neither good nor bad"
    assert LACKS[language] in text(ran)
    assert not re.search("not reported|未报告", text(ran)), "the report may not have been read"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_a_heading_stands_before_something(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for region in REGIONS:
        kinds = [
            "heading" if kind == "text" and data["text/markdown"].startswith("## ") else kind
            for kind, data in page(name, region, language, monkeypatch).shown
        ]
        assert not [pair for pair in itertools.pairwise(kinds) if pair == ("heading", "heading")], region


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "100 of 272 closed cases",
                "36.8% (95% interval 31.3–42.6)",
                "14.6% in China",
                "read in a copy",
            ],
        ),
        ("en", ["5.26 per 100,000 residents (95% interval 4.73–5.82)", "25.1 accepted in Guangdong in 2019"]),
        ("en", ["Court appearances by agency heads: 118", "Neither a rate nor its base is in the panel"]),
        ("en", ["92.1% criminal defence (95% interval 91.6–92.7)", "up 115% in a year", "since 2017"]),
        ("en", ["218 per 100,000 residents", "against 353 in Guangdong"]),
        ("zh", ["直接纠错100宗", "审结272宗的36.8%", "全国为14.6%"]),
        ("zh", ["每10万常住人口新收行政复议申请5.26宗", "广东省2019年受理25.1"]),
        ("zh", ["负责人出庭应诉118宗", "分母"]),
    ],
)
def test_a_finding_of_zhanjiang(language: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [
        re.sub(r"\*\*", "", found)
        for found in page("05_disputes", "first", language, monkeypatch).texts("finding")
    ]
    assert any(all(part in found for part in said) for found in plain), plain


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["permits 213,614", "penalties 16,293", "coercion 537"]),
        ("en", ["89.5% are penalties", "3,704 of 4,140"]),
        ("en", ["is counted in several ways", "99.35%", "91.33%", "not transactions"]),
        ("en", ["69 normative documents", "no share reviewed can be given"]),
        ("en", ["34,000 (part only)", "press conferences 15"]),
        ("zh", ["行政许可213,614宗", "行政处罚16,293宗"]),
        ("zh", ["规范性文件合法性审核69件", "制发总数未收录"]),
    ],
)
def test_a_finding_on_the_administration_of_zhanjiang(
    language: str, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = page("06_administration", "first", language, monkeypatch).texts("finding")
    assert any(all(part in one for part in said) for one in found), found


def test_the_outcomes_leave_four_cases_not_itemised(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = page("05_disputes", "first", "en", monkeypatch).figures()["outcomes"]
    assert figure["title"] == "Most frequent outcome of 272 closed cases: upheld, 112"
    values = [float(line.split(",")[2]) for line in figure["csv"].splitlines()[1:]]
    assert (len(values), 272 - sum(values)) == (7, 4)


def test_without_terminated_cases_the_rate_has_another_base(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the direct rate would be 42.6% (95% interval 36.4–48.9)" in text(
        page("05_disputes", "first", "en", monkeypatch)
    )


def test_stages_that_differ_are_said_to_explain_part_of_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    # Wuhan's applications lie above the nation's accepted cases: the stage is part of that
    assert "explains part of the gap" in text(page("05_disputes", "two facts", "en", monkeypatch))
    assert "does not explain the gap" in text(page("05_disputes", "first", "en", monkeypatch))


def test_a_rate_of_one_group_of_courts_is_set_beside_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = page("05_disputes", "part of a year, some courts", "en", monkeypatch)
    assert "per 100,000 residents" not in text(ran)
    assert "2,045 (courts)" in text(ran)


def test_a_poor_page_has_no_figure_and_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = page("06_administration", "two facts", "en", monkeypatch)
    assert not ran.figures()
    assert not ran.texts("finding")
    assert "holds no figure of the area" in ran.texts("head")[0]


def test_one_line_leaves_a_count_out_of_findings_and_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    change = ('    "mediation": ["mediation.cases"],\n', "")
    ran = page("05_disputes", "first", "en", monkeypatch, change)
    assert "mediation cases:" not in text(ran)
    assert "mediation" not in ran.figures()["beside"]["csv"]
    assert "mediation" in page("05_disputes", "first", "en", monkeypatch).figures()["beside"]["csv"]


def test_a_table_says_what_each_rate_is_a_share_of(monkeypatch: pytest.MonkeyPatch) -> None:
    (table,) = [
        found
        for found in page("06_administration", "first", "en", monkeypatch).texts("table")
        if "Online rates" in found
    ]
    assert table.count("licensing items") == 2
    assert "application-based items of the whole area" in table


def test_acts_are_rated_by_residents_with_exact_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    (table,) = [
        found
        for found in page("06_administration", "first", "en", monkeypatch).texts("table")
        if "Acts per" in found
    ]
    assert re.search(r"Administrative coercion +7.69 +7.06–8.37", table)
    assert re.search(r"Administrative penalties +233 +230–237", table)
