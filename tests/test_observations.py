"""A large panel is the same from its store as from its files, and the store is never believed for long."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from data_folder import REPORT, DataFolder, correction, fact

from analysis import compare, observations, store, tables
from analysis import panel as panels
from analysis.errors import DataError


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every panel is large enough for a store."""
    monkeypatch.setattr(observations, "STORED_FROM", 0)


def kept(folder: Path) -> Path:
    """Where the store of a data folder lies."""
    return folder.parent / ".refresh" / observations.STORE


def test_a_small_panel_has_no_store(folder: DataFolder) -> None:
    observations.load(folder.write())
    assert not kept(folder.path).exists()


@pytest.mark.usefixtures("stored")
def test_the_store_is_read_in_place_of_the_files(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = observations.load(folder.write())
    monkeypatch.setattr(tables, "read", lambda *_: pytest.fail("the files were read again"))
    pd.testing.assert_frame_equal(observations.load(folder.path), first)


@pytest.mark.usefixtures("stored")
def test_a_changed_cell_is_seen_though_size_and_time_are_the_same(folder: DataFolder) -> None:
    path = folder.write() / "observations" / "44.csv"
    before = observations.load(folder.path)
    then = path.stat()
    text = path.read_text("utf-8")
    path.write_text(text.replace(",367,", ",376,"), "utf-8")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert path.stat().st_size == then.st_size
    after = observations.load(folder.path)
    assert (before["value"] == 367).sum() == (after["value"] == 376).sum() == 1


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_a_damaged_store_is_made_again(folder: DataFolder, damage: bytes | None) -> None:
    first = observations.load(folder.write())
    path = kept(folder.path)
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    pd.testing.assert_frame_equal(observations.load(folder.path), first)
    assert path.stat().st_size > 1000


@pytest.mark.usefixtures("stored")
def test_a_store_of_other_rules_is_not_used(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    observations.load(folder.write())
    monkeypatch.setattr(observations, "_RULES", ("tables.py",))
    monkeypatch.setattr(store, "packed", lambda parts: pytest.fail("made again") if list(parts) else None)
    with pytest.raises(pytest.fail.Exception, match="made again"):
        observations.load(folder.path)


@pytest.mark.usefixtures("stored")
def test_files_that_change_while_they_are_read_leave_no_store(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(["before", "after"])
    monkeypatch.setattr(store, "key_of", lambda _: next(keys))
    assert len(observations.load(folder.write())) == len(folder.observations)
    assert not kept(folder.path).exists()


@pytest.mark.usefixtures("stored")
def test_a_row_that_breaks_a_rule_is_shown_and_never_stored(folder: DataFolder) -> None:
    folder.find(metric_id="reconsideration.revoked")["scope"] = "city"
    with pytest.raises(DataError, match="Each row must keep the rules of its table") as caught:
        observations.load(folder.write())
    assert "observations/44.csv:14: region_code=440800" in caught.value.message
    assert "a scope is one of" in caught.value.message
    assert not kept(folder.path).exists()


@pytest.mark.parametrize("action", ["flag", "override", "drop"])
def test_a_stored_panel_answers_as_one_from_files(
    folder: DataFolder, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.corrections = [correction(action, expected="272", value="268.5")]
    folder.observations.append(fact("440100", 2020, "reconsideration.received", "900", REPORT))
    plain = panels.load(folder.write())
    monkeypatch.setattr(observations, "STORED_FROM", 0)
    panels.load(folder.path)
    large = panels.load(folder.path)
    assert isinstance(large.table["metric_id"].dtype, pd.CategoricalDtype)
    some = plain.observations.index[[5, 2]].tolist()
    for ask in (
        lambda panel: panel.observations,
        lambda panel: panel.facts(year=2020, metrics=["reconsideration.received"], whole_area=True),
        lambda panel: panel.facts("440800", 2020, ["reconsideration.closed", "legal_aid.cases"]),
        lambda panel: panel.facts(year=[2019, 2020]),
        lambda panel: panel.rows([*some, 10_000]),
        lambda panel: panel.pick(panel.facts()),
        lambda panel: panel.narrowed(["440800"]).observations,
        lambda panel: compare.residents(panel, 2020),
        lambda panel: compare.series(panel, "440800"),
        lambda panel: (
            compare.cross_section(panel, "reconsideration.received", 2020, "440800", ("440100",)).rows
        ),
    ):
        pd.testing.assert_frame_equal(ask(large), ask(plain))
    assert large.years("440800") == plain.years("440800")
