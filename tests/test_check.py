"""`fazhi check` finds each kind of broken row, with its file and line, and nothing in a good folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from data_folder import OTHER, REPORT, DataFolder, correction, fact, group, metric, region, source

from analysis import check, tables
from analysis import panel as panels
from analysis.errors import DataError


def found(folder: DataFolder, **write: bool) -> list[str]:
    """`file:line: rule` of each problem of a folder."""
    return [f"{item.file}:{item.line}: {item.rule}" for item in check.run(folder.write(**write))]


def test_a_good_folder_has_no_problem(folder: DataFolder) -> None:
    assert found(folder) == []


def test_the_repository_has_no_problem(data: Path) -> None:
    assert check.run(data) == []


def test_malformed_cells_are_shown_with_file_and_line(folder: DataFolder) -> None:
    broken = [
        ("region_code", "4408", "a region code is six digits"),
        ("year", "20", "a year has four digits"),
        ("metric_id", "Revoked", "a metric id is domain.name"),
        ("value", "8.4万", "a value is a plain number"),
        ("value", "", "a value is a plain number"),
        ("qualifier", "余", "a qualifier is one of"),
        ("resolution", "-1", "a resolution is the step"),
        ("value", "３６７", "a value is a plain number"),
        ("year", "２０２０", "a year has four digits"),
        ("scope", "city", "a scope is one of"),
        ("status", "X", "a status is one of"),
        ("evidence", "", "evidence has 1 to 30 characters"),
        ("evidence", "字" * 31, "evidence has 1 to 30 characters"),
    ]
    folder.observations = [
        {**fact("440800", 2001 + place, "legal_aid.cases", "1", REPORT), column: text}
        for place, (column, text, _) in enumerate(broken)
    ]
    problems = check.run(folder.write(ordered=False))
    for place, (column, text, rule) in enumerate(broken):
        shown = [item for item in problems if item.line == place + 2 and item.rule.startswith(rule)]
        assert [item.file for item in shown] == ["observations/44.csv"], (column, text)
        assert f"{column}={text}" in shown[0].given or text == ""


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"metric_id": "reconsideration.revokd"}, "metric_id must stand in metrics.csv"),
        ({"source_id": "440800-2021-lost"}, "source_id must stand in sources.csv"),
        ({"region_code": "449900"}, "region_code must stand in regions.csv"),
        ({"value": "-84"}, "a count is not negative"),
        ({"value": "84.5", "evidence": "撤销84.5宗"}, "a count printed as exact is a whole number"),
        ({"scope": "other"}, "scope other needs scope_as_reported"),
    ],
)
def test_a_row_that_contradicts_another_table_is_shown(
    folder: DataFolder, cells: dict[str, str], rule: str
) -> None:
    folder.find(metric_id="reconsideration.revoked").update(cells)
    problems = check.run(folder.write())
    assert [item.rule for item in problems] == [rule]
    assert problems[0].file == "observations/44.csv"
    assert all(f"{name}={text}" in problems[0].given for name, text in cells.items())


@pytest.mark.parametrize(
    ("metric_id", "value", "rule"),
    [
        ("reconsideration.correction_rate", "312", "a share is between 0 and 100 %"),
        ("reconsideration.correction_rate", "-1", "a share is between 0 and 100 %"),
        ("legal_aid.cases_change", "-101", "a change is not below -100 %"),
    ],
)
def test_a_value_out_of_range_is_shown(folder: DataFolder, metric_id: str, value: str, rule: str) -> None:
    folder.find(metric_id=metric_id).update(value=value, evidence=f"达{value}%")
    assert [problem.rule for problem in check.run(folder.write())] == [rule]


@pytest.mark.parametrize("value", ["0", "1.5"])
def test_a_rank_is_a_whole_number_from_one(folder: DataFolder, value: str) -> None:
    folder.metrics.append(metric("legal_aid.provincial_rank", "名次", "rank"))
    folder.observations.append(fact("440800", 2020, "legal_aid.provincial_rank", value, REPORT))
    assert [problem.rule for problem in check.run(folder.write())] == ["a rank is a whole number from 1"]


@pytest.mark.parametrize(
    "cells",
    [{"qualifier": ">", "value": "84.5"}, {"resolution": "0.5", "value": "84.5"}],
    ids=["more", "step"],
)
def test_a_count_that_is_not_exact_may_have_decimals(folder: DataFolder, cells: dict[str, str]) -> None:
    folder.find(metric_id="reconsideration.revoked").update(cells, evidence="撤销84.5宗")
    assert found(folder) == []


def test_a_repeated_key_shows_both_rows(folder: DataFolder) -> None:
    again = dict(folder.find(metric_id="reconsideration.revoked"), value="85", evidence="撤销85宗")
    folder.observations.append(again)
    problems = check.run(folder.write())
    assert [problem.line for problem in problems] == [14, 15]
    assert all("key must stand in the table once" in problem.rule for problem in problems)


def test_a_unit_of_two_sources_is_no_repetition(folder: DataFolder) -> None:
    folder.observations.append(dict(folder.find(metric_id="reconsideration.revoked"), source_id=OTHER))
    assert found(folder) == []


def test_the_first_row_out_of_order_is_shown(folder: DataFolder) -> None:
    rows = [row for row in folder.observations if row["region_code"] == "440800"]
    rows[0], rows[1] = rows[1], rows[0]
    folder.observations = rows
    problems = found(folder, ordered=False)
    assert any("rows are sorted by region_code, unit_name, year" in problem for problem in problems)


def test_a_row_in_another_provinces_file_is_shown(folder: DataFolder) -> None:
    path = folder.write() / "observations"
    (path / "44.csv").rename(path / "43.csv")
    problems = check.run(folder.path)
    assert {problem.rule for problem in problems} == {"a row stands in the file of its province code"}
    assert {problem.file for problem in problems} == {"observations/43.csv"}


def test_a_source_needs_somewhere_it_was_read(folder: DataFolder) -> None:
    folder.sources.append(source("440800-2021-nowhere", url=""))
    assert found(folder) == ["sources.csv:5: a source needs a url, or the mirror_url it was read from"]


def test_a_group_may_not_bear_the_name_of_a_computed_one(folder: DataFolder) -> None:
    folder.peer_groups += group("nearest", "440800")
    assert found(folder) == [
        "peer_groups.csv:4: a group id is lower case; all, province and nearest are computed groups"
    ]


def test_a_group_of_an_unknown_region_is_shown(folder: DataFolder) -> None:
    folder.peer_groups += group("west", "441700")
    assert found(folder) == ["peer_groups.csv:4: region_code must stand in regions.csv"]


def test_a_parent_that_does_not_exist_is_shown(folder: DataFolder) -> None:
    folder.regions.append(region("621000", "庆阳市", "Qingyang", "prefecture", "620000"))
    assert found(folder) == ["regions.csv:11: parent_code must stand in regions.csv"]


def test_malformed_metrics_are_shown(folder: DataFolder) -> None:
    broken: list[tuple[dict[str, str], str]] = [
        ({"numerator": "legal_aid.lost"}, "numerator must name metrics of metrics.csv"),
        ({"numerator": "legal_aid.cases"}, "only a rate has a numerator"),
        ({"unit": "宗件"}, "the unit must be a known measure word"),
        ({"measure": "counts"}, "the measure is one of"),
        ({"breaks": "2021,2024"}, "breaks are years joined by ;"),
        ({"comparable": "maybe"}, "comparable is yes, with_care or no"),
        ({"polarity": "good"}, "the polarity is higher, lower or neutral"),
        ({"label_en": ""}, "a metric needs an English label"),
        ({"domain": "aid"}, "the domain must be one of"),
    ]
    folder.metrics += [
        {**metric(f"services.m{place}", "宗", "count"), **cells} for place, (cells, _) in enumerate(broken)
    ]
    lines = found(folder)
    first = len(folder.metrics) - len(broken) + 2
    for place, (cells, rule) in enumerate(broken):
        assert any(line.startswith(f"metrics.csv:{first + place}: {rule}") for line in lines), cells


def test_a_correction_whose_guard_fails_is_shown(folder: DataFolder) -> None:
    folder.corrections = [correction("flag", expected="999")]
    (problem,) = check.run(folder.write())
    assert problem.file == "corrections.csv"
    assert "must meet a row with the expected value" in problem.rule
    assert "expected=999" in problem.given


@pytest.mark.parametrize("value", ["", "many"])
def test_an_override_needs_its_value(folder: DataFolder, value: str) -> None:
    folder.corrections = [correction("override", expected="272", value=value)]
    problems = check.run(folder.write())
    assert {problem.file for problem in problems} == {"corrections.csv"}
    assert any("An override must give its value" in problem.rule for problem in problems)


def test_an_identity_of_an_unknown_metric_is_shown(folder: DataFolder) -> None:
    folder.identities = folder.identities.replace("reconsideration.closed", "reconsideration.closd")
    (problem,) = check.run(folder.write())
    assert (problem.file, problem.given) == ("identities.toml", "reconsideration.closd")


@pytest.mark.parametrize("text", ['[[sum]]\nname = "a"\n', "[[summ]]\n", "sum = 3\n"])
def test_an_identity_of_another_form_is_shown(folder: DataFolder, text: str) -> None:
    folder.identities = text
    (problem,) = check.run(folder.write())
    assert (problem.file, problem.rule) == ("identities.toml", "identities.toml must follow its form")


@pytest.mark.parametrize("name", ["metrics.csv", "sources.csv", "corrections.csv", "observations/44.csv"])
def test_a_table_that_cannot_be_read_is_one_problem(folder: DataFolder, name: str) -> None:
    path = folder.write() / name
    path.write_text(path.read_text("utf-8") + "a,broken,row\n", encoding="utf-8")
    problems = check.run(folder.path)
    assert len(problems) == 1
    assert "must have" in problems[0].rule
    assert f"{name}:" in problems[0].given
    assert problems[0].place == name
    assert "to fix this, add or remove the comma" in problems[0].given


def test_a_folder_without_tables_names_each_of_them(tmp_path: Path) -> None:
    problems = check.run(tmp_path)
    assert len(problems) == len(tables.SCHEMAS)
    assert all("must" in problem.rule for problem in problems)


def test_a_broken_folder_is_refused_with_its_first_rows(folder: DataFolder) -> None:
    for row in folder.observations:
        row["status"] = "?"
    with pytest.raises(DataError, match=r"data/ must pass its checks, and 15 rows do not") as caught:
        check.require(folder.write())
    assert "observations/11.csv:2: a status is one of" in caught.value.message
    assert caught.value.message.count("a status is one of") == 10
    assert caught.value.exit_code == 2


def test_a_good_folder_is_not_refused(folder: DataFolder) -> None:
    check.require(folder.write())


def test_sizes_count_rows_and_files(folder: DataFolder) -> None:
    sizes = check.sizes(folder.write()).set_index("table")
    assert sizes.loc["observations"].tolist() == [15, 3]
    assert sizes.loc["corrections"].tolist() == [0, 1]


@pytest.mark.parametrize("name", sorted(tables.SCHEMAS))
def test_every_key_is_of_columns_of_its_table(name: str) -> None:
    assert set(tables.KEYS[name]) <= set(tables.COLUMNS[name])


def test_periods_have_one_grammar(folder: DataFolder) -> None:
    fit = ["full", "ytd-11", "at-2020-11-01", "span-2020-01..2020-06", "span-2020-01-23..2020-06-30"]
    unfit = ["ytd-1", "ytd-13", "fully", "at-2020", "full\n", "2020"]
    folder.observations = [
        fact("440800", 2020, "legal_aid.cases", "1", REPORT, period=p) for p in fit + unfit
    ]
    problems = [item for item in check.run(folder.write()) if item.rule.startswith("a period is full")]
    found = [re.search("period=([^,]*), metric_id", item.given) for item in problems]
    assert sorted(match[1] for match in found if match) == sorted(unfit)


@pytest.mark.parametrize(
    ("period", "rule"),
    [
        ("at-2020-13-45", "a period names days that exist"),
        ("at-2020-02-30", "a period names days that exist"),
        ("span-2020-01..2020-13", "a period names days that exist"),
        ("at-2019-12-31", "a date lies in the year of its row"),
        ("span-2020-06..2020-01", "a span runs forward"),
        ("span-2020-06-15..2020-06-01", "a span runs forward"),
        ("span-2018-01..2019-06", "a span reaches into the year of its row"),
        ("span-2021-01..2021-06", "a span reaches into the year of its row"),
    ],
)
def test_an_impossible_date_is_shown(folder: DataFolder, period: str, rule: str) -> None:
    folder.find(metric_id="reconsideration.revoked")["period"] = period
    assert [item.rule for item in check.run(folder.write())] == [rule]


@pytest.mark.parametrize("column", ["published", "accessed"])
@pytest.mark.parametrize("day", ["2021-13", "2021-02-30"])
def test_a_source_of_an_impossible_day_is_shown(folder: DataFolder, column: str, day: str) -> None:
    folder.sources[0][column] = day
    assert [item.rule for item in check.run(folder.write())] == ["a date is a day that exists"]


@pytest.mark.parametrize("cell", [" 全市", "全市　", "　", " "])
def test_blanks_around_or_alone_in_a_cell_are_shown(folder: DataFolder, cell: str) -> None:
    folder.find(metric_id="reconsideration.revoked")["scope_as_reported"] = cell
    folder.regions[0]["parent_code"] = ""
    problems = check.run(folder.write())
    assert [item.rule for item in problems] == ["a cell has no blank at its start or end"]


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ("340000", "公开政府信息3.4万条"),
        ("15270", "调解成功15207件"),
        ("0.988", "成功率98.8%"),
        ("84", "撤销若干"),
    ],
)
def test_a_value_that_contradicts_its_evidence_is_shown(
    folder: DataFolder, value: str, evidence: str
) -> None:
    row = folder.find(metric_id="reconsideration.revoked")
    row.update(value=value, evidence=evidence, resolution="0.001" if "." in value else "")
    (problem,) = check.run(folder.write())
    assert problem.rule.startswith("a value is one that its evidence prints")
    assert (problem.file, problem.line) == ("observations/44.csv", 14)


def test_a_value_worked_out_of_its_evidence_is_listed(folder: DataFolder) -> None:
    row = folder.find(metric_id="reconsideration.revoked")
    row["evidence"] = "撤销80宗,另有4宗"
    key = {name: row[name] for name in tables.KEYS["evidence_exceptions"]}
    folder.evidence_exceptions = [{**key, "reason": "80 and 4"}]
    assert found(folder) == []
    row["evidence"] = "撤销84宗"
    assert found(folder) == ["evidence_exceptions.csv:2: an exception meets a row that needs it"]


def test_an_event_of_an_unknown_region_is_shown(folder: DataFolder) -> None:
    folder.events = [dict(zip(tables.EVENTS, ("2020", "999999", "Flood", "洪水", "公报"), strict=True))]
    assert found(folder) == ["events.csv:2: region_code must stand in regions.csv"]


@pytest.mark.parametrize("name", ["44_backup.csv", "44 (1).CSV", "._44.csv", "x.csv/"])
def test_a_stray_file_among_the_observations_is_named(folder: DataFolder, name: str) -> None:
    path = folder.write() / "observations" / name
    path.mkdir() if name.endswith("/") else path.write_text("a copy", encoding="utf-8")
    (problem,) = check.run(folder.path)
    assert "one file a province" in problem.rule
    assert f"observations/{name}" in problem.given
    with pytest.raises(DataError, match="one file a province"):
        panels.load(folder.path)


def test_full_width_digits_are_shown_where_they_stand(folder: DataFolder) -> None:
    folder.find(metric_id="reconsideration.revoked")["value"] = "８４"
    assert found(folder) == ["observations/44.csv:14: a value is a plain number"]


@pytest.mark.parametrize("name", ["metrics.csv", "corrections.csv", "observations/44.csv", "identities.toml"])
def test_a_byte_order_mark_is_read_over(folder: DataFolder, name: str) -> None:
    path = folder.write() / name
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check.run(folder.path) == []
