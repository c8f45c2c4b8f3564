"""An edition with anything unknown, mistyped, repeated or without data is refused before it is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import editions
from analysis.editions import Edition
from analysis.errors import InputError
from analysis.panel import Panel

GOOD = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong"}
ENTRY = '[[edition]]\ncity = "440800"\nyear = 2020\npeers = "guangdong"\nlanguages = ["en", "zh"]\n'


@pytest.mark.parametrize(
    ("change", "rule", "fix"),
    [
        ({"city": "Zhanjaing"}, "A city must be one of", "type 440800 (Zhanjiang 湛江市)"),
        ({"city": "Yulin"}, "one only", "450900 (玉林市), 610800 (榆林市)"),
        ({"year": 1999}, "A year must have data for Zhanjiang 湛江市", "choose one of 2014"),
        ({"city": "450900"}, "A year must have data for Yulin (Guangxi)", "choose "),
        ({"language": "EN"}, "A language must be en or zh", "choose en or zh"),
        ({"peers": "guangdon"}, "A peer group must be one of", "type guangdong"),
        ({"peers": "provinces"}, "A prefecture is compared with its like", "choose china_cities"),
        ({"city": "440000"}, "A province is compared with its like", "choose the peers provinces"),
        ({"city": 0}, "A nation is compared with its like", "it then stands alone"),
        ({"yaer": 2020}, "A notebook's parameters must be", "type year"),
        ({"year": "2020"}, "year must be of type int", "write year = 2020"),
        ({"year": 2020.0}, "year must be of type int", "write year = 2020"),
        ({"year": True}, "year must be of type int", "write year = 2020"),
        ({"city": 44.0}, "city must be of type str", 'write city = "440800"'),
        ({"city": True}, "city must be of type str", 'write city = "440800"'),
        ({"city": 440899}, "A city must be one of", "type 440800"),
        ({"year": "２０２０"}, "year must be of type int", "write year = 2020"),
        ({"peers": None}, "peers must be of type str", 'write peers = "guangdong"'),
        ({"language": ["en"]}, "language must be of type str", 'write language = "en"'),
    ],
)
def test_a_parameter_is_refused(panel: Panel, change: dict[str, Any], rule: str, fix: str) -> None:
    if "450900" in change.values() and 2020 in panel.years("450900"):
        change = {**change, "year": 1999}
    with pytest.raises(InputError) as caught:
        editions.check({**GOOD, **change}, panel)
    assert rule in caught.value.rule
    assert fix in caught.value.message


@pytest.mark.parametrize("peers", ["all", "province", "nearest"])
def test_a_computed_group_is_accepted(panel: Panel, peers: str) -> None:
    assert editions.check({**GOOD, "peers": peers}, panel).peers == peers
    assert panel.catalog.group_label(peers, "en") != panel.catalog.group_label(peers, "zh")


class Shell:
    """A shell with a history of cells."""

    def __init__(self, *cells: str) -> None:
        self.user_ns = {"In": ["", *cells]}


DECLARED = "# parameters\ncity, year = '440800', 2020\nlanguage: str = 'en'"


@pytest.mark.parametrize(
    ("cells", "given"),
    [
        ([DECLARED, "# Parameters\ncitty = '440100'\n", "x = 1"], "citty"),
        ([DECLARED, "# Parameters\ncity = '440100'\nyaer = 2019\n"], "yaer"),
        ([DECLARED, "# Parameters\ncity = 1\n", DECLARED, "# Parameters\npears = 'all'\n"], "pears"),
    ],
)
def test_a_parameter_that_the_notebook_does_not_declare_is_refused(
    monkeypatch: pytest.MonkeyPatch, cells: list[str], given: str
) -> None:
    monkeypatch.setattr("IPython.get_ipython", lambda: Shell(*cells))
    with pytest.raises(InputError, match="only the parameters that it declares") as caught:
        editions.refuse_undeclared()
    assert caught.value.given == given


@pytest.mark.parametrize(
    "cells",
    [
        [DECLARED, "# Parameters\ncity = '440100'\nyear = 2019\n", "citty = 3"],
        [DECLARED, "# Parameters\ncitty = 1\n", DECLARED, "# Parameters\ncity = '440100'\n"],
        [DECLARED, "citty = 3"],
        ["# Parameters\ncitty = 3"],
        ["%matplotlib inline", "# Parameters\ncity = 3"],
        [],
    ],
    ids=["declared", "again", "own", "first", "magic", "nothing"],
)
def test_declared_parameters_and_other_cells_are_let_be(
    monkeypatch: pytest.MonkeyPatch, cells: list[str]
) -> None:
    monkeypatch.setattr("IPython.get_ipython", lambda: Shell(*cells))
    editions.refuse_undeclared()


def test_outside_a_notebook_nothing_is_refused() -> None:
    editions.refuse_undeclared()


@pytest.mark.parametrize(("number", "code"), [(0, "000000"), (440800, "440800")])
def test_a_code_that_became_a_number_is_padded(panel: Panel, number: int, code: str) -> None:
    peers = "all" if code == "000000" else "guangdong"
    assert editions.check({**GOOD, "city": number, "peers": peers}, panel).city == code


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_parameter_is_named(panel: Panel, name: str) -> None:
    with pytest.raises(InputError, match=f"no {name}"):
        editions.check({key: value for key, value in GOOD.items() if key != name}, panel)


@pytest.mark.parametrize(
    ("text", "rule", "shown"),
    [
        ("[[edition]\n", "well-formed TOML", "line 1"),
        (ENTRY.replace("2020", "2020,"), "well-formed TOML", "line 3"),
        ("", "must hold [[edition]] entries", "write [[edition]]"),
        ("edition = 3\n", "must hold [[edition]] entries", "write [[edition]]"),
        ("edition = [1]\n", "must hold [[edition]] entries", "write [[edition]]"),
        (ENTRY.replace("[[edition]]", "[[editions]]"), "must hold [[edition]] entries", "editions"),
        (ENTRY + "[other]\n", "must hold [[edition]] entries", "other"),
        (ENTRY.replace("city", "town"), "An entry of editions.toml must be", "town"),
        (ENTRY.replace("peers", "peer"), "An entry of editions.toml must be", "type peers"),
        (ENTRY.replace("languages", "language"), "An entry of editions.toml must be", "type languages"),
        (ENTRY.replace("year = 2020\n", ""), "An entry of editions.toml must be", "no year"),
        (ENTRY.replace('"440800"', "440800"), "city must be of type str", "city = 440800 (int)"),
        (ENTRY.replace("2020", '"2020"'), "year must be of type int", "year = '2020' (str)"),
        (ENTRY.replace('["en", "zh"]', '"en"'), "languages must be of type list", "languages = 'en'"),
        (ENTRY.replace('["en", "zh"]', "[]"), "at least one language", 'write languages = ["en"]'),
        (ENTRY.replace('"zh"', '"fr"'), "A language must be en or zh", "fr"),
        (ENTRY.replace('"zh"', "1"), "language must be of type str", "language = 1"),
        (ENTRY.replace('"zh"', '"en"'), "must stand in editions.toml once", "440800-2020-guangdong-en"),
        (ENTRY + ENTRY, "must stand in editions.toml once", "440800-2020-guangdong-zh"),
        (ENTRY + ENTRY.replace("440800", "湛江"), "must stand in editions.toml once", "440800-2020"),
        (ENTRY.replace("440800", "Zhanjaing"), "A city must be one of", "440800"),
        (ENTRY.replace("2020", "1999"), "A year must have data", "1999"),
        (ENTRY.replace("guangdong", "guangdon"), "A peer group must be", "type guangdong"),
    ],
)
def test_a_list_is_refused(tmp_path: Path, panel: Panel, text: str, rule: str, shown: str) -> None:
    path = tmp_path / "editions.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        editions.load(path, panel)
    assert rule in caught.value.rule
    assert shown in caught.value.message
    assert caught.value.exit_code == 2


def test_a_list_that_is_missing_or_not_utf8_is_refused(tmp_path: Path, panel: Panel) -> None:
    with pytest.raises(InputError, match="The list of editions must exist"):
        editions.load(tmp_path / "editions.toml", panel)
    (tmp_path / "editions.toml").write_bytes("# 广州\n".encode("gb18030"))
    with pytest.raises(InputError, match="well-formed TOML"):
        editions.load(tmp_path / "editions.toml", panel)


def test_a_byte_order_mark_is_read_over(tmp_path: Path, panel: Panel) -> None:
    path = tmp_path / "editions.toml"
    path.write_text("\ufeff" + ENTRY, encoding="utf-8")
    assert len(editions.load(path, panel)) == 2


def test_each_language_is_an_edition_in_the_order_of_the_file(tmp_path: Path, panel: Panel) -> None:
    path = tmp_path / "editions.toml"
    path.write_text(ENTRY.replace('"en", "zh"', '"zh", "en"').replace("440800", "湛江"), encoding="utf-8")
    assert editions.load(path, panel) == (
        Edition("440800", 2020, "guangdong", "zh"),
        Edition("440800", 2020, "guangdong", "en"),
    )


def test_the_first_of_the_repository_is_zhanjiang(data: Path, panel: Panel) -> None:
    listed = editions.load(data.parent / "editions.toml", panel)
    assert [item.key for item in listed[:2]] == ["440800-2020-guangdong-en", "440800-2020-guangdong-zh"]


@given(
    code=st.from_regex(r"\A\d{6}\Z"),
    year=st.integers(1990, 2099),
    peers=st.from_regex(r"\A[a-z_0-9]{1,12}\Z"),
    language=st.sampled_from(["en", "zh"]),
)
def test_a_key_names_its_edition_and_a_folder(code: str, year: int, peers: str, language: Any) -> None:
    edition = Edition(code, year, peers, language)
    assert edition.key.split("-") == [code, str(year), peers, language]
    assert edition.parameters == {"city": code, "year": year, "peers": peers, "language": language}
    assert Path(edition.key).name == edition.key


# what the options of the command line choose

LISTED = (
    Edition("440800", 2020, "guangdong", "en"),
    Edition("440800", 2020, "guangdong", "zh"),
    Edition("440100", 2020, "guangdong", "en"),
    Edition("440800", 2021, "guangdong_west", "en"),
)
NOTHING: dict[str, Any] = {"city": None, "year": None, "language": None, "peers": None}


def select(panel: Panel, **given: Any) -> list[str]:
    """The keys of what the options choose."""
    return [item.key for item in editions.select(LISTED, panel, **{**NOTHING, **given})]


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
    assert editions.own_group(code, panel) == group
