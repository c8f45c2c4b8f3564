"""Charts of two scales: values over years, rates against exposure within funnel limits, counts in a grid.

Refused: a funnel of fewer than ten or of what was not found comparable, more than four categories.
"""

import numpy as np
import pandas as pd
import seaborn as sns
from adjustText import adjust_text
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.ticker import MaxNLocator

from analysis import style
from analysis.charts import layout
from analysis.charts.layout import MARKS, Ends, Looks, Words
from analysis.errors import InputError
from analysis.stats import FEW_UNITS, Cases, require
from analysis.style import EDGE, FOCUS, INK, PAPER

_FUNNEL: Looks = {
    "limits": {"linestyle": "-", "color": EDGE, "linewidth": 1.1},
    "outer": {"linestyle": (0, (4, 2)), "color": EDGE, "linewidth": 1.1},
    "reference": {"linestyle": "-", "color": INK, "linewidth": 0.9},
}
_LINES: Looks = {
    "value": {"marker": "o", "color": FOCUS, "linestyle": "-"},
    "backcast": {"marker": "o", "color": PAPER, "markeredgecolor": FOCUS, "markeredgewidth": 1.6},
}
_MARKERS, _MOST_NAMED = ("o", "s", "D", "^"), 6
_SHADES = LinearSegmentedColormap.from_list("fazhi", ["#F3F5F7", "#9DB6CE", FOCUS])


