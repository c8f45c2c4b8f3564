"""A funnel takes exact counts of grade A and B on one scope; what it cannot draw, it says in words."""

from __future__ import annotations

import pandas as pd
import pytest
from data_folder import OTHER, STATISTICS, DataFolder, fact, metric, region

from analysis import compare, stats
from analysis import panel as panels
from analysis.compare import funnels
from analysis.errors import DataError
from analysis.panel import Panel

RECEIVED, RATE, CLOSED = (
    "reconsideration.received",
    "reconsideration.correction_rate",
    "reconsideration.closed",
)
CITIES = [f"44{number:02d}00" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13)]
COUNTS = (3100, 640, 55, 71, 902, 310, 444, 367, 120, 9, 250)


def section(panel: Panel, metric_id: str = RECEIVED, year: int = 2020) -> compare.CrossSection:
    """A cross-section with Zhanjiang in focus among Guangdong's cities."""
    return compare.cross_section(panel, metric_id, year, "440800", panel.catalog.group("guangdong"))


def drawn(folder: DataFolder, metric_id: str = RECEIVED) -> compare.Funnel:
    """The funnel of one metric of 2020 in a small folder."""
    loaded = panels.load(folder.write())
    return compare.funnel(loaded, section(loaded, metric_id))


@pytest.fixture
def eleven(folder: DataFolder) -> DataFolder:
    """Eleven cities with exact counts and residents."""
    for number, (code, count) in enumerate(zip(CITIES, COUNTS, strict=True)):
        if code not in ("440100", "440800"):
            folder.regions.append(region(code, f"市{code}", f"City {code}", "prefecture", "440000"))
            people = str(2_000_000 + 150_000 * number)
            folder.observations += [
                fact(code, 2020, "context.population", people, STATISTICS, period="at-2020-11-01"),
                fact(code, 2020, RECEIVED, str(count), STATISTICS),
            ]
    return folder


def with_shares(folder: DataFolder, *counts: tuple[str, str, str]) -> DataFolder:
    """The folder with (revoked, modified, closed) of Guangzhou and further cities."""
    for code, (revoked, modified, closed) in zip(("440100", "450900", "211300"), counts, strict=False):
        folder.observations += [
            fact(code, 2020, "reconsideration.revoked", revoked, OTHER),
            fact(code, 2020, "reconsideration.modified", modified, OTHER),
            fact(code, 2020, CLOSED, closed, OTHER),
        ]
    return folder


def test_a_single_city_has_no_limits_and_keeps_its_own_rate(folder: DataFolder) -> None:
    folder.observations.remove(folder.find(region_code="440100", year="2020", metric_id=RECEIVED))
    found = drawn(folder)
    assert found.refusal == stats.label("too_few_units")
    assert found.curves.empty
    row = found.rows.iloc[0]
    assert row["value"] == pytest.approx(367 / 6981236 * 100_000)
    assert row[["lower", "upper", "rank", "shrunk"]].isna().all()


def test_a_metric_nobody_reports_is_refused_in_words(folder: DataFolder) -> None:
    folder.observations.remove(folder.find(metric_id="legal_aid.cases"))
    found = drawn(folder, "legal_aid.cases")
    assert found.rows.empty
    assert found.refusal == stats.label("too_few_units")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"qualifier": ">", "resolution": "100"}, "not_exact"),
        ({"scope": "own_level"}, "scope_differs"),
        ({"period": "ytd-11"}, "part_year"),
    ],
)
def test_what_may_not_enter_is_listed_with_its_reason(
    folder: DataFolder, cells: dict[str, str], reason: str
) -> None:
    folder.find(region_code="440100", year="2020", metric_id=RECEIVED).update(cells)
    found = drawn(folder)
    assert found.left_out.set_index("region_code").loc["440100", "reasons"] == (reason,)
    assert found.rows["region_code"].tolist() == ["440800"]


def test_mixed_scopes_are_an_error_that_shows_the_rows(eleven: DataFolder) -> None:
    loaded = panels.load(eleven.write())
    found = section(loaded)
    rows = compare.funnel(loaded, found).rows[["region_code", "role", "grade", "scope", "row", "parts"]]
    rows = rows.assign(count=5.0, exposure=1e6, scope=["own_level", *["whole"] * 10])
    with pytest.raises(DataError, match=r"(?s)one scope.*own_level"):
        funnels.judge(found, rows, rows.iloc[:0], "rate")


def test_a_city_given_twice_is_an_error_that_shows_the_rows(eleven: DataFolder) -> None:
    loaded = panels.load(eleven.write())
    found = section(loaded)
    rows = compare.funnel(loaded, found).rows[["region_code", "role", "grade", "scope", "row", "parts"]]
    rows = rows.assign(count=5.0, exposure=1e6)
    with pytest.raises(DataError, match=r"(?s)comes once.*440800.*440800"):
        funnels.judge(found, pd.concat([rows, rows[rows["role"] == "focus"]]), rows.iloc[:0], "rate")


