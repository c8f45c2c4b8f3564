"""The type of frame that carries fairness: what builds it, what keeps it, what loses it."""

import pickle

import numpy as np
import pandas as pd
import pytest
from fair_cases import META, cases_of, frame_of

from analysis.errors import DataError, InputError
from analysis.stats import place
from analysis.stats.cases import REQUIRED, Cases, require

KEEPS = {
    "mask": lambda cases: cases[cases["name"] != "孝感市"],
    "query": lambda cases: cases.query("name != '孝感市'"),
    "sort": lambda cases: cases.sort_values("rate", ascending=False),
    "assign": lambda cases: cases.assign(per_million=cases["rate"] * 10),
    "head": lambda cases: cases.head(4),
    "loc": lambda cases: cases.loc[cases["rate"] > 2],
    "drop": lambda cases: cases.drop(index=103),
    "copy": lambda cases: cases.copy(),
    "chained": lambda cases: cases.query("rate > 1").sort_values("name").assign(x=1).iloc[1:],
    "pickle": lambda cases: pickle.loads(pickle.dumps(cases)),
}
LOSES = {
    "merge": lambda cases: cases.merge(pd.DataFrame({"name": ["孝感市"], "gdp": [1]}), on="name"),
    "groupby": lambda cases: cases.groupby("province")[["rate"]].mean(),
    "columns": lambda cases: cases[["name", "rate"]],
    "filtered columns": lambda cases: cases.loc[cases["rate"] > 2, ["name", "rate"]],
    "constructor": lambda cases: pd.DataFrame(cases),
}
BREAKS = {
    "reset_index": lambda cases: cases.reset_index(drop=True),
    "rename": lambda cases: cases.rename(columns={"grade": "mark"}),
    "concat": lambda cases: pd.concat([cases, cases]),
    "by hand": lambda cases: Cases(frame_of()),
}


@pytest.mark.parametrize("way", KEEPS)
def test_the_analysts_own_steps_keep_the_type_and_what_it_knows(way):
    kept = KEEPS[way](cases_of())
    assert isinstance(kept, Cases)
    assert {name: getattr(kept, name) for name in META} == META
    assert require(kept, "a place") is kept


@pytest.mark.parametrize("way", LOSES)
def test_what_loses_trace_or_columns_is_a_plain_frame_and_refused(way):
    lost = LOSES[way](cases_of())
    assert type(lost) is pd.DataFrame
    with pytest.raises(InputError, match=r"compare\.fair"):
        place(lost, "440800")


@pytest.mark.parametrize("way", BREAKS)
def test_cases_without_trace_columns_or_origin_are_refused(way):
    with pytest.raises(InputError, match=r"compare\.fair"):
        place(BREAKS[way](cases_of()), "440800")
    with pytest.raises(InputError, match=r"compare\.fair"):
        _ = BREAKS[way](cases_of()).comparable


def test_a_region_twice_is_refused():
    cases = cases_of()
    with pytest.raises(DataError, match="孝感市"):
        require(cases.iloc[[0, 1, 3, 3]], "a place")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_column_is_named(name):
    with pytest.raises(InputError, match=f"missing: {name}"):
        cases_of(frame_of().drop(columns=name))


@pytest.mark.parametrize("name", META)
def test_missing_and_misspelt_metadata_are_named(name):
    with pytest.raises(InputError, match=f"missing: {name}; unknown: wrong"):
        Cases.from_fair(frame_of(), **{key: value for key, value in META.items() if key != name}, wrong=1)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"region_code": "440900"}, "Each region comes once"),
        ({"role": "rival"}, "A role is one of"),
        ({"role": "focus"}, "The role focus is the focus region's"),
        ({"grade": "D"}, "A grade is one of"),
        ({"grade": "C"}, "Grade C has a reason"),
        ({"reason": "part_year"}, "Grade C has a reason"),
        ({"method": ""}, "An interval has its method and n"),
    ],
)
def test_rows_that_break_a_rule_are_shown(change, rule):
    frame = frame_of()
    for name, value in change.items():
        frame.loc[102, name] = value
    with pytest.raises(DataError, match=rule):
        cases_of(frame)


def test_an_index_that_is_no_trace_is_refused():
    with pytest.raises(InputError, match="'row'"):
        cases_of(frame_of().rename_axis(None))
    with pytest.raises(InputError, match="kind"):
        cases_of(kind="guess")


def mixed() -> Cases:
    frame = frame_of()
    frame.loc[101, ["grade", "reason", "reason_text"]] = ["C", "part_year", "part of a year"]
    frame.loc[102, "role"] = "context"
    return cases_of(frame)


def test_parts_of_cases():
    cases = mixed()
    assert cases.refused.index.tolist() == [101]
    assert cases.context.index.tolist() == [102]
    assert cases.comparable.index.tolist() == [100, *range(103, 110)]
    assert cases.others.index.tolist() == [*range(103, 110)]
    for part in (cases.refused, cases.context, cases.comparable, cases.others):
        assert isinstance(part, Cases)


def test_a_changed_grade_does_not_let_a_refused_row_in():
    cases = mixed()
    forced = cases.assign(grade="A", reason="")
    assert forced.comparable.index.tolist() == cases.comparable.index.tolist()
    assert forced.refused.index.tolist() == [101]
    cases["grade"] = "A"
    cases["role"] = np.where(cases["role"] == "context", "peer", cases["role"])
    assert 102 not in cases.comparable.index
