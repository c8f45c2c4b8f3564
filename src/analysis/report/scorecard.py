"""Page 8: one page over all domains, and where to look first. What was reported, changed, placed and flagged.

There is no composite index: scope, base and direction differ, and adding the metrics up would hide just that.
Where nothing can be followed, compared or checked, the page says so.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import words
from analysis.catalog import DOMAINS
from analysis.figures import Chart, mark_rows
from analysis.report import look_first
from analysis.report.change_tables import CHANGED, change_words
from analysis.report.context import Context
from analysis.report.measures import Measure, measures
from analysis.report.outputs import Contents, Prose, Table
from analysis.report.shared import absent
from analysis.report.standing import placed_words

_FEW_FACTS = 20
_STATES = ("both", "left", "right", "none")


def _head(context: Context) -> dict[str, Any]:
    every, facts = measures(context), context.facts()
    told, listed = _told(context), look_first.values(context)
    return {
        "figures": len(facts),
        "domains": len(told),
        "silent": [words.lowered(context.label("domain", key)) for key in DOMAINS[:-1] if key not in told],
        "all_domains": len(DOMAINS) - 1,
        "compared": sum(item.section is not None for item in every),
        "followed": sum(item.change is not None for item in every),
        "flagged": sum(bool(item.flags) for item in every),
        "level": words.number(CHANGED),
        **listed,
    }


def _state(item: Measure) -> str:
    """Which half of a mark is filled: left for a place among cities, right for an earlier figure."""
    placed, followed = item.section is not None, item.change is not None
    return {(True, True): "both", (True, False): "left", (False, True): "right"}.get(
        (placed, followed), "none"
    )


def _domains_figure(context: Context) -> Chart | Prose:
    every = measures(context)
    if not every:
        return absent(context, "absent_domains", year=context.edition.year)
    rows = []
    for domain in _told(context):
        items = sorted(
            (item for item in every if item.domain == domain), key=lambda item: _STATES.index(_state(item))
        )
        label, note = context.label("domain", domain), _grades(items)
        rows += [(label, domain, item.metric_id, _state(item), bool(item.flags), note) for item in items]
    frame = pd.DataFrame(rows, columns=["row", "domain", "metric_id", "state", "flag", "note"])
    drawing = mark_rows(
        frame,
        state_labels={state: context.label("mark", state) for state in _STATES},
        flag_label=context.label("mark", "flag"),
        note_label=context.label("mark", "grades"),
    )
    data = frame.drop(columns="row").rename(columns={"note": "grades_of_domain"})
    return context.chart("domains", drawing, data, context.facts().index, **_head(context))


def _told(context: Context) -> list[str]:
    """The domains on which the city reported a figure."""
    found = {item.domain for item in measures(context)}
    return [domain for domain in DOMAINS if domain in found]


def _grades(items: list[Measure]) -> str:
    """The grades of some metrics with their numbers: `B 20 · C 8`; nothing for none."""
    letters = [item.grade for item in items]
    return " · ".join(f"{letter} {letters.count(letter)}" for letter in "ABC" if letter in letters)


def _measured(context: Context) -> list[Measure]:
    """The metrics that can be followed or compared, or that have a flag, by domain."""
    every = [item for item in measures(context) if _state(item) != "none" or item.flags]
    return sorted(every, key=lambda item: DOMAINS.index(item.domain))


def _measured_table(context: Context) -> Table:
    rows = [_measured_row(context, item) for item in _measured(context)]
    names = context.columns("domain", "metric", "change", "placed", "flags", "grade")
    caption = {
        "en": "Metrics with an earlier figure, a place or a flag",
        "zh": "有前期数、有位次或有待核疑点的指标",
    }
    empty = {
        "en": "No metric can be followed, compared or checked.",
        "zh": "没有可作前后对照、城市对照或核验的指标。",
    }
    return Table(
        "measured",
        caption[context.language],
        pd.DataFrame(rows, columns=names),
        unbroken=context.unbroken(names[0], names[4]),
        empty=empty[context.language],
    )


def _measured_row(context: Context, item: Measure) -> tuple[str, ...]:
    context.cite(item.row)
    return (
        context.label("domain", item.domain),
        context.metric(item.metric_id).label(context.language),
        _change_words(context, item),
        placed_words(context, item.section) if item.section else context.label("word", "not_compared"),
        _flag_words(context, item),
        item.grade,
    )


def _change_words(context: Context, item: Measure) -> str:
    """The change with its interval and adjusted p, or that it was not tested, or that there is none."""
    if item.change is None:
        return context.label("word", "no_earlier")
    adjusted = item.change["p_adjusted"]
    test = context.label("word", "from_printed_change" if item.change["before_derived"] else "untested")
    if pd.notna(adjusted):
        value = words.p_value(float(adjusted), context.language)
        test = context.label("word", "adjusted_p").format(value=value)
    return change_words(context, item.change) + words.semicolon(context.language) + test


def _flag_words(context: Context, item: Measure) -> str:
    verdicts = [context.label("verdict", str(flag["verdict"])) for flag in item.flags]
    return words.listed(list(dict.fromkeys(verdicts)), context.language) or context.label("word", "none")


def _evidence(context: Context) -> dict[str, Any]:
    """Cites what the table rests on; of a city without any such metric the few figures there are."""
    every, facts = _measured(context), context.facts()
    if not every and len(facts) <= _FEW_FACTS:
        context.cite(*(int(str(label)) for label in facts.index))
    for item in every:
        if item.change is not None:
            known = (int(item.change[name]) for name in ("row", "row_before"))
            context.cite(*(label for label in known if label in context.panel.observations.index))
    return {"city": context.city, "figures": len(context.cited)}


CONTENTS = Contents(
    "08_scorecard",
    reads="panel",
    sections={
        "head": _head,
        "look": look_first.values,
        "domains": _head,
        "measured": _head,
        "evidence": _evidence,
    },
    tables={"measured": _measured_table},
    figures={"domains": _domains_figure},
    ahead=(measures,),
)