@pytest.mark.parametrize(
    ("count", "exposure", "refusal"),
    [
        (-1.0, 1e6, "count_negative"),
        (2.5, 1e6, "count_not_whole"),
        (5.0, 0.0, "exposure_not_positive"),
        (5.0, float("nan"), "exposure_missing"),
    ],
)
def test_an_unsound_count_gets_words_and_no_number(
    eleven: DataFolder, count: float, exposure: float, refusal: str
) -> None:
    loaded = panels.load(eleven.write())
    found = section(loaded)
    sound = compare.funnel(loaded, found)
    rows = sound.rows[["region_code", "role", "grade", "scope", "row", "parts", "count", "exposure"]].copy()
    at = rows.index[rows["region_code"] == "440500"]
    rows.loc[at, ["count", "exposure"]] = count, exposure
    spoilt = funnels.judge(found, rows, rows.iloc[:0], "rate")
    row = spoilt.rows.set_index("region_code").loc["440500"]
    assert row["refusal"] == stats.label(refusal)
    assert row[["value", "own_lower", "lower", "rank", "shrunk"]].isna().all()
    assert len(spoilt.used) == len(sound.used) - 1
    assert spoilt.rows["region_code"].iloc[-1] == "440500", "refused rows stand last"


@pytest.mark.parametrize(
    ("counts", "refusal"),
    [(("9", "9", "0"), "denominator_zero"), (("9", "9", "10"), "numerator_above_denominator")],
)
def test_a_share_without_a_sound_denominator_gets_words(
    folder: DataFolder, counts: tuple[str, str, str], refusal: str
) -> None:
    found = drawn(with_shares(folder, ("40", "2", "300"), counts), RATE)
    assert found.rows.set_index("region_code").loc["450900", "refusal"] == stats.label(refusal)
    assert set(found.used["region_code"]) == {"440100", "440800"}


def test_a_percentage_without_its_counts_stays_outside(folder: DataFolder) -> None:
    folder.observations.append(fact("450900", 2020, RATE, "40.1", OTHER))
    folder.observations.append(fact("450900", 2020, CLOSED, "300", OTHER))
    found = drawn(with_shares(folder, ("40", "2", "300")), RATE)
    assert found.left_out.set_index("region_code").loc["450900", "reasons"] == ("counts_unstated",)


def test_a_share_is_computed_from_its_counts_on_the_scale_of_per_cent(folder: DataFolder) -> None:
    found = drawn(with_shares(folder, ("40", "2", "300"), ("9", "1", "80")), RATE)
    assert found.kind == "proportion"
    rows = found.rows.set_index("region_code")
    assert rows.loc["440800", "value"] == pytest.approx(100 * 85 / 272)
    assert (rows.loc["440800", "row"] >= 0, rows.loc["440100", "row"]) == (True, -1)
    assert len(rows.loc["440800", "parts"]) == 3
    assert found.reference == pytest.approx(100 * (85 + 42 + 10) / (272 + 300 + 80))
    assert (rows["own_lower"] < rows["value"]).all()
    assert found.curves["upper"].between(0, 100).all()
    assert rows["shrunk"].isna().all()


def test_a_score_has_no_funnel(folder: DataFolder) -> None:
    folder.metrics.append(metric("services.index", "分", "score"))
    folder.metrics.sort(key=lambda row: row["metric_id"])
    folder.observations.append(fact("440800", 2020, "services.index", "88", OTHER))
    assert drawn(folder, "services.index").refusal == stats.label("not_counts")


def test_eleven_cities_are_not_few_and_agree_with_the_statistics(eleven: DataFolder) -> None:
    found = drawn(eleven)
    assert not found.few
    assert found.rows["value"].is_monotonic_decreasing
    frame = found.rows[["region_code", "count", "exposure"]]
    limits = stats.funnel_rates(frame)
    for name in (*stats.LIMIT_COLUMNS, "z"):
        assert found.rows[name].tolist() == pytest.approx(limits[name].tolist())
    assert found.rows["plain_signal"].tolist() == limits["plain_signal"].tolist()
    assert (found.reference, found.phi) == pytest.approx((limits["reference"].iloc[0], limits["phi"].iloc[0]))
    assert found.rows["rank"].tolist() == stats.rank_rates(frame, exposure="exposure")["value"].tolist()
    assert found.rows["shrunk"].tolist() == pytest.approx(stats.shrink_rates(frame)["value"].tolist())
    assert (found.rows["own_lower"] < found.rows["value"]).all()
    assert found.curves["exposure"].is_monotonic_increasing
    assert found.curves["exposure"].iloc[0] < frame["exposure"].min()


def test_no_funnel_of_the_repository_holds_grade_c(panel: Panel) -> None:
    found = compare.funnel(panel, section(panel))
    assert found.few
    assert found.refusal == ""
    assert set(found.rows["grade"]) <= {"A", "B"}
    assert found.rows.set_index("region_code").loc["440800", "count"] == 367
