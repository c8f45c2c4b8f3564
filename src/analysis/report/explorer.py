"""One metric of one city in some years, with its evidence: what the explorer shows, without its controls.

Everything is computed from a panel and four choices, so that it can be tested, and used in a cell without
widgets. What cannot be shown is a sentence that says why; a choice that does not exist is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from analysis import compare, editions, words
from analysis.catalog import COMPUTED_GROUPS, Language
from analysis.compare import CrossSection
from analysis.editions import Edition
from analysis.errors import InputError, suggest
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import evidence, held_back, metric_cards
from analysis.report.change_tables import points_of
from analysis.report.context import Context
from analysis.report.other_cities import ranked_chart
from analysis.report.outputs import Prose, Table
from analysis.report.over_time import drawable, series_chart
from analysis.report.shared import absent

PAGE = "explore"


@dataclass(frozen=True)
class View:
    """What is shown of one metric.

    Attributes:
        course: The city over the years; a sentence where there is no course to draw.
        ranked: The city among others in the last of the years; a sentence where it may not be compared.
        card: What the metric means, and the grade of the city's figure with the reasons.
        figures: Every figure of the city in the years, each with its own grade and reasons.
        not_compared: Figures of the last year that stand in no comparison, with the reasons; `ranked` again
            where no peers can be told.
        evidence: Where each figure in the charts and tables was read.
    """

    course: Chart | Prose
    ranked: Chart | Prose
    card: Prose
    figures: Table
    not_compared: Table | Chart | Prose
    evidence: Table


def cities(panel: Panel) -> list[str]:
    """The codes of the regions that report anything but context, in the order of the catalogue."""
    table = panel.table
    told = ~table["metric_id"].str.startswith("context.") & (table["unit_name"] == "")
    known = set(table.loc[told, "region_code"])
    return [code for code in panel.catalog.regions if code in known]


def metrics(panel: Panel, city: str) -> list[str]:
    """The metrics that a city gives a figure on for itself as a whole, in the order of the catalogue."""
    told = set(panel.facts(city, whole_area=True)["metric_id"])
    return [key for key in panel.catalog.metrics if key in told and not key.startswith("context.")]


def years(panel: Panel, city: str, metric: str) -> list[int]:
    """The years for which a city gives a figure on a metric, in order."""
    return sorted({int(year) for year in panel.facts(city, metrics=[metric], whole_area=True)["year"]})


def view(
    panel: Panel, city: str, metric: str, years_: Sequence[int], peers: str, language: str = "en"
) -> View:
    """What there is to see of one metric of one city.

    Args:
        panel: The whole panel.
        city: Region code, Chinese name or pinyin.
        metric: One of `metrics`.
        years_: The first and the last year; the comparison is on the last of them with a figure.
        peers: A group of data/peer_groups.csv, or `all`, `province`, `nearest`.
        language: `en` or `zh`.

    Raises:
        InputError: There is no such city, group or language, the city gives no figure on the metric, or
            none in these years; the message says what there is.
    """
    code = editions.city(city, panel).region_code
    panel.catalog.check_group(peers)
    chosen = _checked_years(panel, code, metric, years_)
    context = Context(PAGE, Edition(code, chosen[-1], peers, editions.check_language(language)), panel)
    section = _section(context, metric)
    figures = _figures(context, metric, chosen)
    course, ranked = _course(context, metric, chosen), _ranked(context, metric, section)
    placed = [section] if section and isinstance(ranked, Chart) else []
    held = held_back.table(context, [section], placed) if section else ranked
    return View(course, ranked, _card(context, metric), figures, held, evidence.evidence(context))


def _checked_years(panel: Panel, city: str, metric: str, asked: Sequence[int]) -> list[int]:
    """The years between the first and the last asked for in which the city gives a figure.

    Raises:
        InputError: There is none, or the city gives no figure on the metric at all.
    """
    known = metrics(panel, city)
    if metric not in known:
        name = panel.catalog.regions[city].name_en
        raise InputError(
            f"A metric must be one that {name} gives a figure on",
            metric,
            suggest(metric, known, f"choose one of {', '.join(known)}." if known else "choose another city."),
        )
    told = years(panel, city, metric)
    found = [year for year in told if min(asked) <= year <= max(asked)]
    if not found:
        listed = ", ".join(map(str, told))
        raise InputError(
            "The years must hold a figure", f"{min(asked)} to {max(asked)}", f"choose from {listed}."
        )
    return found


def _section(context: Context, metric: str) -> CrossSection | None:
    """The cross-section of the metric in the edition's year; None where the peers cannot be told."""
    try:
        peers = context.peers
    except InputError:
        return None
    edition = context.edition
    return compare.cross_section(context.panel, metric, edition.year, edition.city, peers)


