"""Provinces stand among provinces; the year of a section is the one that was asked for."""

from __future__ import annotations

import pytest
from data_folder import STATISTICS, DataFolder, fact

from analysis import compare
from analysis import panel as panels
from analysis.errors import InputError
from analysis.panel import Panel

ACCEPTED = "reconsideration.accepted"


def test_the_nation_lies_in_no_province(panel: Panel) -> None:
    with pytest.raises(InputError, match="province"):
        compare.province_of(panel, "000000")


def test_an_unknown_level_is_refused(panel: Panel) -> None:
    with pytest.raises(InputError, match="type province"):
        compare.latest_with(panel, ACCEPTED, "provinces", 2020)


def test_too_few_regions_are_no_year(panel: Panel) -> None:
    assert compare.latest_with(panel, ACCEPTED, "province", 2018) is None
    assert compare.latest_with(panel, ACCEPTED, "province", 2020, fewest=100) is None


def test_figures_of_grade_c_are_no_table(folder: DataFolder) -> None:
    folder.find(region_code="440000", metric_id="reconsideration.received")["period"] = "ytd-11"
    loaded = panels.load(folder.write())
    assert compare.latest_with(loaded, "reconsideration.received", "province", 2020, fewest=1) == 2020
    assert compare.latest_with(loaded, "reconsideration.received", "province", 2020, fewest=2) is None


def test_a_city_is_among_the_provinces_by_its_own(folder: DataFolder) -> None:
    folder.observations.append(fact("000000", 2020, "reconsideration.received", "300000", STATISTICS))
    loaded = panels.load(folder.write())
    rows = compare.provinces(loaded, "reconsideration.received", 2020, "440800").rows
    assert rows.set_index("region_code")["role"].to_dict() == {
        "000000": "context",
        "110000": "peer",
        "440000": "focus",
    }


def test_the_nation_may_be_the_common_rate(folder: DataFolder) -> None:
    census = {"period": "at-2020-11-01"}
    folder.observations += [
        fact("000000", 2020, "reconsideration.received", "300000", STATISTICS),
        fact("000000", 2020, "context.population", "1400000000", STATISTICS, **census),
        fact("110000", 2020, "context.population", "21893095", STATISTICS, **census),
        fact("440000", 2020, "context.population", "126012510", STATISTICS, **census),
    ]
    loaded = panels.load(folder.write())
    section = compare.provinces(loaded, "reconsideration.received", 2020, "440800")
    pooled, national = compare.funnel(loaded, section), compare.funnel(loaded, section, nation=True)
    assert (pooled.reference_kind, national.reference_kind) == ("pooled", "nation")
    assert national.reference == pytest.approx(300_000 / 14_000)
    assert pooled.reference == pytest.approx(24_000 / 1479.05605)
    assert "000000" not in set(national.rows["region_code"])


def test_the_ministrys_table_of_2019_has_all_provinces(panel: Panel) -> None:
    assert compare.latest_with(panel, ACCEPTED, "province", 2020) == 2019
    section = compare.provinces(panel, ACCEPTED, 2019, "440800")
    found = compare.funnel(panel, section, nation=True)
    assert len(found.used) == 31
    assert found.reference_kind == "nation", "the ministry's total, the Corps in it"
    assert found.used["count"].sum() == 183_489 - 146, "the printed total without the Corps"
    assert found.used.set_index("region_code").loc["440000", "count"] == 31_392
