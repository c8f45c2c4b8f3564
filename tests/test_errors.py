"""Messages say the rule, what was given and what to do, and survive the way between processes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.errors import DataError, FazhiError, InputError, closest, suggest


def test_nothing_near_is_not_suggested() -> None:
    assert closest("湛江", ["Paris", "Rome"]) == []
    assert suggest("湛江", ["Paris"], "look it up.") == "look it up."


def test_the_closest_come_first() -> None:
    assert closest("guangdon", ["guangxi", "guangdong", "hubei"])[0] == "guangdong"
    assert suggest("guangdon", ["guangdong"], "?") == "type guangdong."


def test_a_message_has_rule_given_and_fix() -> None:
    assert InputError("A year must be known", 1999, "type 2020.").message == (
        "A year must be known.\nGiven: 1999\nTo fix this, type 2020."
    )
    assert FazhiError("A rule").message == "A rule."


def test_exit_codes() -> None:
    assert (FazhiError.exit_code, InputError.exit_code, DataError.exit_code) == (1, 2, 2)


@given(st.text(), st.one_of(st.none(), st.integers(), st.text()), st.one_of(st.none(), st.text()))
def test_an_error_keeps_its_parts_between_processes(rule: str, given: object, fix: str | None) -> None:
    copy = pickle.loads(pickle.dumps(DataError(rule, given, fix)))
    assert isinstance(copy, DataError)
    assert (copy.rule, copy.given, copy.fix) == (rule, given, fix)


def test_a_folder_without_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    with pytest.raises(InputError, match=r"must hold data/") as caught:
        project.root()
    assert str(tmp_path) in caught.value.message


def test_the_project_is_found_by_variable_else_by_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAZHI_ROOT", raising=False)
    assert project.root() == Path(__file__).resolve().parents[1]
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    assert project.data_folder() == tmp_path.resolve() / "data"
    assert project.reports_folder().parent == project.notebooks_folder().parent == tmp_path.resolve()
    assert project.editions_file() == tmp_path.resolve() / "editions.toml"