def _course(context: Context, metric: str, chosen: Sequence[int]) -> Chart | Prose:
    points = points_of(context)
    mine = points[(points["metric_id"] == metric) & points["year"].between(chosen[0], chosen[-1])]
    fit = drawable(context, mine)
    # a rule that was new at the first point shown parts it from nothing that is shown
    fit = fit.assign(break_before=fit["break_before"] & fit.duplicated("series"))
    label = words.metric_in_sentence(context.metric(metric), context.language)
    if fit.empty:
        return absent(
            context, "absent_course", label=label, years=len(chosen), first=chosen[0], last=chosen[-1],
            amount=context.metric(metric).measure in ("count", "stock", "rate"),
        )  # fmt: skip
    context.cite(*(int(row) for row in fit.index if row >= 0))
    ends = fit[fit["series"] == fit["series"].iloc[-1]].iloc[[0, -1]]
    before, after = (_amount(context, row) for _, row in ends.iterrows())
    return series_chart(
        context, fit, "course", label=label, series=fit["series"].nunique(), before=before, after=after,
        begin=int(ends["year"].iloc[0]), end=int(ends["year"].iloc[1]),
    )  # fmt: skip


def _amount(context: Context, row: pd.Series) -> str:
    """A point's figure in words: as reported, or rounded where it was computed."""
    if row["derived"]:
        unit = words.unit_suffix(context.metric(str(row["metric_id"])).unit, context.language)
        return words.significant(float(row["value"])) + unit
    return context.figure(row)


def _ranked(context: Context, metric: str, section: CrossSection | None) -> Chart | Prose:
    label = words.metric_in_sentence(context.metric(metric), context.language)
    year = context.edition.year
    if section is None:
        peers = context.panel.catalog.group_label(context.edition.peers, context.language)
        return absent(context, "absent_peers", year=year, peers=peers)
    mine = section.rows[section.rows["role"] == "focus"].iloc[0]
    if mine["grade"] == "C" or section.reporting < 2:
        reasons = [context.label("reason", code) for code in mine["reasons"] or ("alone",)]
        return absent(
            context, "absent_ranked", year=year, label=label, figure=context.figure(mine),
            reasons=words.listed(reasons, context.language), cite=context.cite(int(str(mine.name))),
        )  # fmt: skip
    shown = section.rows[section.rows["grade"] != "C"].sort_values("shown", ascending=False)
    context.cite(*(int(row) for row in shown.index))
    if section.rated:
        context.cite(*(int(row) for row in shown["residents_row"] if row >= 0))
    return ranked_chart(context, section)


def _card(context: Context, metric: str) -> Prose:
    lines = [(key, escape(text)) for key, text in metric_cards.rows(context, context.metric(metric))]
    return Prose(metric_cards.fold(context, context.metric(metric), lines))


def _figures(context: Context, metric: str, chosen: Sequence[int]) -> Table:
    rows = _graded(context, metric, chosen)
    context.cite(*(int(label) for label in rows.index))
    names = context.columns("period", "value", "scope", "grade", "reason")
    none = context.label("word", "none")
    cells = [
        (
            context.period(row),
            context.figure(row),
            context.label("scope", str(row["scope"])),
            str(row["grade"]),
            words.listed([context.label("reason", code) for code in row["reasons"]], context.language)
            or none,
        )
        for _, row in rows.iterrows()
    ]
    caption = {"en": "The city’s figures and whether they may be compared", "zh": "本市的数字及其可比等级"}
    return Table(
        "figures", caption[context.language], pd.DataFrame(cells, columns=names), numeric=(names[1],)
    )


def _graded(context: Context, metric: str, chosen: Sequence[int]) -> pd.DataFrame:
    """The picked figures of the city, each judged in its own scope."""
    panel, city = context.panel, context.edition.city
    facts = panel.pick(panel.facts(city, chosen, [metric], whole_area=True))
    bases = compare.bases(panel.facts(city))
    parts = [
        compare.grade(part, panel.catalog, str(scope), bases)
        for scope, part in facts.groupby("scope", sort=False)
    ]
    return pd.concat(parts).sort_values(["year", "scope"], kind="stable")


def group_labels(panel: Panel, language: Language) -> dict[str, str]:
    """The label of each peer group by its name: those that depend on the city first, then the named ones."""
    names = [*COMPUTED_GROUPS, *panel.catalog.groups]
    return {name: panel.catalog.group_label(name, language) for name in names}