def funnel(
    cases: Cases, curve: pd.DataFrame | None = None, label: str = "name",
    *, key: Words = None, xlabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Rates against their exposure between limits at 95 % and 99.8 %; names of the focus and of outliers.

    `cases` of `stats.funnel` and their `stats.funnel_curve`. `key`: roles, limits, outer, reference.
    """
    inner, outer = ([f"{side}_{tail}" for side in ("low", "high")] for tail in ("95", "998"))
    comparable = require(cases, "a funnel").comparable
    rows = layout.filled(comparable, "funnel", ["exposure", "rate", *inner], label, "reference", *outer)
    if rows.empty:
        return None
    if len(rows) < FEW_UNITS:
        raise InputError(f"A funnel needs {FEW_UNITS} comparable units", len(rows), "draw charts.ranked.")
    ax = layout.axes(ax, 4.2)
    bounds = (rows if curve is None else curve).sort_values("exposure")
    ax.plot(bounds["exposure"], bounds[inner], zorder=1, **_FUNNEL["limits"])
    ax.plot(bounds["exposure"], bounds[outer], zorder=1, **_FUNNEL["outer"])
    ax.axhline(rows["reference"].iloc[0], zorder=1, **_FUNNEL["reference"])
    for row in rows.to_dict("records"):
        layout.dot(ax, row["rate"], row["exposure"], row["role"])
    layout.finish(ax, xlabel, (), key, MARKS | _FUNNEL, [*rows["role"], *_FUNNEL])
    ax.yaxis.set_major_formatter(layout.tick)
    beyond = pd.concat([rows[inner[0]] - rows["rate"], rows["rate"] - rows[inner[1]]], axis=1).max(axis=1)
    named = rows[(beyond > 0) & (beyond.rank(ascending=False) <= _MOST_NAMED) | (rows["role"] == "focus")]
    names = [
        ax.text(row["exposure"], row["rate"], style.wrap(row[label], 12), color=row["colour"], zorder=5)
        for row in named.to_dict("records")
    ]
    ax.margins(0.08)
    spots, arrows = (rows[name].tolist() for name in ("exposure", "rate")), {"arrowstyle": "-", "color": EDGE}
    # names move off dots and each other; steps, not seconds, end the search: the same on a slow machine
    adjust_text(names, *spots, ax=ax, iter_lim=300, expand=(1.25, 1.8), arrowprops=arrows)
    return ax


def coverage(
    frame: pd.DataFrame, x: str = "year", y: str = "domain", value: str = "facts", *, ax: Axes | None = None
) -> Axes | None:
    """How many figures there are of each pair of `x` and `y`, added up: a number, darker for more."""
    if (rows := layout.filled(frame, "coverage", [value], x, y)).empty:
        return None
    table = rows.pivot_table(index=y, columns=x, values=value, aggfunc="sum", fill_value=0, sort=False)
    table = table.sort_index(axis=1)
    ax = layout.row_axes(table.index, ax, 0.32)
    names = [name.get_text() for name in ax.get_yticklabels()]
    norm = PowerNorm(0.5, 0, max(float(table.to_numpy().max()), 1.0))
    bare = {"fmt": "", "linecolor": PAPER, "xticklabels": False, "yticklabels": False, "cbar": False}
    sns.heatmap(table, annot=table.map(layout.shown), cmap=_SHADES, norm=norm, linewidths=2, ax=ax, **bare)
    for count, note in zip(table.to_numpy().ravel(), ax.texts, strict=True):
        note.set_color(PAPER if norm(count) > 0.66 else "#0B0C0C")
    ax.set(xlabel="", ylabel="", yticks=np.arange(len(names)) + 0.5, yticklabels=names)
    columns = [style.wrap(str(name), max(4.0, 36 / len(table.columns))) for name in table.columns]
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns)
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    return ax


def lines(
    frame: pd.DataFrame, x: str = "year", y: str = "value", hue: str = "",
    *, interval: Ends = ("lower", "upper"), key: Words = None, ylabel: str = "", ax: Axes | None = None,
) -> Axes | None:  # fmt: skip
    """Values over years: no line crosses a missing year or a break, and a back-cast is an open dot.

    Lines of categories of `hue` are named at their end. Used where the frame has them: both of `interval`;
    `break`, words where a value is not joined to the one before; `backcast`, whether it was worked out from a
    later report. `key`: value, backcast.
    """
    if (rows := _pieces(layout.filled(frame, "lines", [x, y], hue), x, hue)).empty:
        return None
    groups = rows["_group"].unique().tolist()
    if len(groups) > len(style.COLOURS):
        rule = f"charts.lines tells at most {len(style.COLOURS)} categories apart"
        raise InputError(rule, ", ".join(groups), "keep those that matter, or draw one chart each.")
    ax = layout.axes(ax, (3.3 if hue else 2.6) + 0.3 * bool(key))
    colours, markers = (dict(zip(groups, looks, strict=False)) for looks in (style.COLOURS, _MARKERS))
    sns.lineplot(
        rows, x=x, y=y, hue="_group", style="_group", units="_piece", estimator=None, palette=colours, ax=ax,
        markers=markers, dashes=False, markeredgecolor="none", legend=False,
    )  # fmt: skip
    for row in rows.to_dict("records"):
        top, colour = row[y], colours[row["_group"]]
        if not np.isnan(ends := [row.get(name, np.nan) for name in interval]).any():
            top = max(top, ends[1])
            ax.plot([row[x]] * 2, ends, color=colour, linewidth=1.4, marker="_", markersize=8, zorder=2)
        if row["backcast"]:
            look = {"markeredgecolor": colour, "marker": markers[row["_group"]]}
            ax.plot(row[x], row[y], zorder=4, **_LINES["backcast"] | look)
        if row["text"] or not hue:
            words = layout.shown(row[y], row["text"])
            layout.note(ax, words, (row[x], top), (0, 7), ha="center", va="bottom", zorder=5)
    layout.finish(ax, "", (), key, _LINES, _LINES if rows["backcast"].any() else ["value"])
    _frame(ax, rows, x, ylabel)
    if hue:
        _name_lines(ax, rows, y, colours)
    return ax


def _pieces(rows: pd.DataFrame, x: str, hue: str) -> pd.DataFrame:
    """The rows by group and year, with the unbroken piece of line that each belongs to."""
    guessed = rows["backcast"].eq(True) if "backcast" in rows else False
    rows = rows.assign(_group=rows[hue].astype(str) if hue else "", backcast=guessed)
    rows["_order"] = rows.groupby("_group", sort=False).ngroup()
    rows = rows.sort_values(["_order", x], kind="stable")
    other = rows["backcast"].ne(rows["backcast"].shift()) | rows["break"].ne("")
    return rows.assign(_piece=(rows["_order"].diff().ne(0) | rows[x].diff().gt(1) | other).cumsum())


def _frame(ax: Axes, rows: pd.DataFrame, x: str, ylabel: str) -> None:
    """Whole years; values from zero up, unless one is below it; a dashed line and its reason at breaks."""
    ax.set_xlim(rows[x].min() - 0.5, rows[x].max() + 0.5)
    years = MaxNLocator(integer=True, nbins=12, min_n_ticks=1)
    ax.xaxis.set(major_locator=years, major_formatter="{x:.0f}")
    ax.yaxis.set(major_locator=MaxNLocator(nbins=5), major_formatter=layout.tick)
    ax.grid(visible=False, axis="x")
    bottom, top = min(0.0, ax.dataLim.y0 * 1.1), ax.dataLim.y1
    # a share of the whole axis: of 41 to 45 alone it would be too little for a dot and its number
    ax.set_ylim(bottom, top + 0.16 * ((top - bottom) or 1.0))
    tall, place = 0, ("data", "axes fraction")
    for year, reason in rows[rows["break"] != ""].drop_duplicates(subset=[x])[[x, "break"]].to_numpy():
        words = style.wrap(reason, 12)
        tall = max(tall, words.count("\n") + 1)
        ax.axvline(year - 0.5, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        layout.note(ax, words, (year - 0.5, 1), (0, 6), xycoords=place, ha="center", va="bottom")
    ax.set_title(style.wrap(ylabel, 40), fontsize=10, color=INK, pad=8 + 15 * tall)


def _name_lines(ax: Axes, rows: pd.DataFrame, y: str, colours: dict[str, str]) -> None:
    """The last value and the name of each line at the right, spread so that none covers another."""
    low, high = ax.get_ylim()
    line, free, ems = 0.085 * (high - low), -np.inf, 12.0
    for row in rows.groupby("_group", sort=False).tail(1).sort_values(y).to_dict("records"):
        words, colour = f"{layout.shown(row[y])} {row['_group']}", colours[row["_group"]]
        half = line * (style.wrap(words, ems).count("\n") + 1) / 2
        place = max(row[y], free + half)
        free = place + half
        layout.aside(ax, place, words, colour if colour in style.TEXT_COLOURS else INK, ems)
