"""Adopting a release never loses what was edited, added or removed by hand; a second time does nothing."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from data_folder import REPORT, DataFolder, Row, fact
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import accept, tables
from analysis.errors import DataError, InputError
from analysis.panel import Panel

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
METRICS = ["reconsideration.revoked", "reconsideration.modified", "reconsideration.closed"]


def write_release(folder: DataFolder, place: Path, observations: list[Row] | None = None) -> Path:
    """A release of the folder's tables, with other observations where given."""
    rows = {
        "metrics": folder.metrics,
        "regions": folder.regions,
        "sources": folder.sources,
        "observations": folder.observations if observations is None else observations,
    }
    place.mkdir(parents=True, exist_ok=True)
    for name, columns in accept.RELEASE.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[name])
    return place


def take_over(release: Path, data: Path) -> dict[str, int]:
    """Adopts a release and returns how many observations were in each state."""
    change = accept.compare(release, data)
    accept.apply(change, data)
    rows = accept.summary(change).set_index("table").loc["observations"]
    return {str(state): int(count) for state, count in rows.items() if count}


def values(data: Path) -> dict[str, str]:
    """The value of each metric of Zhanjiang 2020 as it stands in the data folder."""
    frame = tables.read(data / "observations" / "44.csv", tables.OBSERVATIONS)
    mine = frame[(frame["region_code"] == "440800") & (frame["year"] == "2020")]
    return dict(zip(mine["metric_id"], mine["value"], strict=True))


def contents(data: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path): path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}


@pytest.fixture
def adopted(folder: DataFolder, tmp_path: Path) -> Path:
    """The small folder, made from a release of itself."""
    folder.write()
    take_over(write_release(folder, tmp_path / "release"), folder.path)
    return folder.path


@pytest.mark.parametrize("name", sorted(accept.RELEASE))
def test_a_release_without_a_table_is_refused(folder: DataFolder, tmp_path: Path, name: str) -> None:
    release = write_release(folder, tmp_path / "release")
    (release / f"{name}.csv").unlink()
    with pytest.raises(InputError, match=f"The table {name}.csv must exist"):
        accept.compare(release, folder.write())


def test_a_release_with_a_key_twice_is_refused(folder: DataFolder, tmp_path: Path) -> None:
    twice = [folder.observations[0], {**folder.observations[0], "value": "1"}]
    release = write_release(folder, tmp_path / "release", twice)
    with pytest.raises(InputError, match="A key must stand in a table once"):
        accept.compare(release, folder.write())


def test_a_release_with_another_header_is_refused(folder: DataFolder, tmp_path: Path) -> None:
    release = write_release(folder, tmp_path / "release")
    path = release / "metrics.csv"
    path.write_text(path.read_text("utf-8").replace("label_en", "label"), encoding="utf-8")
    with pytest.raises(DataError, match=r"The header of metrics\.csv"):
        accept.compare(release, folder.write())


