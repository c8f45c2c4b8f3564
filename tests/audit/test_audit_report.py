"""The whole audit: refusals, one report against the panel, labels, and speed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from audit_frames import facts, frame, only

from analysis import audit
from analysis.catalog import Catalog
from analysis.errors import InputError
from analysis.panel import Panel
from analysis.words import labels

Run = Callable[..., pd.DataFrame]
SOURCES = Path(audit.__file__).parent


def test_no_facts_give_no_findings_but_the_columns(identities: audit.Identities, catalog: Catalog) -> None:
    found = audit.findings(frame(), identities, catalog)
    assert found.empty
    assert list(found.columns) == list(audit.COLUMNS)


def test_the_audit_of_a_city_year_is_the_panels_findings_on_it(panel: Panel) -> None:
    whole = audit.findings(panel.observations, panel.identities, panel.catalog)
    for code, year in (("440800", 2020), ("440100", 2020), ("420900", 2020), ("000000", 2019)):
        own = whole[(whole["region_code"] == code) & (whole["year"] == year)].reset_index(drop=True)
        pd.testing.assert_frame_equal(audit.audit(panel, code, year), own)


def test_the_audit_takes_names_and_refuses_unknown_ones(panel: Panel) -> None:
    pd.testing.assert_frame_equal(audit.audit(panel, "湛江市", 2020), audit.audit(panel, "440800", 2020))
    with pytest.raises(InputError, match="Zhanjiang"):
        audit.audit(panel, "Zhanjang", 2020)
    assert audit.audit(panel, "440800", 1999).empty


def test_findings_do_not_depend_on_the_order_of_rows(identities: audit.Identities, catalog: Catalog) -> None:
    parts = {"mediation.cases": "15207", "mediation.successes": "15021", "mediation.success_rate": "98.8"}
    forwards = frame(*facts(parts))
    one, other = (audit.findings(rows, identities, catalog) for rows in (forwards, forwards.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other)


ZHANJIANG = {
    "not_itemised": (
        "Reconsideration cases closed: the printed parts add up to 268 of 272; 4 are not itemised.",
        "审结行政复议案件272宗，所列分项合计268宗，另有4宗未列明。",
    ),
    "reproduced_by_rounding": (
        "success rate is printed as 98.8%; 15,021 of 15,207 is 98.777%: rounded, not cut off.",
        "人民调解成功率公布为98.8%，15,021÷15,207＝98.777%，系四舍五入而非截尾。",
    ),
    "reproduced_by_truncation": ("100 of 272 is 36.765%: cut off, not rounded.", "系截尾而非四舍五入。"),
    "stated_twice": (
        "4,140 is stated again in 六(一), with the same figure.",
        "在六(一)再次出现，数字相同。",
    ),
    "implied_base": ("implies a base of 11,345 to 11,346", "分母为11,345至11,346，未见公布。"),
    "prior_implied": ("implies 5,208 to 5,238 the year before", "上年为5,208至5,238，未见公布。"),
}


@pytest.mark.parametrize("reason", ZHANJIANG)
def test_the_known_truths_of_zhanjiang_are_said_in_both_languages(panel: Panel, reason: str) -> None:
    found = audit.audit(panel, "440800", 2020)
    said = found[found["reason"] == reason]
    english, chinese = ZHANJIANG[reason]
    assert said["sentence_en"].str.contains(english, regex=False).any(), said["sentence_en"].tolist()
    assert said["sentence_zh"].str.contains(chinese, regex=False).any(), said["sentence_zh"].tolist()


def test_the_rows_of_a_finding_are_the_figures_it_rests_on(panel: Panel) -> None:
    found = audit.audit(panel, "440800", 2020)
    gap = found[found["reason"] == "not_itemised"].iloc[0]
    own = panel.observations.loc[list(gap["rows"])]
    assert own["metric_id"].iloc[0] == gap["metric_id"] == "reconsideration.closed"
    assert own["value"].iloc[0] - own["value"].iloc[1:].sum() == gap["numbers"]["gap"] == 4
    assert (found["n"] == found["rows"].str.len()).all()


def test_law_goes_before_digits_and_what_comes_out_goes_last(run: Run) -> None:
    outcomes = {"reconsideration.closed": "20", "reconsideration.handled": "10"}
    rate = {"mediation.cases": "2872", "mediation.successes": "2784", "mediation.success_rate": "96.7"}
    far = {"legal_aid.cases": "9453", "legal_aid.cases_change": "81"}
    found = run(*facts({**rate, **outcomes, **far}))
    assert found["reason"].iloc[0] == "part_exceeds_whole"
    severity = dict(zip(found["reason"], found["severity"], strict=True))
    assert severity["part_exceeds_whole"] < severity["not_reproducible"] < severity["prior_implied"]
    assert found["severity"].is_monotonic_increasing
    assert (found.loc[found["routine"], "result"] == "pass").all()
    assert only(run(*facts(rate | {"mediation.success_rate": "69.7"}), check="rate"))["severity"] == 1


def test_every_finding_of_the_panel_has_a_sentence_that_accuses_nobody(panel: Panel) -> None:
    found = audit.findings(panel.observations, panel.identities, panel.catalog)
    assert len(found) > 1_400
    for name in ("sentence_en", "sentence_zh"):
        assert not found[name].str.contains(r"[{}]|\bnan\b|None|\binf\b").any()
        assert found[name].str.endswith("." if name == "sentence_en" else "。").all()
        words = "false|fake|wrong|error|manipulat|invent|造假|虚假|错误|编造|不实"
        assert not found[name].str.lower().str.contains(words).any()


def test_every_reason_and_check_in_the_code_has_its_words_and_no_other() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    quoted = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', code))
    quoted |= {f"read_as_{name}" for name in quoted}
    quoted |= {f"{what}_{end}" for what in ("sources", "figures") for end in ("differ", "agree")}
    quoted |= {f"{what}s_incomplete" for what in ("scope", "office", "place")}
    for group in ("finding", "check"):
        assert {key for part, key in labels() if part == group} <= quoted


def test_three_thousand_rows_are_audited_at_once(identities: audit.Identities, catalog: Catalog) -> None:
    figures = {
        "reconsideration.received_change": "16.5",
        "reconsideration.correction_rate": "36.7",
    }
    rows = [
        row
        for number in range(750)
        for row in facts(
            {
                "reconsideration.received": str(1000 + number),
                "reconsideration.closed": str(900 + number),
                **figures,
            },
            region_code=f"{440000 + number // 10}",
            year=2010 + number % 10,
            source_id=f"source-{number}",
        )
    ]
    found = audit.findings(frame(*rows), identities, catalog)
    assert found["result"].isin(["pass", "fail", "undecided", "note"]).all()


def test_no_findings_can_be_filtered_like_any(panel: Panel) -> None:
    nothing = audit.audit(panel, "330400", 2022).iloc[:0]
    assert nothing[~nothing["routine"]].columns.tolist() == list(audit.COLUMNS)
