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
    row = found(told_by(folder, "368")).iloc[0]
    assert set(zip(row["sources"], row["values"], strict=True)) == {(REPORT, "367"), (OTHER, "368")}
    assert (row["low"], row["high"], row["gap"]) == (367, 368, 1)
    assert (row["verdict"], row["reason"], row["n"]) == ("fail", "sources_differ", 2)
    assert row["picked"] in row["sources"]


def test_the_one_in_use_is_the_panels_own_choice(folder: DataFolder) -> None:
    loaded = panels.load(told_by(folder, "368").write())
    row = compare.vintages(loaded, "440800").iloc[0]
    used = loaded.pick(loaded.facts("440800", 2020, [RECEIVED]))
    assert used.index.tolist() == [row["picked_row"]]
    assert used["source_id"].item() == row["picked"]


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
    row = found(told_by(folder, "367", "440800-2021-other", **cells)).iloc[0]
    assert row["why"] == why
    assert (row["picked"] == "440800-2021-other") == (why == "latest")
    assert row["verdict"] == "pass"


def test_three_sources_are_one_row_in_order_of_publication(folder: DataFolder) -> None:
    folder.sources.append(source("440800-2021-other", published="2020-12-01"))
    told_by(told_by(folder, "367", "440800-2021-other"), "366", STATISTICS)
    row = found(folder).iloc[0]
    assert row["sources"][0] == "440800-2021-other"
    assert list(row["published"]) == sorted(row["published"])
    assert row["n"] == 3


@pytest.mark.parametrize("code", compare.WHY)
def test_every_reason_has_words(code: str) -> None:
    assert words.label("picked", code, "en") != words.label("picked", code, "zh")


def test_vintages_of_the_repository_hold_each_fact_once(panel: Panel) -> None:
    rows = compare.vintages(panel)
    assert len(rows) > 100
    assert not rows.duplicated(panels.FACT).any()
    assert (rows["sources"].map(lambda ids: len(set(ids))) > 1).all()
    assert set(rows["picked_row"]) <= set(panel.observations.index)
