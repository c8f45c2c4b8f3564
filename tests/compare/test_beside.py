"""A figure stands beside its province and the nation: same year first, nothing across a change of rules."""

from __future__ import annotations

import pandas as pd
import pytest
from data_folder import OTHER, STATISTICS, DataFolder, fact

from analysis import compare
from analysis import panel as panels
from analysis.errors import InputError
from analysis.panel import Panel

RECEIVED, ACCEPTED = "reconsideration.received", "reconsideration.accepted"


def zhanjiang(folder: DataFolder, year: int = 2020) -> pd.DataFrame:
    """Zhanjiang's applications beside Guangdong's."""
    folder.observations.append(
        fact("440000", 2020, "context.population", "126012510", STATISTICS, period="at-2020-11-01")
    )
    return compare.beside(panels.load(folder.write()), "440800", year, [RECEIVED])


def test_zhanjiang_2020_stands_beside_the_cases_accepted_in_2019(panel: Panel) -> None:
    found = compare.beside(panel, "440800", 2020, [RECEIVED, ACCEPTED]).set_index("region_code")
    assert found.index.tolist() == ["440800", "440000", "000000"]
    assert found["rate"].round(2).tolist() == [5.26, 25.14, 13.0]
    assert found["year"].tolist() == [2020, 2019, 2019]
    assert found["metric_id"].tolist() == [RECEIVED, ACCEPTED, ACCEPTED]
    assert found["ratio"].isna().tolist() == [False, True, True], "received and accepted are unlike counts"
    assert all(len(rows) == 2 for rows in found["rows"]), "the count and the residents"
    assert found.loc["440800", ["lower", "upper"]].astype(float).round(2).tolist() == [4.73, 5.82]


def test_like_counts_of_one_year_have_a_ratio(panel: Panel) -> None:
    found = compare.beside(panel, "420100", 2020, [RECEIVED, ACCEPTED]).set_index("region_code")
    assert found.loc["420000", "year"] == 2020
    assert found.loc["420000", "ratio"] == pytest.approx(1.918, abs=0.001)


def test_a_share_is_not_rated_by_residents(panel: Panel) -> None:
    found = compare.beside(panel, "371100", 2017, ["litigation.loss_rate"])
    assert found["rate"].tolist() == [10.1]
    assert found["method"].iloc[0].startswith("Wilson")


def test_all_courts_of_an_area_are_the_whole_area(panel: Panel) -> None:
    found = compare.beside(panel, "330300", 2024, ["litigation.first_instance_filed"])
    assert found["scope"].tolist() == ["whole", "courts"]
    # one group of courts is not
    assert compare.beside(panel, "440100", 2022, ["litigation.first_instance_filed"]).empty


def test_a_province_has_the_nation_above_it_and_the_nation_nobody(panel: Panel) -> None:
    assert compare.beside(panel, "530000", 2024, [RECEIVED])["region_code"].tolist() == ["530000", "000000"]
    assert compare.beside(panel, "000000", 2024, [RECEIVED])["region_code"].tolist() == ["000000"]


def test_the_year_above_is_the_latest_before(folder: DataFolder) -> None:
    folder.observations.append(fact("440000", 2019, RECEIVED, "14000", STATISTICS))
    assert zhanjiang(folder)["year"].tolist() == [2020, 2020]


@pytest.mark.parametrize(("year", "met"), [(2017, 2), (2016, 1), (2021, 1)])
def test_more_than_three_years_back_or_a_later_year_is_refused(
    folder: DataFolder, year: int, met: int
) -> None:
    folder.observations = [
        {**row, "year": str(year)} if row["region_code"] == "440000" and row["metric_id"] == RECEIVED else row
        for row in folder.observations
    ]
    assert len(zhanjiang(folder)) == met


def test_a_change_of_the_rules_parts_the_years(folder: DataFolder) -> None:
    folder.observations.append(fact("440800", 2022, RECEIVED, "500", OTHER))
    # the province's figure is of 2020, the rules changed in 2021
    assert zhanjiang(folder, 2022)["region_code"].tolist() == ["440800"]


