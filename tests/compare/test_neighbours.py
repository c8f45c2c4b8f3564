"""Neighbours are told by context of one year alone; who lacks a figure is listed and never imputed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_folder import STATISTICS, DataFolder, fact, group, metric, region

from analysis import compare, words
from analysis import panel as panels
from analysis.compare.neighbours import DIMENSIONS
from analysis.errors import InputError
from analysis.panel import Panel

CITIES = [f"35{number:02d}00" for number in range(1, 12)]
CONTEXT = {
    "context.population": (3_000_000, 1.1),
    "context.gdp": (1_500, 1.25),
    "context.township_divisions": (600, 1.02),
}
"""The figure of the first city, and by how much each city's exceeds the one before."""


@pytest.fixture
def twelve(folder: DataFolder) -> DataFolder:
    """Eleven cities and Zhanjiang with all context of 2020, the further down the larger."""
    folder.metrics += [
        metric("context.gdp", "亿元", "count", period_rule="flow"),
        metric("context.township_divisions", "个", "stock", period_rule="stock"),
    ]
    folder.metrics.sort(key=lambda row: row["metric_id"])
    people = folder.find(region_code="440800", metric_id="context.population")
    folder.observations.remove(people)
    folder.regions.append(region("350000", "福建省", "Fujian", "province", "000000"))
    folder.regions += [region(code, f"市{code}", f"City {code}", "prefecture", "350000") for code in CITIES]
    for place, code in enumerate(["440800", *CITIES]):
        for name, (first, step) in CONTEXT.items():
            figure = str(int(first * step**place))
            period = "full" if name == "context.gdp" else "year_end"
            folder.observations.append(fact(code, 2020, name, figure, STATISTICS, period=period))
    return folder


def neighbours(table: pd.DataFrame) -> tuple[str, ...]:
    """The codes of the regions that a table calls neighbours."""
    return tuple(table.loc[table["neighbour"], "region_code"])


def test_fewer_than_ten_with_all_context_are_nobodys_neighbours(twelve: DataFolder) -> None:
    for code in CITIES[:3]:
        twelve.observations.remove(twelve.find(region_code=code, metric_id="context.gdp"))
    loaded = panels.load(twelve.write())
    table = compare.nearest(loaded, "440800", 2020)
    assert neighbours(table) == ()
    assert table["distance"].isna().all()
    assert table["reasons"].iloc[0] == ("few_with_context",)
    with pytest.raises(InputError, match="fewer than ten cities have all context figures"):
        compare.group(loaded, "nearest", "440800", 2020)


def test_a_focus_without_context_has_no_neighbours(twelve: DataFolder) -> None:
    twelve.observations.remove(twelve.find(region_code="440800", metric_id="context.gdp"))
    table = compare.nearest(panels.load(twelve.write()), "440800", 2020)
    assert table["reasons"].iloc[0] == ("lacks_gdp_per_head", "focus_lacks_context")
    assert neighbours(table) == ()


def test_a_city_that_lacks_a_figure_is_listed_and_not_imputed(twelve: DataFolder) -> None:
    twelve.observations.remove(twelve.find(region_code="350100", metric_id="context.gdp"))
    table = compare.nearest(panels.load(twelve.write()), "440800", 2020).set_index("region_code")
    row = table.loc["350100"]
    assert row["reasons"] == ("lacks_gdp_per_head",)
    assert (np.isnan(row["distance"]), row["neighbour"], len(row["rows"])) == (True, False, 2)
    assert table["n"].unique().tolist() == [11]
    assert table["residents"].notna()["350100"]


def test_context_of_another_year_is_said_and_too_distant_years_are_not_used(twelve: DataFolder) -> None:
    loaded = panels.load(twelve.write())
    table = compare.nearest(loaded, "440800", 2022)
    assert neighbours(table)
    assert set(table["context_year"]) == {2020}
    assert neighbours(compare.nearest(loaded, "440800", 2023)) == ()


