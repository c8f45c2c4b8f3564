"""What a host works ahead: each edition once, a step at a time, and an error costs only that edition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from analysis.refresh import preload


def edition(city: str) -> dict[str, Any]:
    """The parameters of an edition."""
    return {"city": city, "year": 2020, "language": "en", "peers": "guangdong"}


class Study:
    """A study of three steps that notes each of them; that of the city "wrong" fails at the second."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, *, city: str, **_: object) -> Iterator[None]:
        """The steps."""
        for number in range(3):
            if city == "wrong" and number == 1:
                raise ValueError(city)
            self.done.append(f"{city} {number}")
            yield


def finish(ahead: preload.Ahead) -> None:
    """Takes every step there is."""
    while ahead.pending:
        ahead.step()


def test_without_a_study_nothing_is_ever_pending() -> None:
    ahead = preload.Ahead()
    ahead.want([edition("440800")])
    assert not ahead.pending


def test_an_error_ends_the_steps_of_its_edition_alone(capsys: pytest.CaptureFixture[str]) -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition("wrong"), edition("440800")])
    finish(ahead)
    assert study.done == ["wrong 0", "440800 0", "440800 1", "440800 2"]
    assert "ValueError: wrong" in capsys.readouterr().err


def test_an_edition_is_studied_once_however_often_it_is_wanted() -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition("440800")])
    ahead.step()
    ahead.want([edition("440800"), edition("440100")])
    assert study.done == ["440800 0"], "wanting computes nothing"
    finish(ahead)
    ahead.want([edition("440100")])
    assert not ahead.pending
    assert study.done == [f"{city} {number}" for city in ("440800", "440100") for number in range(3)]


def test_what_waits_is_bounded_and_the_oldest_is_dropped() -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition(str(number)) for number in range(preload.REMEMBERED + 2)])
    finish(ahead)
    assert study.done[0] == "2 0"
    assert len(study.done) == 3 * preload.REMEMBERED


def test_the_module_that_studies_is_one_that_a_kernel_host_preloads() -> None:
    assert preload.STUDY in preload.PRELOADED["kernel"]
