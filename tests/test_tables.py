"""A table that is missing, broken or short of a cell stops the reader with its file and line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import tables
from analysis.errors import DataError

COLUMNS = ("key", "text")
CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters='",\n 湛江—'),
    max_size=12,
)


def write(path: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The table regions\.csv must exist") as caught:
        tables.read(tmp_path / "regions.csv", COLUMNS)
    assert "restore it from git" in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "rule", "shown"),
    [
        ("", "The header of t.csv", "key, text"),
        ("key,txt\n", "The header of t.csv", "for 'txt', type text"),
        ("text,key\n", "The header of t.csv", "in this order: key, text"),
        ("key,text,more\n", "The header of t.csv", "for 'more', give the file exactly these columns"),
        ("key,text\na,b\nc\n", "Each row of t.csv must have 2 cells", "t.csv:3: 1 cells: c"),
        ("key,text\na,b,c\n", "Each row of t.csv must have 2 cells", "t.csv:2: 3 cells: a,b,c"),
        ("key,text\na,b\n\nc,d\n", "Each row of t.csv must have 2 cells", "t.csv:3: 0 cells"),
        ('key,text\n"a"b,c\n', "well-formed CSV", "mend the quotes"),
        ('key,text\n"a,b\n', "well-formed CSV", "mend the quotes"),
        ("key,text\na,b\n广,b\n".encode("gb18030"), "must be UTF-8", "t.csv:3: invalid"),
    ],
    ids=["empty", "typo", "order", "more", "short", "long", "blank", "quote", "unclosed", "gbk"],
)
def test_a_broken_table_is_refused(tmp_path: Path, content: str | bytes, rule: str, shown: str) -> None:
    with pytest.raises(DataError) as caught:
        tables.read(write(tmp_path / "t.csv", content), COLUMNS)
    assert rule in caught.value.rule
    assert shown in caught.value.message


def test_csv_errors_say_the_line(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        tables.read(write(tmp_path / "t.csv", 'key,text\na,b\n"c"d,e\n'), COLUMNS)
    assert "t.csv:3" in caught.value.message


def test_no_observation_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one file a province"):
        tables.files("observations", tmp_path)


def test_every_cell_stays_text_and_knows_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'key,text\n007,"two\nlines"\n1e3,NA\n')
    frame = tables.read(path, COLUMNS)
    assert frame["key"].tolist() == ["007", "1e3"]
    assert frame["text"].tolist() == ["two\nlines", "NA"]
    assert frame["line"].tolist()[-1] == 4
    assert frame["file"].unique().tolist() == ["t.csv"]


def test_files_of_observations_are_named_with_their_folder(tmp_path: Path) -> None:
    (tmp_path / "observations").mkdir()
    path = write(tmp_path / "observations" / "44.csv", "key,text\na,b\n")
    row = tables.read(path, COLUMNS).iloc[0]
    assert tables.row_text(row, COLUMNS) == "observations/44.csv:2: key=a, text=b"


@given(st.dictionaries(CELLS.filter(bool), CELLS, min_size=1, max_size=8))
def test_what_is_written_is_read_again_in_key_order(
    tmp_path_factory: pytest.TempPathFactory, cells: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    frame = pd.DataFrame(list(cells.items()), columns=list(COLUMNS))
    tables.write(frame, path, COLUMNS, ("key",))
    read = tables.read(path, COLUMNS)
    assert dict(zip(read["key"], read["text"], strict=True)) == cells
    assert read["key"].tolist() == sorted(cells)


def test_a_second_writing_changes_no_byte_of_the_repository(data: Path, tmp_path: Path) -> None:
    for name, columns in (("metrics", tables.METRICS), ("sources", tables.SOURCES)):
        frame = tables.read(data / f"{name}.csv", columns)
        tables.write(frame, tmp_path / f"{name}.csv", columns, tables.KEYS[name])
        assert (tmp_path / f"{name}.csv").read_bytes() == (data / f"{name}.csv").read_bytes()


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "\ufeffkey,text\na,b\n")
    assert tables.read(path, COLUMNS).to_numpy().tolist() == [["a", "b", "t.csv", 2]]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "@SUM(A1)", "-2+3", "\t=1", "＝1", "=HYPERLINK(1)", "-"])
def test_a_text_that_a_spreadsheet_would_run_is_made_inert(cell: str) -> None:
    assert tables.inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "湛江", "-5.2", "+81%", "-1,234.5", "1=1", "'=1", "3e-05", "a@b"])
def test_numbers_and_plain_text_stay(cell: str) -> None:
    assert tables.inert(cell) == cell
