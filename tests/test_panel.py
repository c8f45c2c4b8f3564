"""The panel refuses what is no number or no longer guarded, picks sources by rule, and fills nothing."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import Any

import pytest
from data_folder import OTHER, REPORT, DataFolder, correction, fact, source
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import panel as panels
from analysis.catalog import RELIABILITY
from analysis.errors import DataError, InputError
from analysis.panel import Panel, fact_key


@pytest.mark.parametrize(
    ("column", "text"),
    [("value", "about 100"), ("value", ""), ("value", "3.4万"), ("value", "1,111"), ("resolution", "ten")],
)
def test_what_is_no_number_is_shown_with_file_and_line(folder: DataFolder, column: str, text: str) -> None:
    folder.find(metric_id="reconsideration.revoked")[column] = text
    with pytest.raises(DataError, match=f"Each {column} must be a plain number") as caught:
        panels.load(folder.write())
    assert "observations/44.csv:14: region_code=440800" in caught.value.message
    assert "metric_id=reconsideration.revoked" in caught.value.message


def test_a_year_that_is_no_number_is_refused(folder: DataFolder) -> None:
    folder.find(metric_id="reconsideration.revoked")["year"] = "2020年"
    with pytest.raises(DataError, match="Each year must be a plain number"):
        panels.load(folder.write())


@pytest.mark.parametrize("name", ["metrics", "regions", "peer_groups", "sources", "corrections"])
def test_each_missing_table_is_named(folder: DataFolder, name: str) -> None:
    (folder.write() / f"{name}.csv").unlink()
    with pytest.raises(DataError, match=f"The table {name}.csv must exist"):
        panels.load(folder.path)


def test_missing_identities_are_named(folder: DataFolder) -> None:
    (folder.write() / "identities.toml").unlink()
    with pytest.raises(DataError, match=r"identities\.toml must exist"):
        panels.load(folder.path)


def test_the_panel_kept_is_read_anew_when_bytes_differ(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = folder.write() / "observations" / "44.csv"
    monkeypatch.setenv("FAZHI_ROOT", str(folder.path.parent))
    kept = panels.latest().observations
    before = table.stat()
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("367", "763"), encoding="utf-8")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not panels.latest().observations["value"].equals(kept["value"])
    table.write_text(text.replace("367", "three"), encoding="utf-8")
    with pytest.raises(DataError, match="Each value must be a plain number"):
        panels.latest()


def test_a_caller_who_changes_the_kept_panel_changes_only_its_own(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write()
    monkeypatch.setenv("FAZHI_ROOT", str(folder.path.parent))
    mine = panels.latest().observations
    mine["value"] = 0.0
    mine.loc[mine.index[0], "metric_id"] = "nothing"
    assert panels.latest().observations.equals(panels.load(folder.path).observations)


def test_malformed_identities_say_the_line(folder: DataFolder) -> None:
    folder.identities = '[[sum]]\nid = "a"\ntotal =\n'
    with pytest.raises(DataError, match=r"identities\.toml must be TOML") as caught:
        panels.load(folder.write())
    assert "line 3" in caught.value.message


@pytest.mark.parametrize(
    "parts", ['readings = [["a.c"]]\nexhaustiv = true', "readings = [[]]\nexhaustive = true"]
)
def test_an_identity_of_a_misspelt_key_or_without_parts_is_refused(folder: DataFolder, parts: str) -> None:
    folder.identities = f'[[sum]]\nname = "a"\ntotal = "a.b"\n{parts}\n'
    with pytest.raises(DataError, match="must follow its form"):
        panels.load(folder.write())


@pytest.mark.parametrize("action", ["flag", "override", "drop"])
def test_a_correction_that_meets_no_row_is_refused(folder: DataFolder, action: str) -> None:
    folder.corrections = [correction(action, expected="273", value="1")]
    with pytest.raises(DataError, match="must meet a row with the expected value") as caught:
        panels.load(folder.write())
    assert "corrections.csv:2: region_code=440800" in caught.value.message
    assert "delete the correction, or write the value" in caught.value.message


def test_a_flag_leaves_the_value(folder: DataFolder) -> None:
    folder.corrections = [correction("flag", expected="272")]
    row = panels.load(folder.write()).facts("440800", 2020, ["reconsideration.closed"]).iloc[0]
    assert (row["correction"], row["value"], row["printed"]) == ("flag", 272, "272")


def test_an_override_replaces_value_and_digits_of_its_row_only(folder: DataFolder) -> None:
    folder.corrections = [correction("override", expected="272", value="268")]
    loaded = panels.load(folder.write())
    rows = loaded.facts("440800", metrics=["reconsideration.closed"])
    assert rows["value"].tolist() == [200, 268]
    assert rows["printed"].tolist() == ["200", "268"]
    assert rows["correction"].tolist() == ["", "override"]


def test_a_dropped_row_is_not_there(folder: DataFolder) -> None:
    before = len(folder.observations)
    folder.corrections = [correction("drop", expected="272")]
    loaded = panels.load(folder.write())
    assert len(loaded.observations) == before - 1
    assert loaded.facts("440800", 2020, ["reconsideration.closed"]).empty


def test_what_was_not_reported_is_not_there(folder: DataFolder) -> None:
    loaded = panels.load(folder.write())
    assert loaded.facts("440800", 2019, ["reconsideration.received"]).empty
    assert loaded.facts("450900", 2020, "legal_aid.cases").empty
    assert loaded.years("450900") == [], "context alone is no report"
    assert loaded.years("440800") == [2019, 2020]


def test_whole_area_leaves_out_departments(folder: DataFolder) -> None:
    folder.observations.append(
        fact("440800", 2020, "reconsideration.received", "5", REPORT, unit_name="某局", scope="department")
    )
    loaded = panels.load(folder.write())
    chosen = {"region": "440800", "year": 2020, "metrics": ["reconsideration.received"]}
    assert len(loaded.facts(**chosen)) == 2
    assert loaded.facts(**chosen, whole_area=True)["value"].tolist() == [367]


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"reliability": "press"}, {"reliability": "official"}, "2"),
        ({"reliability": "official", "published": "2021-02"}, {"published": "2021-05"}, "2"),
        ({"reliability": "dataset"}, {"reliability": "press", "published": "2025-01"}, "1"),
    ],
)
def test_the_most_reliable_then_the_latest_source_is_picked(
    folder: DataFolder, first: dict[str, str], second: dict[str, str], winner: str
) -> None:
    folder.sources += [source("440800-2021-a", **first), source("440800-2021-b", **second)]
    folder.observations += [
        fact("440800", 2018, "legal_aid.cases", "1", "440800-2021-a"),
        fact("440800", 2018, "legal_aid.cases", "2", "440800-2021-b"),
    ]
    loaded = panels.load(folder.write())
    picked = loaded.pick(loaded.facts("440800", 2018))
    assert picked["printed"].tolist() == [winner]


def test_a_copy_yields_to_any_original(folder: DataFolder) -> None:
    folder.sources.append(source("440800-2021-press", reliability="third_party"))
    folder.observations += [
        fact("440800", 2018, "legal_aid.cases", "1", REPORT, status="U"),
        fact("440800", 2018, "legal_aid.cases", "2", "440800-2021-press"),
    ]
    loaded = panels.load(folder.write())
    assert loaded.pick(loaded.facts("440800", 2018))["printed"].tolist() == ["2"]


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_picking_keeps_every_fact_once_and_never_prefers_the_less_reliable(
    panel: Panel, data: st.DataObject
) -> None:
    key = fact_key(panel.observations)
    repeated = panel.observations[key.duplicated(keep=False)]
    chosen = data.draw(st.lists(st.sampled_from(repeated.index.tolist()), min_size=1, unique=True))
    frame = panel.observations.loc[chosen]
    picked = panel.pick(frame)
    assert not fact_key(picked).duplicated().any()
    assert set(map(tuple, fact_key(picked).to_numpy())) == set(map(tuple, key.loc[chosen].to_numpy()))
    rank = {name: RELIABILITY.index(item.reliability) for name, item in panel.catalog.sources.items()}
    for label, row in picked.iterrows():
        rivals = frame[(key.loc[chosen] == key.loc[label]).all(axis=1)]
        assert (rivals["status"] != "U").any() <= (row["status"] != "U")
        equals = rivals[(rivals["status"] == "U") == (row["status"] == "U")]
        assert rank[row["source_id"]] == equals["source_id"].map(rank).min()


def test_a_whole_area_under_two_names_in_one_source_is_one_fact(folder: DataFolder) -> None:
    first = folder.find(region_code="440800", metric_id="reconsideration.received")
    folder.observations.append({**first, "scope_as_reported": "全市", "value": "376", "evidence": "376宗"})
    loaded = panels.load(folder.write())
    picked = loaded.pick(loaded.facts("440800", 2020, "reconsideration.received"))
    assert picked["printed"].tolist() == ["367"], "the row that stands first, on every page"


def test_parts_of_an_area_under_two_names_are_two_facts(folder: DataFolder) -> None:
    part = {"scope": "other", "scope_as_reported": "市政府"}
    folder.observations += [
        fact("440800", 2018, "legal_aid.cases", "1", REPORT, **part),
        fact("440800", 2018, "legal_aid.cases", "2", REPORT, **{**part, "scope_as_reported": "市直部门"}),
    ]
    loaded = panels.load(folder.write())
    assert sorted(loaded.pick(loaded.facts("440800", 2018))["printed"]) == ["1", "2"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"region": "Zhanjaing"}, "type 440800"),
        ({"region": "449900"}, "type 440000"),
        ({"region": "Yulin"}, "450900 (玉林市), 610800 (榆林市)"),
        ({"metrics": ["legal_aid.case"]}, "type legal_aid.cases"),
        ({"metrics": "legal_aid.case"}, "type legal_aid.cases"),
    ],
)
def test_a_typo_is_an_error_and_no_empty_frame(panel: Panel, asked: dict[str, Any], shown: str) -> None:
    with pytest.raises(InputError) as caught:
        panel.facts(**asked)
    assert shown in caught.value.message


def test_names_and_codes_ask_for_the_same(panel: Panel) -> None:
    label = panel.catalog.metrics["legal_aid.cases"].label_zh
    found = panel.facts("湛江", 2020, label)
    assert found.equals(panel.facts("440800", [2020], ["legal_aid.cases"]))
    assert found["printed"].tolist() == ["9453"]


def test_a_panel_without_a_city_holds_nothing_on_it(panel: Panel) -> None:
    fewer = panel.without("孝感市", "Zhanjiang")
    assert panel.facts("420900").shape[0] > 0
    assert fewer.facts("420900").empty
    assert fewer.facts("440800").empty
    assert fewer.facts("440100").equals(panel.facts("440100"))
    with pytest.raises(InputError, match="A city must be one of"):
        panel.without("孝甘市")


def test_metric_ids_are_completed(panel: Panel) -> None:
    assert panel.metrics.reconsideration.received == "reconsideration.received"
    assert "received" in dir(panel.metrics.reconsideration)
    with pytest.raises(AttributeError, match="recieved"):
        _ = panel.metrics.reconsideration.recieved


def test_a_panel_says_on_one_line_what_it_holds(panel: Panel) -> None:
    assert re.fullmatch(r"<Panel: [\d,]+ observations of \d+ regions, \d{4}–\d{4}; en>", repr(panel))
    assert len(panel._repr_html_()) < 400
    assert "&lt;Panel" in panel._repr_html_()
    assert "no years" in repr(replace(panel, observations=panel.observations.head(0)))


def test_the_repository_holds_what_the_first_refresh_promised(panel: Panel) -> None:
    frame = panel.observations
    assert len(frame) >= 3000
    assert frame["value"].notna().all()
    assert not frame["derived"].any(), "nothing derived is written to data/"
    report = frame[frame["source_id"] == REPORT]
    assert set(report["region_code"]) == {"440800"}
    assert report["year"].value_counts().to_dict() == {2020: 105, 2019: 2}
    assert not report["metric_id"].str.startswith("context.").any()


def test_what_the_report_of_zhanjiang_says(panel: Panel) -> None:
    facts = panel.facts("440800", 2020, whole_area=True)
    value = facts[facts["source_id"] == REPORT].set_index("metric_id")["value"]
    outcomes = ["revoked", "modified", "confirmed_illegal", "ordered_to_perform", "rejected", "upheld"]
    parts = [int(value[f"reconsideration.{name}"]) for name in [*outcomes, "terminated"]]
    assert parts == [84, 1, 7, 8, 19, 112, 37]
    assert (sum(parts), value["reconsideration.closed"]) == (268, 272)
    towns = [value[f"enforcement.town_powers_{name}"] for name in ("inspection", "penalty", "coercion")]
    assert sum(towns) == value["enforcement.town_powers_batch1"] == 4140
    assert value["services.online_rate"] == 91.33
    assert value["legal_services.model_stations_city"] == 36
    assert value["legal_services.model_stations_town"] == 232


def test_the_portals_items_are_not_the_citys_and_keep_their_step(panel: Panel) -> None:
    row = panel.facts("440800", 2020, ["oversight.website_posts"]).iloc[0]
    assert (row["value"], row["resolution"], row["qualifier"], row["scope"]) == (34000, 1000, "=", "other")
    assert panel.facts("440800", 2020, ["oversight.information_disclosed"]).empty


def test_the_ministrys_table_of_2019_adds_up_but_for_the_corps(panel: Panel) -> None:
    """The 32nd row is the Xinjiang corps, which has no region code and so no row here."""
    table = panel.facts(year=2019, metrics=["reconsideration.accepted"])
    table = table[table["source_id"] == "000000-2020-statistics"]
    parts = table[table["region_code"] != "000000"]
    total = table.loc[table["region_code"] == "000000", "value"].unique()
    assert len(parts) == 31
    assert total.item() == 183489
    assert parts["value"].sum() == 183489 - 146


def test_sources_of_the_small_folder_are_told_apart(folder: DataFolder) -> None:
    loaded = panels.load(folder.write())
    assert set(loaded.facts("440100", whole_area=True)["source_id"]) == {OTHER, "440000-2021-statistics"}
