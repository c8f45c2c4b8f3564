"""The tally counts verdicts by check; the reach counts what could be checked, and notes check nothing."""

from __future__ import annotations

from audit_frames import facts, frame, observation

from analysis import audit
from analysis.panel import Panel


def test_no_findings_have_no_tally_and_no_reach(identities: audit.Identities) -> None:
    found = audit.panel(frame(), identities)
    assert audit.tally(found).empty
    reach = audit.reach(found, frame(), identities)
    assert (reach.sources, reach.checked, reach.met) == (0, 0, 0)
    assert reach.identities > 50


def test_a_prior_year_that_nobody_printed_is_a_note_and_checks_nothing(identities: audit.Identities) -> None:
    rows = frame(*facts({"legal_aid.cases": "9453", "legal_aid.cases_change": "81"}))
    found = audit.panel(rows, identities)
    row = audit.tally(found).set_index("check").loc["backcast"]
    assert row[["findings", "pass", "fail", "note"]].tolist() == [1, 0, 0, 1]
    assert audit.reach(found, rows, identities).checked == 0


def test_a_rate_with_its_parts_is_one_identity_met(identities: audit.Identities) -> None:
    parts = {"mediation.cases": "15207", "mediation.successes": "15021", "mediation.success_rate": "98.8"}
    rows = frame(*facts(parts), observation("capacity.staff", "5", source_id="silent"))
    found = audit.panel(rows, identities)
    row = audit.tally(found).set_index("check").loc["rate"]
    assert row[["sources", "regions", "findings", "pass", "fail"]].tolist() == [1, 1, 1, 1, 0]
    reach = audit.reach(found, rows, identities)
    assert (reach.sources, reach.checked) == (2, 1)
    assert reach.met >= 1


def test_a_pair_in_order_is_met_only_by_both_figures(identities: audit.Identities) -> None:
    whole = {"reconsideration.closed": "272", "reconsideration.revoked": "84"}
    both = frame(*facts(whole))
    alone = frame(*facts({"reconsideration.closed": "272"}))
    reached = [audit.reach(audit.panel(rows, identities), rows, identities).met for rows in (alone, both)]
    assert reached == [0, 1]


def test_most_identities_are_met_somewhere_in_the_panel(panel: Panel) -> None:
    found = audit.panel(panel.observations, panel.identities)
    reach = audit.reach(found, panel.observations, panel.identities)
    assert reach.checked > 150
    assert 0.8 * reach.identities < reach.met <= reach.identities
    tally = audit.tally(found)
    assert tally["findings"].sum() == len(found)
    assert (tally[["pass", "fail", "undecided", "note"]].sum(axis=1) == tally["findings"]).all()