def test_outcomes_never_enter_the_distance(twelve: DataFolder) -> None:
    before = compare.nearest(panels.load(twelve.write()), "440800", 2020)["distance"].tolist()[:12]
    for place, code in enumerate(CITIES):
        received = str(10 ** (place % 4 + 1))
        twelve.observations.append(fact(code, 2020, "reconsideration.received", received, STATISTICS))
    after = compare.nearest(panels.load(twelve.write()), "440800", 2020)["distance"].tolist()[:12]
    assert before == after


def test_the_nearest_come_first_by_the_distance_of_z_scored_logarithms(twelve: DataFolder) -> None:
    table = compare.nearest(panels.load(twelve.write()), "440800", 2020, count=4)
    assert neighbours(table) == tuple(CITIES[:4]), "every figure grows from city to city"
    assert table["region_code"].iloc[0] == "440800"
    logs = np.log(table[list(DIMENSIONS)].dropna())
    scores = (logs - logs.mean()) / logs.std(ddof=0)
    gaps = scores - scores.iloc[0]
    assert len(scores) == 12
    assert table["distance"].iloc[:12].tolist() == pytest.approx(np.sqrt((gaps**2).sum(axis=1)).tolist())
    assert table["distance"].iloc[:12].is_monotonic_increasing


@pytest.mark.parametrize(
    ("name", "focus", "codes"),
    [
        ("province", "440800", {"440100", "440800"}),
        ("province", "440000", {"110000", "440000"}),
        ("all", "110105", {"110105"}),
        ("guangdong", "450900", {"440100", "440800"}),
    ],
)
def test_a_group_has_the_regions_of_its_name(
    folder: DataFolder, name: str, focus: str, codes: set[str]
) -> None:
    assert set(compare.group(panels.load(folder.write()), name, focus, 2020)) == codes


@pytest.mark.parametrize(
    ("name", "focus", "advice"),
    [
        ("guangdong", "110105", "the peers province or all"),
        ("guangdong", "440000", "the peers provinces"),
        ("guangdong", "000000", "all: it then stands alone"),
    ],
)
def test_a_group_of_another_level_is_refused(folder: DataFolder, name: str, focus: str, advice: str) -> None:
    with pytest.raises(InputError, match="is compared with its like") as caught:
        compare.group(panels.load(folder.write()), name, focus, 2020)
    assert advice in caught.value.message


def test_members_of_another_level_are_no_peers(folder: DataFolder) -> None:
    folder.peer_groups += group("mixed", "440100", "440800", "440000", "110105")
    loaded = panels.load(folder.write())
    assert set(compare.group(loaded, "mixed", "440800", 2020)) == {"440100", "440800"}
    assert compare.group(loaded, "mixed", "440000", 2020) == ("440000",)
    assert compare.group(loaded, "all", "000000", 2020) == ("000000",)


def test_an_unknown_group_is_refused_with_what_is_near(folder: DataFolder) -> None:
    with pytest.raises(InputError, match="type nearest"):
        compare.group(panels.load(folder.write()), "nearst", "440800", 2020)


def test_the_neighbours_of_zhanjiang_are_ten_cities_of_its_level(panel: Panel) -> None:
    codes = compare.group(panel, "nearest", "440800", 2020)
    assert codes[0] == "440800"
    assert len(codes) == 11
    assert {panel.catalog.regions[code].level for code in codes} == {"prefecture"}
    table = compare.nearest(panel, "440800", 2020).set_index("region_code")
    assert table.loc["440800", "gdp_per_head"] == pytest.approx(44_408, abs=1)
    assert {row for rows in table.loc[list(codes), "rows"] for row in rows} <= set(panel.observations.index)
    assert table.loc["440800", ["name", "province"]].tolist() == ["Zhanjiang", "Guangdong"]
    assert "440100" not in codes, "Guangzhou is larger and richer by far"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_of_the_table_has_words(twelve: DataFolder, language: str) -> None:
    for code in CITIES[:3]:
        twelve.observations.remove(twelve.find(region_code=code, metric_id="context.township_divisions"))
    table = compare.nearest(panels.load(twelve.write()), "440800", 2020)
    for code in {code for reasons in table["reasons"] for code in reasons}:
        assert words.label("reason", code, "zh" if language == "zh" else "en")
