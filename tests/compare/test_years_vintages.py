"""One fact in several sources is one row: what each gives, the one in use, and why it is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from data_folder import OTHER, REPORT, STATISTICS, DataFolder, fact, source

from analysis import compare, words
from analysis import panel as panels
from analysis.panel import Panel

RECEIVED = "reconsideration.received"
WHY = ("original", "more_reliable", "latest", "listed_first")


def found(folder: DataFolder) -> pd.DataFrame:
    """The vintages of Zhanjiang in the small folder."""
    return compare.vintages(panels.load(folder.write()), "440800")


def told_by(folder: DataFolder, value: str, source_id: str = OTHER, **cells: Any) -> DataFolder:
    """The folder with a second source of Zhanjiang's applications received in 2020."""
    folder.observations.append(fact("440800", 2020, RECEIVED, value, source_id, **cells))
    return folder


def test_facts_of_one_source_have_no_vintages(folder: DataFolder) -> None:
    assert found(folder).empty


@pytest.mark.parametrize("cells", [{"period": "ytd-11"}, {"scope": "own_level"}, {"unit_name": "某局"}])
def test_another_period_or_scope_is_another_fact(folder: DataFolder, cells: dict[str, str]) -> None:
    assert found(told_by(folder, "368", **cells)).empty


def test_sources_that_differ_are_shown_and_never_averaged(folder: DataFolder) -> None:
    rows = found(told_by(folder, "368"))
    assert set(zip(rows["source_id"], rows["printed"], strict=True)) == {(REPORT, "367"), (OTHER, "368")}
    assert rows["value"].tolist() == [float(text) for text in rows["printed"]]
    assert (set(rows["low"]), set(rows["high"]), rows["used"].sum()) == ({367}, {368}, 1)


def test_the_one_in_use_is_the_panels_own_choice(folder: DataFolder) -> None:
    loaded = panels.load(told_by(folder, "368").write())
    rows = compare.vintages(loaded, "440800")
    used = loaded.pick(loaded.facts("440800", 2020, [RECEIVED]))
    assert rows.index.name == "row"
    assert used.index.tolist() == rows.index[rows["used"]].tolist()


@pytest.mark.parametrize(
    ("second", "cells", "why"),
    [
        ({"published": "2022-03-01"}, {}, "latest"),
        ({"reliability": "press", "published": "2022-03-01"}, {}, "more_reliable"),
        ({"published": "2022-03-01"}, {"status": "U"}, "original"),
        ({"published": "2021-02-02"}, {}, "listed_first"),
    ],
)
def test_why_a_source_is_in_use(
    folder: DataFolder, second: dict[str, str], cells: dict[str, str], why: str
) -> None:
    folder.sources.append(source("440800-2021-other", **second))
    rows = found(told_by(folder, "367", "440800-2021-other", **cells))
    assert set(rows["picked"]) == {why}
    used = rows.loc[rows["used"], "source_id"].item()
    assert (used == "440800-2021-other") == (why == "latest")


def test_three_sources_stand_in_order_of_publication(folder: DataFolder) -> None:
    folder.sources.append(source("440800-2021-other", published="2020-12-01"))
    rows = found(told_by(told_by(folder, "367", "440800-2021-other"), "366", STATISTICS))
    assert rows["source_id"].iloc[0] == "440800-2021-other"
    assert rows["published"].is_monotonic_increasing
    assert (len(rows), rows["fact"].nunique()) == (3, 1)


@pytest.mark.parametrize("code", WHY)
def test_every_reason_has_words(code: str) -> None:
    assert words.label("picked", code, "en") != words.label("picked", code, "zh")


def test_vintages_of_the_repository_use_one_source_a_fact(panel: Panel) -> None:
    rows = compare.vintages(panel)
    facts = rows.groupby("fact")
    assert facts.ngroups > 100
    assert (facts["used"].sum() == 1).all()
    assert (facts["source_id"].nunique() > 1).all()
    assert set(rows.index) <= set(panel.observations.index)
