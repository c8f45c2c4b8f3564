"""What a figure's surroundings say of it: its kind, its year and period, and whose figure it is.

It reads words only (同比, 占, 截至11月底, 上半年, 市本级, 门户网站) and keeps to the figure's own sentence.
What no word says is left to the document and to the metric: it never guesses a period or a scope.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.ingest.figures import CONTEXT, PERIODS, Figure, read_number


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that a text names: its place, its year and its period; `base` is a year of comparison."""

    start: int
    end: int
    year: int
    period: str
    base: bool = False


@dataclass
class Found:
    """What is known of one figure, filled pass by pass; later figures of its sentence look back at it."""

    figure: Figure
    sentence: int = 0  # where its sentence begins
    clause: int = 0  # where its half sentence begins
    begin: int = 0  # where its own words begin, and end
    end: int = 0
    own: str = ""  # its own words before it, as printed
    left: str = ""  # the words that name its metric
    right: str = ""
    unit: str = ""  # empty where the metric's unit is not printed
    kind: str = "value"
    sign: int = 1
    topics: Mapping[str, float] = field(default_factory=dict)  # of what the text speaks, and how strongly
    current: frozenset[str] = frozenset()  # the topics that were named last
    title: frozenset[str] = frozenset()
    reach: str = "far"  # where they were: near it, in the text before it, or far off
    time: Moment | None = None
    scope: tuple[str, str] = ("", "")
    region: str = ""
    placed: bool = False  # its scope is a place or a group, which the next figures share
    metric_id: str = ""
    named: str = ""  # of a figure before a cut (由89个精简为74个): the metric of the one after it
    confidence: float = 0.0
    reason: str = "no pattern fits its words"
    notes: list[str] = field(default_factory=list)


def kind(figure: Figure, left: str, right: str, before: str, against: bool = False) -> tuple[str, int]:
    """The kind and, of a change, the sign, by own words and half sentence; `against` another year's."""
    if figure.form != "number":
        return figure.form, 1
    found = CONTEXT["change"].search(left)
    relative = figure.unit in ("%", "‰", "倍", "个百分点", "百分点")
    against = against or CONTEXT["year_on_year"].search(left) is not None
    told = found and (against or (relative and not CONTEXT["cut"].search(left)))
    if told or "百分点" in figure.unit or (relative and CONTEXT["same_time"].search(left)):
        return "change", -1 if found and found["fall"] else 1
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
    told, part = year, "full"
    for match in CONTEXT["time"].finditer(text):
        given = {name.rstrip("123456"): words for name, words in match.groupdict().items() if words}
        base, rule = given.get("base", ""), (match.lastgroup or "").rstrip("123456")
        if base:
            named = int(base[:4]) if base[0] == "2" else year - (2 if base == "前年" else 1)
            found.append(Moment(*match.span(), named, part, base=True))
            continue
        told = int(given.get("year", told if rule == "whole" else year))  # 上半年受理310件,全年702件
        if "plan" in given:
            given["first"] = str(2011 + 5 * "二三四".index(given["plan"]))
            told = min(told, int(given["first"]) + 4)
        if "years" in given:
            given["first"] = str(told - int(read_number(given["years"])[0]) + 1)
        filled = {name: words.zfill(2) for name, words in given.items()} | {"year": str(told)}
        period = PERIODS[rule].format_map(PERIODS | filled)
        period = "full" if period in ("ytd-12", "ytd-12-31") else period
        part = period if period.startswith("ytd") else part
        found.append(Moment(*match.span(), told, period))
    return found


def moment_of(start: int, times: Sequence[Moment], sentence: int, relative: bool) -> Moment | None:
    """The last time named before a figure in its sentence; 比2019年 only right before it, never of a rate."""
    count = bisect_right(times, start, key=lambda one: one.end)
    told = (one for one in reversed(times[max(0, count - 12) : count]) if one.start >= sentence)
    return next((one for one in told if not one.base or not (relative or start - one.end > 1)), None)


def period(time: Moment | None, measure: str, wanted: str) -> str:
    """The period in the codes of `data/`, as the metric counts over time or stands on a date."""
    stock = measure == "stock"
    if time is None or time.period == "full":
        return wanted or ("year_end" if stock else "full")
    code, _, rest = time.period.partition("-")
    if code != "ytd":
        return time.period
    month, _, day = rest.partition("-")
    last = monthrange(time.year, int(month))[1]
    return f"at-{time.year}-{month}-{min(int(day or last), last):02}" if stock else f"ytd-{month}"


def scope(text: str, own: str, county: bool) -> tuple[str, str]:
    """Whose figure it is, as a code and in words; empty when no word says it.

    A portal speaks for one figure, so it stands in its `own` words; in a `county` 区级 is its own level.
    """
    if agency := CONTEXT["agency"].search(own):
        return "department", agency[1]
    *_, found = (None, *CONTEXT["scope"].finditer(CONTEXT["respondent"].sub("", text)))
    if found is None or (found["other"] and found[0] not in own):
        return "", ""
    level = "own_level" if county else "lower_level"
    return level if found["county"] else str(found.lastgroup).rstrip("2"), found[0]
