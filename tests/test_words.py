"""Numbers read back to what they were; labels exist in both languages or are an error."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis import tables, words
from analysis.catalog import DOMAINS, LANGUAGES, RELIABILITY, Language
from analysis.compare.grades import hazards
from analysis.errors import FazhiError
from analysis.panel import Panel


def read(shown: str) -> float:
    """The number that a reader sees."""
    return float(shown.replace(",", "").replace("−", "-"))


@pytest.mark.parametrize(
    ("group", "key", "language"),
    [("scope", "city", "en"), ("scopes", "whole", "en"), ("scope", "whole", "fr")],
)
def test_a_label_that_is_missing_is_an_error(group: str, key: str, language: Language) -> None:
    with pytest.raises(FazhiError, match=rf"{group}\.{key} \({language}\)"):
        words.label(group, key, language)


def test_every_label_is_written_in_both_languages() -> None:
    lacking = [
        name
        for name, texts in words.labels().items()
        if set(texts) != set(LANGUAGES) or (not all(text.strip() for text in texts.values()))
    ]
    assert lacking == []


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("domain", DOMAINS),
        ("scope", tables.codes("observations", "scope")),
        ("status", tables.codes("observations", "status")),
        ("qualifier", tables.codes("observations", "qualifier")),
        ("grade", "ABC"),
        ("reliability", RELIABILITY),
        ("measure", tables.codes("metrics", "measure")),
        ("comparable", tables.codes("metrics", "comparable")),
        ("polarity", tables.codes("metrics", "polarity")),
        ("result", ("pass", "fail", "undecided", "note")),
    ],
)
def test_every_code_has_words(group: str, keys: tuple[str, ...]) -> None:
    assert set(keys) <= {key for known, key in words.labels() if known == group}


def test_every_reason_for_grade_c_has_words(panel: Panel) -> None:
    facts = panel.facts("440800", 2020)
    reasons = hazards(panel, facts, facts.assign(part=""))
    assert len(reasons.columns) == 11
    assert set(reasons) <= {key for group, key in words.labels() if group == "reason"}


def test_every_unit_of_the_catalogue_has_english_words(panel: Panel) -> None:
    units = {item.unit for item in panel.catalog.metrics.values()} - {"%"}
    assert {unit for unit in units if not words.label("unit_name", unit, "en")} == set()


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_reads_back(value: int) -> None:
    assert read(words.number(value)) == value


@given(st.decimals(-99999, 99999, places=4))
def test_up_to_four_decimals_read_back(value: object) -> None:
    shown = words.number(float(str(value)))
    assert read(shown) == pytest.approx(float(str(value)), abs=1e-9)
    assert not shown.endswith(".")
    assert shown not in ("-0", "−0")
    assert "." not in shown or not shown.endswith("0")


@given(st.floats(1e-3, 1e9), st.integers(1, 6))
@example(1000.5, 5)
def test_significant_digits_are_near(value: float, digits: int) -> None:
    shown = read(words.significant(value, digits))
    assert shown == pytest.approx(value, rel=0.6 * 10 ** (1 - digits), abs=5.1e-5)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (18.01, "18.0"),
        (18, "18"),
        (-0.00001, "0"),
        (5.2569, "5.26"),
        (48712.3, "48,712"),
        (999.6, "1,000"),
        (0.0123, "0.0123"),
    ],
)
def test_numbers_as_readers_expect_them(value: float, shown: str) -> None:
    assert words.significant(value) == shown


@pytest.mark.parametrize(
    ("value", "qualifier", "unit", "english", "chinese"),
    [
        (620000, ">", "件", "more than 620,000", "超过620,000件"),
        (36.7, "=", "%", "36.7%", "36.7%"),
        (367, "=", "宗", "367", "367宗"),
        (200, "<", "人", "nearly 200", "近200人"),
        (4, "=", "名次", "4", "4"),
    ],
)
def test_figures_keep_qualifier_and_unit(
    value: float, qualifier: str, unit: str, english: str, chinese: str
) -> None:
    assert words.figure(value, qualifier, unit, "en") == english
    assert words.figure(value, qualifier, unit, "zh") == chinese


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("full", "2020", "2020年"),
        ("ytd-11", "January–November 2020", "2020年1—11月"),
        ("at-2020-11-01", "on 2020-11-01", "2020-11-01"),
        ("span-2020-01..2020-06", "2020-01 to 2020-06", "2020-01至2020-06"),
        ("year_end", "end of 2020", "2020年末"),
    ],
)
def test_periods_in_words(text: str, english: str, chinese: str) -> None:
    assert words.period(text, 2020, "en") == english
    assert words.period(text, 2020, "zh") == chinese


def test_every_period_of_the_panel_has_words(panel: Panel) -> None:
    for text in panel.observations["period"].unique():
        assert all(words.period(text, 2020, language) for language in LANGUAGES)


@given(st.integers(1, 400))
def test_ordinals_end_as_english_does(place: int) -> None:
    shown = words.ordinal(place)
    assert shown[:-2] == str(place)
    if place % 100 in (11, 12, 13):
        assert shown.endswith("th")
    else:
        assert shown[-2:] == {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")


@pytest.mark.parametrize(
    ("items", "english", "chinese"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a和b"),
        (["a", "b", "c"], "a, b and c", "a、b和c"),
    ],
)
def test_lists_are_joined_as_in_a_sentence(items: list[str], english: str, chinese: str) -> None:
    assert words.listed(items, "en") == english
    assert words.listed(items, "zh") == chinese


def test_intervals_are_empty_where_there_is_none() -> None:
    assert words.interval(float("nan"), 1, "en") == ""
    assert words.interval(4.733, 5.823, "en") == "4.73–5.82"
    assert words.interval(4.733, 5.823, "zh") == "4.73—5.82"


def test_counts_agree_with_their_noun() -> None:
    assert words.counted(1, "city", "cities") == "1 city"
    assert words.counted(9, "city", "cities") == "9 cities"
    assert words.counted(0, "figure") == "0 figures"


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Cases received", "cases received"),
        ("GDP per head", "GDP per head"),
        ("12345 hotline", "12345 hotline"),
    ],
)
def test_labels_inside_a_sentence(label: str, inside: str) -> None:
    assert words.lowered(label) == inside