@pytest.mark.parametrize(
    "cells", [{"period": "ytd-06"}, {"scope": "own_level"}, {"unit_name": "某局", "scope": "department"}]
)
def test_what_may_not_be_compared_is_beside_nothing(folder: DataFolder, cells: dict[str, str]) -> None:
    folder.observations = [
        {**row, **cells} if row["region_code"] == "440800" and row["metric_id"] == RECEIVED else row
        for row in folder.observations
    ]
    assert zhanjiang(folder).empty


def test_a_count_without_residents_is_beside_nothing(folder: DataFolder) -> None:
    folder.observations = [row for row in folder.observations if row["metric_id"] != "context.population"]
    assert compare.beside(panels.load(folder.write()), "440800", 2020, [RECEIVED]).empty


def test_a_mistyped_metric_is_an_error(panel: Panel) -> None:
    with pytest.raises(InputError, match=RECEIVED.replace(".", r"\.")):
        compare.beside(panel, "440800", 2020, ["reconsideration.recieved"])


def test_widest_takes_the_area_before_a_part_and_a_year_before_months(panel: Panel) -> None:
    found = compare.widest(panel.pick(panel.facts("330300", 2024))).set_index("metric_id")
    assert found.loc[RECEIVED, "value"] == 8745
    assert found.index.is_unique
    nation = compare.widest(panel.pick(panel.facts("000000", 2024))).set_index("metric_id")
    assert nation.loc[RECEIVED, "period"] == "full"


def test_widest_leaves_departments_out(panel: Panel) -> None:
    found = compare.widest(panel.pick(panel.facts("420100", 2020)))
    assert "enforcement.penalties" not in set(found["metric_id"])


def test_clauses_name_year_and_stage(panel: Panel) -> None:
    rest = compare.beside(panel, "440800", 2020, [RECEIVED, ACCEPTED]).iloc[1:]
    assert (
        compare.against(panel, rest, 2020, "en")
        == "25.1 accepted in Guangdong in 2019 and 13.0 accepted in China in 2019"
    )
    assert compare.against(panel, rest, 2020, "zh") == "广东省2019年受理25.1，全国2019年受理13.0"
    same = compare.beside(panel, "420100", 2020, [RECEIVED]).iloc[1:]
    assert compare.against(panel, same, 2020, "en") == "9.39 in Hubei"
    assert compare.against(panel, same, 2020, "zh") == "湖北省为9.39"


def test_a_figure_of_months_or_a_part_says_so(panel: Panel) -> None:
    rows = panel.pick(panel.facts("440100", 2022)).set_index("metric_id")
    received = rows.loc[RECEIVED].rename(0)
    received["metric_id"] = RECEIVED
    assert compare.told(panel, received, "en") == "3,839 (January–June 2022)"
    assert compare.told(panel, received, "zh") == "3,839宗（2022年1—6月）"
    heads = rows.loc["litigation.head_appearances"].copy()
    heads["metric_id"] = "litigation.head_appearances"
    assert compare.told(panel, heads, "en") == "2,045 (courts)"
    assert compare.told(panel, heads, "zh") == "2,045宗（广州铁路运输两级法院）"


def test_pairs_name_the_count_and_who_stands_above(panel: Panel) -> None:
    frames = [
        compare.beside(panel, "440800", 2020, names) for names in ([RECEIVED, ACCEPTED], ["mediation.cases"])
    ]
    found = compare.paired(panel, frames)
    assert found["text"].tolist() == ["Guangdong 2019 (accepted)", "China 2019 (accepted)", "Guangdong 2020"]
    assert found["called"].nunique() == 2
    assert found["lower"].iloc[0] == frames[0]["lower"].iloc[0], "the region's own interval"
    assert compare.paired(panel, [frames[0].head(1), frames[0].iloc[:0]]).empty
