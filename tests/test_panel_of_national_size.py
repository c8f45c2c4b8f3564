"""A large panel is the same from its copy as from its files, and the copy is never believed for long."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from data_folder import REPORT, DataFolder, correction, fact

from analysis import panel as panels
from analysis import tables


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every panel is large enough for a copy."""
    pytest.importorskip("pyarrow", reason="the extra `national` is not installed")
    monkeypatch.setattr(panels, "LARGE", 0)


def copies(folder: Path) -> list[Path]:
    """What lies beside a data folder."""
    return sorted((folder.parent / ".refresh").glob("*"))


def test_a_small_panel_has_no_copy(folder: DataFolder) -> None:
    panels.reported(folder.write())
    assert copies(folder.path) == []


def test_without_pyarrow_a_large_panel_is_read_as_a_small_one(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = panels.reported(folder.write())
    monkeypatch.setattr(panels, "LARGE", 0)
    monkeypatch.setattr(panels, "find_spec", lambda _: None)
    pd.testing.assert_frame_equal(panels.reported(folder.path), small)
    assert copies(folder.path) == []


@pytest.mark.usefixtures("large")
def test_the_copy_is_read_in_place_of_the_files(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = panels.reported(folder.write())
    monkeypatch.setattr(tables, "read", lambda *_: pytest.fail("the files were read again"))
    pd.testing.assert_frame_equal(panels.reported(folder.path), first, check_categorical=False)


@pytest.mark.usefixtures("large")
def test_a_changed_cell_is_seen_though_size_and_time_are_the_same(folder: DataFolder) -> None:
    path = folder.write() / "observations" / "44.csv"
    before = panels.reported(folder.path)
    then = path.stat()
    text = path.read_text("utf-8")
    path.write_text(text.replace(",367,", ",376,"), "utf-8")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert path.stat().st_size == then.st_size
    after = panels.reported(folder.path)
    assert (before["value"] == 367).sum() == (after["value"] == 376).sum() == 1
    assert len(copies(folder.path)) == 1, "the old copy is gone"


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("damage", [b"", b"no Arrow", None])
def test_a_damaged_copy_is_made_again(folder: DataFolder, damage: bytes | None) -> None:
    first = panels.reported(folder.write())
    (path,) = copies(folder.path)
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    pd.testing.assert_frame_equal(panels.reported(folder.path), first, check_categorical=False)
    assert path.stat().st_size > 1000


@pytest.mark.usefixtures("large")
def test_a_disk_that_refuses_costs_the_copy_only(folder: DataFolder) -> None:
    folder.write()
    (folder.path.parent / ".refresh").write_text("a file is in the way", encoding="utf-8")
    assert len(panels.reported(folder.path)) == len(folder.observations)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("action", ["flag", "override", "drop"])
def test_a_large_panel_answers_as_a_small_one(
    folder: DataFolder, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.corrections = [correction(action, expected="272", value="268.5")]
    folder.observations.append(fact("440100", 2020, "reconsideration.received", "900", REPORT))
    held = panels.load(folder.write())
    monkeypatch.setattr(panels, "LARGE", 10**9)
    plain = panels.load(folder.path)
    assert isinstance(held.observations["metric_id"].dtype, pd.CategoricalDtype)
    for ask in (
        lambda panel: panel.facts(),
        lambda panel: panel.facts(year=2020, metrics=["reconsideration.received"], whole_area=True),
        lambda panel: panel.facts("440800", 2020, ["reconsideration.closed", "legal_aid.cases"]),
        lambda panel: panel.facts(year=[2019, 2020]),
        lambda panel: panel.pick(panel.facts()),
        lambda panel: panel.without("440800").facts(),
    ):
        pd.testing.assert_frame_equal(ask(held), ask(plain))
    assert held.years("440800") == plain.years("440800")
