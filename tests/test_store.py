"""A store gives back the frame that was put in, or nothing: never another's, a part, or what it would run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import store

PARTS = [
    pd.DataFrame({"place": ["湛江", ""], "value": [1.5, np.nan], "line": [2, 3], "derived": [False, True]}),
    pd.DataFrame({"place": ["two\nlines", "湛江"], "value": [0.0, -1.0], "line": [2, 9], "derived": False}),
]
WHOLE = pd.concat(PARTS, ignore_index=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with the parts above under the key `k`."""
    path = tmp_path / "deep" / "kept.npz"
    assert store.write(store.packed(PARTS), path, "k")
    return path


def left(path: Path) -> list[str]:
    """The names of the files beside a store."""
    return [item.name for item in path.parent.iterdir()]


def test_what_was_put_in_comes_out(path: Path) -> None:
    found = store.read(path, "k")
    assert found is not None
    pd.testing.assert_frame_equal(store.unpacked(found), WHOLE)
    pd.testing.assert_frame_equal(store.taken(found, np.array([3, 0])), WHOLE.iloc[[3, 0]])


def test_a_column_of_many_texts_comes_out_as_text(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_CATEGORIES", 2)
    found = store.read(path, "k")
    assert found is not None
    pd.testing.assert_frame_equal(found, WHOLE)


def test_another_key_and_a_missing_file_give_nothing(path: Path) -> None:
    assert store.read(path, "other") is None
    assert store.read(path.with_name("none.npz"), "k") is None


@pytest.mark.parametrize("size", [0, 1, 100, -1])
def test_a_file_cut_short_gives_nothing(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    assert store.read(path, "k") is None


def test_a_changed_byte_anywhere_gives_nothing_or_the_same(path: Path) -> None:
    sound = path.read_bytes()
    refused = 0
    for place in range(0, len(sound), 13):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :])
        found = store.read(path, "k")
        refused += found is None
        if found is not None:
            pd.testing.assert_frame_equal(store.unpacked(found), WHOLE)
    assert refused > 20


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "texts:place": np.frombuffer(b"one", dtype=np.uint8),
            "codes:place": np.array([0, 1], dtype=np.int8),
        },
        {"texts:place": np.frombuffer(b"a\0a", dtype=np.uint8), "codes:place": np.array([0], dtype=np.int8)},
        {"texts:place": np.frombuffer(b"\xff", dtype=np.uint8), "codes:place": np.array([0], dtype=np.int8)},
        {"codes:place": np.array([0], dtype=np.int8)},
        {"numbers:value": np.array([1.0]), "numbers:line": np.array([1, 2])},
        {"numbers:value": np.array([print], dtype=object)},
    ],
)
def test_contents_that_do_not_fit_give_nothing(path: Path, wrong: dict[str, np.ndarray]) -> None:
    np.savez(path, key=np.array(["k", *wrong]), **wrong)  # type: ignore[arg-type]
    assert store.read(path, "k") is None


def test_a_text_with_the_separator_is_not_written(path: Path) -> None:
    frame = store.packed([pd.DataFrame({"place": [f"a{store.SEPARATOR}b"]})])
    assert not store.write(frame, path, "new")
    assert store.read(path, "k") is not None
    assert left(path) == ["kept.npz"]


def test_a_disk_that_refuses_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not store.write(store.packed(PARTS), tmp_path / "file" / "kept.npz", "k")


def test_what_a_killed_process_left_is_removed(path: Path) -> None:
    path.with_name("kept.npz.abc").write_text("half")
    assert store.write(store.packed(PARTS), path, "k")
    assert left(path) == ["kept.npz"]


def test_readers_and_writers_at_once_see_one_whole_frame_or_nothing(path: Path) -> None:
    frame = store.packed(PARTS)

    def work(number: int) -> bool:
        if number % 2:
            store.write(frame, path, "k")
        found = store.read(path, "k")
        return found is not None and store.unpacked(found).equals(WHOLE)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(40)))
    assert left(path) == ["kept.npz"]


def test_the_key_tells_names_bytes_and_order_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    keys = [store.key_of([one, two]), store.key_of([two, one]), store.key_of([one])]
    two.write_text("c")
    assert len({*keys, store.key_of([one, two])}) == 4


def test_only_a_packed_column_needs_to_admit_new_texts() -> None:
    frame = store.packed(PARTS)
    admitted = store.admitting(frame["place"], ["湛江", "new"])
    admitted.iloc[0] = "new"
    assert admitted.tolist() == ["new", "", "two\nlines", "湛江"]
