"""What a figure's surroundings say of it: its kind, its year and period, and whose figure it is.

It reads words only (同比, 占, 截至11月底, 上半年, 市本级, 门户网站) and keeps to the figure's own sentence.
What no word says is left to the document and to the metric: it never guesses a period or a scope.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.ingest.figures import Figure, read_number
from analysis.ingest.lexicon import CONTEXT

_OWNERS = {"lower": "lower_level", "own": "own_level", "centre": "own_level", "county": "lower_level"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that a text names: its place, its year and its period, without what a metric makes of it."""

    start: int
    end: int
    year: int
    period: str
    base: bool = False


def kind(figure: Figure, left: str, right: str, before: str, against: bool = False) -> tuple[str, int]:
    """The kind of a figure and, for a change, its sign.

    `left` are the words since the figure before it, which may be another year's (`against`), `right` those up
    to the next mark; `before` is its half sentence so far.
    """
    if figure.form in ("rank", "duration", "none", "ratio"):
        return figure.form, 1
    relative = figure.unit in ("%", "倍", "个百分点", "百分点", "‰")
    found = CONTEXT["change"].search(left)
    sign = -1 if found and found["fall"] else 1
    against = against or CONTEXT["year_on_year"].search(left) is not None
    if found and (against or (relative and not CONTEXT["cut"].search(left))):
        return "change", sign
    if relative and (re.search("同比(?:为)?-?$", left) or "百分点" in figure.unit):
        return "change", sign
    if left.endswith("每"):
        return "rule", 1
    if CONTEXT["from"].search(left) and CONTEXT["turn"].match(right):
        return "before", 1
    if relative:
        return ("share" if "占" in left else "rate"), 1
    return ("part" if "其中" in before or "包括" in before else "value"), 1


def moments(text: str, year: int) -> list[Moment]:
    """The times that a text names, in their order; years that are not printed are the document's."""
    found: list[Moment] = []
    for match in CONTEXT["time"].finditer(text):
        given = match.groupdict()
        compared = given["base"] or given["last"]
        if compared:
            named = int(compared[:4]) if compared[0] == "2" else year - (2 if compared == "前年" else 1)
            period = "full"
        else:
            named = int(given["y2"] or given["ya"] or given["year"] or given["yy"] or year)
            if given["whole"] and not given["yy"]:  # 上半年受理310件,全年702件
                named = next((one.year for one in reversed(found) if not one.base), year)
            named, period = _long(given, named) or (named, _part(given, named))
        found.append(Moment(*match.span(), named, period, base=bool(compared)))
    return found


def _long(given: dict[str, str | None], year: int) -> tuple[int, str] | None:
    """Year and period of what may last longer than a year: 2018年至2020年, 十三五期间, 近三年, 2019年以来."""
    if given["span"]:
        first, last = f"{given['y1']}-{int(given['m1'] or 1):02}", f"{year}-{int(given['m2'] or 12):02}"
        if given["d1"] and given["d2"]:
            first, last = f"{first}-{int(given['d1']):02}", f"{last}-{int(given['d2']):02}"
        return year, f"span-{first}..{last}"
    if given["plan"]:
        began = 2011 + 5 * "二三四".index(given["plan"][1])
        year = min(year, began + 4)
        return year, f"span-{began}-01..{year}-12"
    if given["since"]:
        return year, f"span-{given['since']}-{int(given['sm'] or 1):02}..{year}-12"
    count = given["years"] or given["fiveyears"]
    return (year, f"span-{year - int(read_number(count)[0]) + 1}-01..{year}-12") if count else None


def _part(given: dict[str, str | None], year: int) -> str:
    """上半年, 1-11月, 前三季度: from January to that month; 下半年 is a span, 截至11月底 a date."""
    if given["second"]:
        return f"span-{year}-07..{year}-12"
    if given["asof"]:
        month, day = int(given["ma"] or 12), int(given["da"] or 31)
        whole = not 1 <= month <= 12 or (month == 12 and day == 31)
        return "full" if whole else f"asof-{month:02}-{min(day, monthrange(year, month)[1]):02}"
    quarters = given["quarters"] or ""
    count = 3 if "一" in quarters else 9 if "三" in quarters else 6 if quarters or given["half"] else 12
    month = int(given["mm"] or given["mf"] or count)
    return f"ytd-{month:02}" if 1 <= month < 12 else "full"


def moment_of(figure: Figure, times: Sequence[Moment], start: int, relative: bool) -> Moment | None:
    """The time that governs a figure: the last one named before it in its sentence.

    A year of comparison (比2019年) governs only the figure right behind it, and never a rate of change.
    """
    for time in reversed(times[: bisect_right(times, figure.start, key=lambda one: one.end)]):
        if time.start < start:
            return None
        far = time.base and (relative or figure.start - time.end > 1)
        if far:
            continue
        part = next((other for other in reversed(times) if other.period.startswith("ytd")), None)
        return replace(time, period=part.period) if time.base and part and part.start < time.start else time
    return None


def period(time: Moment | None, measure: str, wanted: str) -> str:
    """The period in the codes of `data/`, as the metric counts over time or stands on a date."""
    given, stock = time.period if time else "full", measure == "stock"
    if time is None or given == "full":
        return wanted or ("year_end" if stock else "full")
    code, _, rest = given.partition("-")
    if code == "asof":
        return f"at-{time.year}-{rest}" if stock else f"ytd-{rest[:2]}"
    if code == "ytd" and stock:
        return f"at-{time.year}-{rest}-{monthrange(time.year, int(rest))[1]}"
    return given


def scope(text: str, own: str, county: bool) -> tuple[str, str]:
    """Whose figure it is, as a code and in the words of its sentence; empty when no word says it.

    A portal speaks for one figure only, so it must stand in the figure's `own` words; in the document of a
    `county` 区级 is its own level. Against whom people applied (被申请人) says nothing of whose figure it is.
    """
    agency = CONTEXT["agency"].search(own)
    if agency:
        return "department", agency[1]
    found = next(reversed(list(CONTEXT["scope"].finditer(CONTEXT["respondent"].sub("", text)))), None)
    name = found.lastgroup if found else None
    if found is None or name is None or (name == "other" and found[0] not in own):
        return "", ""
    return "own_level" if county and name == "county" else _OWNERS.get(name, name), found[0]