def test_comparing_writes_nothing(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    before = contents(adopted)
    accept.compare(write_release(folder, tmp_path / "next", folder.observations[:3]), adopted)
    assert contents(adopted) == before


def test_a_value_edited_by_hand_is_kept(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    folder.find(metric_id="reconsideration.revoked")["value"] = "85"
    folder.write()
    folder.find(metric_id="reconsideration.revoked")["value"] = "86"
    assert take_over(write_release(folder, tmp_path / "next"), adopted) == {"kept": 1}
    assert values(adopted)["reconsideration.revoked"] == "85"


def test_a_row_edited_by_hand_stays_when_the_release_drops_it(
    folder: DataFolder, adopted: Path, tmp_path: Path
) -> None:
    folder.find(metric_id="reconsideration.revoked")["value"] = "85"
    folder.write()
    rest = [row for row in folder.observations if row["metric_id"] != "reconsideration.revoked"]
    assert take_over(write_release(folder, tmp_path / "next", rest), adopted) == {"kept_gone": 1}
    assert values(adopted)["reconsideration.revoked"] == "85"


def test_a_row_removed_by_hand_does_not_come_back(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    release = write_release(folder, tmp_path / "next")
    folder.observations = [row for row in folder.observations if row["metric_id"] != METRICS[0]]
    folder.write()
    assert take_over(release, adopted) == {"left_out": 1}
    assert METRICS[0] not in values(adopted)


def test_a_row_added_by_hand_stays(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    release = write_release(folder, tmp_path / "next")
    folder.observations.append(fact("440800", 2020, "reconsideration.upheld", "112", REPORT))
    folder.write()
    assert take_over(release, adopted) == {}
    assert values(adopted)["reconsideration.upheld"] == "112"


def test_columns_that_only_data_has_are_kept(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    folder.metrics[0]["definition_en"] = "Everybody who lives there."
    folder.write()
    folder.metrics[0]["label_en"] = "Residents"
    accept.apply(accept.compare(write_release(folder, tmp_path / "next"), adopted), adopted)
    row = tables.read(adopted / "metrics.csv", tables.METRICS).iloc[0]
    assert (row["label_en"], row["definition_en"]) == ("Residents", "Everybody who lives there.")


def test_new_changed_and_gone_rows_follow_the_release(
    folder: DataFolder, adopted: Path, tmp_path: Path
) -> None:
    folder.find(metric_id="reconsideration.revoked")["value"] = "86"
    rows = [row for row in folder.observations if row["region_code"] != "110000"]
    rows = [*rows, fact("450900", 2019, "legal_aid.cases", "7", REPORT)]
    change = accept.compare(write_release(folder, tmp_path / "next", rows), adopted)
    shown = change.rows.set_index("state")
    assert shown.loc["changed", "detail"] == "value: 84 -> 86"
    accept.apply(change, adopted)
    assert values(adopted)["reconsideration.revoked"] == "86"
    assert not (adopted / "observations" / "11.csv").exists(), "a province without rows keeps no file"
    assert "legal_aid.cases" in (adopted / "observations" / "45.csv").read_text("utf-8")


def test_an_empty_data_folder_takes_all(folder: DataFolder, tmp_path: Path) -> None:
    release = write_release(folder, tmp_path / "release")
    data = tmp_path / "fresh"
    assert take_over(release, data) == {"new": len(folder.observations)}
    assert accept.summary(accept.compare(release, data)).drop(columns="table").to_numpy().sum() == 0


def test_what_a_person_saves_meanwhile_stays(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    with accept.staged(adopted) as copy:
        (copy / "sources.csv").write_text("new", "utf-8")
        (adopted / "metrics.csv").write_text("saved meanwhile", "utf-8")
        (adopted / "observations" / "99.csv").write_text("saved meanwhile", "utf-8")
        accept.put(copy, adopted)
    assert (adopted / "sources.csv").read_text("utf-8") == "new"
    assert (adopted / "metrics.csv").read_text("utf-8") == "saved meanwhile"
    assert (adopted / "observations" / "99.csv").exists()


def test_what_was_adopted_is_noted_last(adopted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = Path.replace

    def noting(path: Path, target: Path) -> Path:
        moved.append(Path(target).name)
        return replace(path, target)

    with accept.staged(adopted) as copy:
        for path in copy.rglob("*.csv"):
            path.write_text("new", "utf-8")
        monkeypatch.setattr(Path, "replace", noting)
        accept.put(copy, adopted)
    assert moved[-1] == "adopted.csv"
    assert moved.index("sources.csv") < moved.index("44.csv")


def test_a_stray_file_is_refused_and_stays(folder: DataFolder, adopted: Path, tmp_path: Path) -> None:
    stray = adopted / "observations" / "mine.csv"
    stray.write_text("notes", "utf-8")
    with pytest.raises(DataError, match="must"):
        accept.compare(write_release(folder, tmp_path / "release"), adopted)
    assert stray.exists()


ROWS = st.dictionaries(st.sampled_from(METRICS), st.sampled_from(["1", "2", "3"]))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, hand=ROWS, second=ROWS)
def test_a_merge_never_loses_a_hand_edit_and_is_idempotent(
    folder: DataFolder, tmp_path: Path, first: dict[str, str], hand: dict[str, str], second: dict[str, str]
) -> None:
    def rows(cells: dict[str, str]) -> list[Row]:
        anchor = fact("440800", 2020, "legal_aid.cases", "9", REPORT)
        return [anchor, *(fact("440800", 2020, key, value, REPORT) for key, value in sorted(cells.items()))]

    shutil.rmtree(folder.path, ignore_errors=True)
    take_over(write_release(folder, tmp_path / "first", rows(first)), folder.path)
    folder.observations = rows(hand)
    folder.write()
    release = write_release(folder, tmp_path / "second", rows(second))
    take_over(release, folder.path)
    merged = values(folder.path)
    for key in METRICS:
        by_hand = hand.get(key) != first.get(key)
        expected = hand.get(key) if by_hand else second.get(key)
        assert merged.get(key) == expected, f"{key}: {first.get(key)}, {hand.get(key)}, {second.get(key)}"
    once = contents(folder.path)
    accept.apply(accept.compare(release, folder.path), folder.path)
    assert contents(folder.path) == once


def test_adopting_writes_back_the_repositorys_own_bytes(data: Path, panel: Panel, tmp_path: Path) -> None:
    copy = shutil.copytree(data, tmp_path / "data")
    release = tmp_path / "release"
    release.mkdir()
    for name in ("regions", "sources"):
        shutil.copy(data / f"{name}.csv", release)
    metrics = tables.read(data / "metrics.csv", tables.METRICS)
    tables.write(metrics, release / "metrics.csv", accept.RELEASE["metrics"], ("metric_id",))
    parts = [tables.read(path, tables.OBSERVATIONS) for path in tables.files("observations", data)]
    lines = [part for part in parts if len(part)]
    header = ",".join(tables.OBSERVATIONS) + "\n"
    bodies = [path.read_text("utf-8").removeprefix(header) for path in tables.files("observations", data)]
    (release / "observations.csv").write_text(header + "".join(bodies), encoding="utf-8")
    assert sum(map(len, lines)) >= len(panel.observations)
    accept.apply(accept.compare(release, copy), copy)
    same = {
        path.relative_to(copy): path.read_bytes() == (data / path.relative_to(copy)).read_bytes()
        for path in copy.rglob("*.csv")
        if path.name != "adopted.csv"
    }
    assert all(same.values()), [str(path) for path, equal in same.items() if not equal]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the mined tables are not beside this checkout")
def test_the_mined_tables_are_adopted_in_full(data: Path) -> None:
    rows = accept.compare(SHARED, data).rows
    waiting = rows[rows["state"].isin(accept.WRITTEN)]
    assert waiting.to_dict("records") == []
