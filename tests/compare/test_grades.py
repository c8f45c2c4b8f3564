"""A figure gets grade C for each hazard that applies to it, and one more hazard never betters a grade."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from data_folder import REPORT, STATISTICS, DataFolder, fact, metric, source
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import compare, words
from analysis import panel as panels
from analysis.catalog import Catalog
from analysis.compare import grades
from analysis.compare.changes import REASONS as PAIR_REASONS
from analysis.panel import Panel

ORDER = {"A": 0, "B": 1, "C": 2}
RATE = "reconsideration.correction_rate"
COUNT = "reconsideration.received"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = DataFolder(tmp_path_factory.mktemp("grades") / "data")
    folder.metrics += [
        metric("assessment.rank", "名次", "rank", comparable="with_care"),
        metric("capacity.staff", "人", "stock"),
        metric("oversight.disclosure_requests", "件", "count"),
        metric("services.list", "项", "stock", comparable="no"),
    ]
    folder.metrics.sort(key=lambda row: row["metric_id"])
    folder.sources += [source("440800-2021-disclosure", kind="disclosure_report")]
    return panels.load(folder.write()).catalog


def graded(
    catalog: Catalog, *bases: tuple[str, int, str, str], scope: str = "whole", **cells: Any
) -> pd.Series:
    """The grade and reasons of one figure."""
    row = fact("440800", 2020, COUNT, "367", REPORT) | {"year": 2020} | cells
    return compare.grade(pd.DataFrame([row]), catalog, scope, bases).iloc[0]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"period": "ytd-11"}, "part_year"),
        ({"period": "cumulative"}, "cumulative"),
        ({"period": "span-2018-01..2020-12"}, "other_period"),
        ({"scope": "own_level"}, "scope_differs"),
        ({"metric_id": RATE, "value": 36.7}, "base_unstated"),
        ({"metric_id": RATE, "value": 99.0}, "saturated"),
        ({"metric_id": "assessment.rank", "value": 4}, "scored_elsewhere"),
        ({"metric_id": "services.list", "period": "year_end"}, "not_comparable"),
        ({"metric_id": "capacity.staff", "period": "ytd-11"}, "other_period"),
        ({"status": "P"}, "provisional"),
        ({"status": "E"}, "estimated"),
    ],
)
def test_each_hazard_gives_grade_c_and_its_reason(
    catalog: Catalog, cells: dict[str, Any], reason: str
) -> None:
    row = graded(catalog, **cells)
    assert row["grade"] == "C"
    assert reason in row["reasons"]


@pytest.mark.parametrize(
    ("scope", "label", "mine", "differs"),
    [
        ("courts", "某铁路法院", "全市法院", True),
        ("courts", "全市两级法院", "全省法院", False),
        ("courts", "某铁路法院", "某铁路法院", False),
        ("other", "省政府部门", "16个州市", True),
        ("whole", "全市", "全区", False),
    ],
)
def test_courts_and_parts_are_one_scope_only_in_the_same_words(
    catalog: Catalog, scope: str, label: str, mine: str, differs: bool
) -> None:
    row = fact("440100", 2020, COUNT, "9", REPORT) | {"year": 2020, "scope": scope}
    frame = pd.DataFrame([row | {"scope_as_reported": label}])
    own = grades.part_of(frame.assign(scope_as_reported=mine))
    reasons = compare.grade(frame, catalog, scope, (), own).iloc[0]["reasons"]
    assert reasons == (("scope_differs",) if differs else ())


@pytest.mark.parametrize("code", sorted({*compare.REASONS, *PAIR_REASONS}))
def test_every_reason_has_words_in_both_languages(code: str) -> None:
    english, chinese = words.label("reason", code, "en"), words.label("reason", code, "zh")
    assert english.isascii() or "’" in english
    assert not chinese.isascii()


def test_a_count_of_a_full_year_is_grade_b(catalog: Catalog) -> None:
    row = graded(catalog)
    assert (row["grade"], row["reasons"]) == ("B", ())


@pytest.mark.parametrize("period", ["year_end", "at-2020-06-30", "full", "cumulative"])
def test_a_stock_may_be_of_any_date(catalog: Catalog, period: str) -> None:
    assert graded(catalog, metric_id="capacity.staff", period=period)["grade"] == "B"


def test_a_base_is_stated_for_the_same_place_year_and_scope_only(catalog: Catalog) -> None:
    base = ("440800", 2020, "whole", "reconsideration.closed")
    cells = {"metric_id": RATE, "value": 36.7}
    assert graded(catalog, base, **cells)["grade"] == "B"
    for other in (("440100", *base[1:]), (base[0], 2019, *base[2:]), (*base[:2], "own_level", base[3])):
        assert graded(catalog, other, **cells)["reasons"] == ("base_unstated",)


def test_the_national_form_and_official_population_are_grade_a(catalog: Catalog) -> None:
    form = {"metric_id": "oversight.disclosure_requests", "source_id": "440800-2021-disclosure"}
    assert graded(catalog, **form)["grade"] == "A"
    assert graded(catalog, metric_id="oversight.disclosure_requests")["grade"] == "B"
    people = {"metric_id": "context.population", "source_id": STATISTICS, "period": "year_end"}
    assert graded(catalog, **people)["grade"] == "A"
    assert graded(catalog, **people, status="U")["grade"] == "B"


@settings(max_examples=30, deadline=None)
@given(
    cells=st.fixed_dictionaries(
        {
            "metric_id": st.sampled_from([COUNT, RATE, "capacity.staff", "services.list", "assessment.rank"]),
            "period": st.sampled_from(["full", "ytd-11", "cumulative", "year_end", "span-2018-01..2020-12"]),
            "scope": st.sampled_from(["whole", "own_level", "other"]),
            "value": st.sampled_from([1.0, 50.0, 99.5]),
        }
    ),
    worse=st.sampled_from([{"scope": "department"}, {"period": "span-2001-01..2002-01"}, {"status": "U"}]),
)
def test_one_more_hazard_never_betters_a_grade(
    catalog: Catalog, cells: dict[str, Any], worse: dict[str, Any]
) -> None:
    row = graded(catalog, **cells)
    assert (row["grade"] == "C") == bool(row["reasons"])
    assert set(row["reasons"]) <= set(compare.REASONS)
    assert list(row["reasons"]) == sorted(row["reasons"], key=compare.REASONS.index)
    assert ORDER[graded(catalog, **{**cells, **worse})["grade"]] >= ORDER[row["grade"]]


def test_grading_keeps_rows_order_and_columns(panel: Panel) -> None:
    facts = panel.facts("440800", 2020)
    rows = compare.grade(facts, panel.catalog, "whole", compare.bases(facts))
    pd.testing.assert_frame_equal(rows.drop(columns=["grade", "reasons"]), facts)
    assert ((rows["grade"] == "C") == rows["reasons"].map(bool)).all()


@pytest.mark.parametrize(
    ("metric_id", "reasons"),
    [
        ("services.hall_cases", {"part_year", "scope_differs"}),
        ("services.process_optimised_rate", {"saturated"}),
        ("legal_aid.provincial_rank", {"scored_elsewhere"}),
        ("services.full_online_rate", {"base_unstated", "scope_differs"}),
    ],
)
def test_what_may_not_be_compared_of_zhanjiang(panel: Panel, metric_id: str, reasons: set[str]) -> None:
    facts = panel.facts("440800", 2020)
    rows = compare.grade(facts, panel.catalog, "whole", compare.bases(facts))
    row = rows[rows["metric_id"] == metric_id].iloc[0]
    assert row["grade"] == "C"
    assert reasons & set(row["reasons"])
