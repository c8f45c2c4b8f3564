"""Options choose listed editions, or name one city and year; a choice that fits nothing is refused."""

from __future__ import annotations

from typing import Any

import pytest

from analysis import selection
from analysis.editions import Edition
from analysis.errors import InputError
from analysis.panel import Panel

LISTED = (
    Edition("440800", 2020, "guangdong", "en"),
    Edition("440800", 2020, "guangdong", "zh"),
    Edition("440100", 2020, "guangdong", "en"),
    Edition("440800", 2021, "guangdong_west", "en"),
)
NOTHING: dict[str, Any] = {"city": None, "year": None, "language": None, "peers": None}


def select(panel: Panel, **given: Any) -> list[str]:
    """The keys of what the options choose."""
    return [item.key for item in selection.select(LISTED, panel, **{**NOTHING, **given})]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"city": "Zhanjaing"}, "A city must be one of"),
        ({"city": "Yulin"}, "one only"),
        ({"language": "fr"}, "A language must be"),
        ({"peers": "guangdon"}, "A peer group must be"),
        ({"city": "440800", "year": 1999}, "A year must have data"),
        ({"year": 2013}, "must fit one of editions.toml"),
        ({"city": "420100"}, "must fit one of editions.toml"),
        ({"peers": "hubei"}, "must fit one of editions.toml"),
        ({"city": "440800", "peers": "hubei"}, "must fit one of editions.toml"),
    ],
)
def test_a_choice_is_refused(panel: Panel, given: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError) as caught:
        select(panel, **given)
    assert rule in caught.value.rule


def test_a_choice_that_fits_nothing_lists_what_there_is(panel: Panel) -> None:
    with pytest.raises(InputError, match="440100-2020-guangdong-en, 440800-2020-guangdong-en"):
        select(panel, year=2013)


def test_without_options_all_are_chosen(panel: Panel) -> None:
    assert select(panel) == [item.key for item in LISTED]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"city": "湛江"}, 3),
        ({"city": "zhanjiang", "year": 2020}, 2),
        ({"language": "zh"}, 1),
        ({"year": 2021}, 1),
        ({"peers": "guangdong_west"}, 1),
        ({"city": "440800", "year": 2020, "peers": "guangdong", "language": "zh"}, 1),
    ],
)
def test_options_narrow_the_list(panel: Panel, given: dict[str, Any], count: int) -> None:
    chosen = select(panel, **given)
    assert len(chosen) == count
    assert set(chosen) <= {item.key for item in LISTED}


def test_city_and_year_name_an_edition_that_is_not_listed(panel: Panel) -> None:
    assert select(panel, city="武汉", year=2020) == ["420100-2020-hubei-en", "420100-2020-hubei-zh"]
    assert select(panel, city="武汉", year=2020, language="zh", peers="china_cities") == [
        "420100-2020-china_cities-zh"
    ]
    assert select(panel, city="440800", year=2020, peers="china_cities", language="en") == [
        "440800-2020-china_cities-en"
    ]


def test_neighbours_are_asked_for_before_anything_is_started(panel: Panel) -> None:
    chosen = select(panel, city="440800", year=2020, peers="nearest", language="en")
    assert chosen == ["440800-2020-nearest-en"]
    with pytest.raises(InputError, match="Nearest neighbours need"):
        select(panel, city="330300", year=2024, peers="nearest")


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("440800", "guangdong"),
        ("420100", "hubei"),
        ("460100", "china_cities"),
        ("450900", "china_cities"),
        ("310000", "provinces"),
        ("330108", "all"),
        ("000000", "all"),
    ],
)
def test_a_citys_own_group_has_its_likes(panel: Panel, code: str, group: str) -> None:
    assert selection.own_group(code, panel) == group
