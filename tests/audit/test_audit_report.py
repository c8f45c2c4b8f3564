"""The whole audit: refusals, one report against the panel, labels, and speed."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pandas as pd
import pytest
from audit_frames import facts, frame, observation

from analysis import audit
from analysis.errors import DataError

SOURCES = Path(audit.__file__).parent


def test_an_unknown_key_in_the_identities_is_refused() -> None:
    with pytest.raises(DataError, match="exhaustiv"):
        audit.parse({"sum": [{"name": "x", "total": "a.b", "readings": [["a.c"]], "exhaustiv": True}]})


def test_an_identity_without_parts_is_refused() -> None:
    with pytest.raises(DataError, match="identities"):
        audit.parse({"sum": [{"name": "x", "total": "a.b", "readings": [[]], "exhaustive": True}]})


def test_identities_that_are_not_toml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "identities.toml"
    path.write_text("[[sum]", encoding="utf-8")
    with pytest.raises(DataError, match="TOML"):
        audit.load(path)


def test_no_facts_give_no_findings_but_the_columns(identities: audit.Identities) -> None:
    found = audit.panel(frame(), identities)
    assert found.empty
    assert list(found.columns) == list(audit.COLUMNS)


def test_a_report_is_the_panels_findings_on_one_region_and_year(identities: audit.Identities) -> None:
    mine = facts(
        {"mediation.cases": "15207", "mediation.successes": "15021", "mediation.success_rate": "98.8"}
    )
    elsewhere = observation("mediation.cases", "15207", region_code="440100", source_id="elsewhere")
    before = observation("mediation.cases", "15207", year=2019, source_id="before")
    everything = frame(*mine, elsewhere, before)
    whole = audit.panel(everything, identities)
    report = audit.report(everything, identities, region_code="440800", year=2020)
    own = whole[(whole["region_code"] == "440800") & (whole["year"] == 2020)].reset_index(drop=True)
    pd.testing.assert_frame_equal(report, own)
    assert {"same_as_other_place", "same_as_year_before", "reproduced_by_rounding"} <= set(report["reason"])


def test_findings_do_not_depend_on_the_order_of_rows(identities: audit.Identities) -> None:
    rows = facts(
        {"mediation.cases": "15207", "mediation.successes": "15021", "mediation.success_rate": "98.8"}
    )
    forwards, backwards = frame(*rows), frame(*reversed(rows))
    pd.testing.assert_frame_equal(audit.panel(forwards, identities), audit.panel(backwards, identities))


def test_every_reason_and_check_in_the_code_has_its_labels() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    quoted = set(
        re.findall(r'"([a-z]+(?:_[a-z]+)*)"', code.replace((SOURCES / "reasons.py").read_text("utf-8"), ""))
    )
    made = {f"read_as_{name}" for name in ("points", "ratio", "share_of_current", "other_sign")}
    assert set(audit.REASONS) <= quoted | made
    assert set(audit.CHECKS) <= quoted


@pytest.mark.parametrize("label", [*audit.REASONS.values(), *audit.CHECKS.values()])
def test_labels_are_short_and_accuse_nobody(label: audit.Reason) -> None:
    assert 0 < len(label.en) <= 80
    assert 0 < len(label.zh) <= 30
    for word in ("false", "fake", "wrong", "error", "manipulat", "invent", "造假", "虚假", "错误", "编造"):
        assert word not in label.en.lower() + label.zh


def test_three_thousand_rows_are_audited_in_seconds(identities: audit.Identities) -> None:
    rows = [
        row
        for number in range(750)
        for row in facts(
            {
                "reconsideration.received": str(1000 + number),
                "reconsideration.received_change": "16.5",
                "reconsideration.closed": str(900 + number),
                "reconsideration.correction_rate": "36.7",
            },
            region_code=f"{440000 + number // 10}",
            year=2010 + number % 10,
            source_id=f"source-{number}",
        )
    ]
    start = time.perf_counter()
    found = audit.panel(frame(*rows), identities)
    assert time.perf_counter() - start < 5
    assert found["verdict"].isin(["pass", "fail", "undecided", "note"]).all()
    assert set(found["reason"]) <= set(audit.REASONS)
    assert set(found["check"]) <= set(audit.CHECKS)
