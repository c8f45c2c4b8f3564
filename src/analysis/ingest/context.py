"""What a figure's surroundings say of it: its kind, its year and period, and whose figure it is.

It reads words only (同比, 占, 截至11月底, 上半年, 市本级, 门户网站) and keeps to the figure's own sentence.
What no word says is left to the document and to the metric: it never guesses a period or a scope.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.ingest.figures import Figure
from analysis.ingest.numerals import read_number

_RISE = "增长|增加|上升|提高|提升|上涨|攀升|增幅|上浮|多收|多|升|增"
_FALL = "降幅|下降|减少|降低|下滑|回落|少收|少|降|减"
_HEDGE = r"(?:了|幅)?(?:分别)?(?:为|达到?|约|近|超过?|逾|高达|-)?$"
_CHANGE = re.compile(rf"(?:(?P<rise>{_RISE})|(?P<fall>{_FALL})){_HEDGE}")
_YEAR_ON_YEAR = re.compile("同比|环比|[比较](?:去年|上年|上一年|前年|20\\d\\d年|往年)|相比")
_CUT = re.compile(f"(?:压缩|压减|缩减|精简|缩短){_HEDGE}")
_FROM = re.compile("(?:由|从)(?:原来?的?|最初的?)?$")
_TURN = re.compile("[^,。;\\d]{0,8}?(?:为|至|到|成)")
AIM = re.compile("力争|争取|目标|计划|规划|预期|到20\\d\\d年|将")
"""Words that announce a figure of a later year."""
_PART = re.compile("其中|包括")

_N = r"\d{1,2}"
_TIME = re.compile(
    rf"""(?P<span>(?P<y1>20\d\d)年?(?:(?P<m1>{_N})月(?:(?P<d1>{_N})日)?)?[-—–~至到]+(?P<y2>20\d\d)年
      (?:(?P<m2>{_N})月(?:(?P<d2>{_N})日)?)?)
    | (?:自)?(?P<since>20\d\d)年(?:(?P<sm>{_N})月)?(?:{_N}日)?(?:至今|以来)
    | (?P<plan>十[二三四])五[”"]?(?:时期|期间|以来)
    | (?:近|过去|这)(?P<years>[二两三四五六七八九十]|\d)年(?:来|间)? | (?P<fiveyears>五)年来
    | 截[至止](?:到)?(?:(?P<ya>20\d\d)年|今年|当年)?(?:(?P<ma>{_N})月(?:(?P<da>{_N})日|份?[底末]?)|年?[底末])
    | (?:(?P<yy>20\d\d)年)?(?:的)?(?:1月?(?:份)?[-—–~至到]+(?P<mm>{_N})月|前(?P<mf>{_N})个月
      |(?P<half>上半年)|(?P<quarters>前[二两三]个?季度|第?一季度)|(?P<second>下半年|7月?[-—–~至到]+12月))
    | [比较与同](?P<base>20\d\d年|去年|上年度?|上一年度?|前年)(?:同期)?(?:的)?
    | (?P<year>20\d\d)\s?年度?(?!—) | (?P<last>去年|上一?年度?)(?:同期)?(?:的)?
    """,
    re.VERBOSE,
)
_OPENING = (
    "(?:(?<![\\s\\S])|(?<=[,。;:、(\\s“])|(?<=其中)|(?<=目前)|(?<=年内)|(?<=以来)|(?<=[年度月底由对为]))"
)
_SCOPES = re.compile(
    rf"""(?P<other>(?:[市省县区州旗]?(?:人民)?政府)?(?:门户网站|官方?网站?)|政务网|政府网站|官网|政府网(?!站))
    | (?P<centre>[市县区](?:民|行政|政务)服务中心|[市县区]法律援助(?:中心|处)|市政务大厅)
    | {_OPENING}(?:(?P<lower>(?:全市|我市|全省)?各?(?:县\(市、?区\)|县[市、区]+|区县|镇街|乡镇))
      | (?P<whole>全[市省县区州国盟旗]|我[市省县区州]|各级|[两三四]级法院|市县两级)
      | (?P<own>(?:[市省县区州旗]|自治区)?本级|[市省]直|[市省]级|[市省]委(?!托)
        |[市省](?:人民)?政府(?!门户|网站|信息公开平台)(?:办公?[厅室]?)?)
      | (?P<county>[区县]县?(?:级|直|委|人民政府|政府)(?!门户|网站)))
    """,
    re.VERBOSE,
)
_AGENCY = re.compile(r"([\u4e00-\u9fff]{2,12}?(?:局|委员会|厅|委|办事处))(?:行政机关)?(?:主要)?负责人")


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

    Args:
        figure: The figure.
        left: The words between the figure before it and this one.
        right: The words behind it up to the next mark.
        before: The sentence up to the figure.
        against: The figure before it is another year's.
    """
    if figure.form in ("rank", "duration", "none", "ratio"):
        return figure.form, 1
    relative = figure.unit in ("%", "倍", "个百分点", "百分点", "‰")
    found = _CHANGE.search(left)
    against = against or _YEAR_ON_YEAR.search(left) is not None
    if found and (against or (relative and not _CUT.search(left))):
        return "change", 1 if found["rise"] else -1
    if relative and (re.search(r"同比(?:为)?-?$", left) or "百分点" in figure.unit):
        return "change", -1 if found and found["fall"] else 1
    if left.endswith("每"):
        return "rule", 1
    if _FROM.search(left) and _TURN.match(right):
        return "before", 1
    if relative:
        return ("share" if "占" in left else "rate"), 1
    return ("part" if _PART.search(before) else "value"), 1


def moments(text: str, year: int) -> list[Moment]:
    """The times that a text names, in their order."""
    return [_moment(found, year) for found in _TIME.finditer(text)]


def _moment(found: re.Match[str], year: int) -> Moment:
    """One time; years that are not printed are the document's."""
    at, end = found.span()
    given = found.groupdict()
    if given["span"]:
        first = f"{given['y1']}-{int(given['m1'] or 1):02}"
        last = f"{given['y2']}-{int(given['m2'] or 12):02}"
        if given["d1"] and given["d2"]:
            first, last = f"{first}-{int(given['d1']):02}", f"{last}-{int(given['d2']):02}"
        return Moment(at, end, int(given["y2"]), f"span-{first}..{last}")
    if given["since"]:
        return Moment(at, end, year, f"span-{given['since']}-{int(given['sm'] or 1):02}..{year}-12")
    if given["plan"]:
        began = 2011 + 5 * "二三四".index(given["plan"][1])
        return Moment(at, end, min(year, began + 4), f"span-{began}-01..{min(year, began + 4)}-12")
    if given["years"] or given["fiveyears"]:
        count = int(read_number(given["years"] or "五")[0])
        return Moment(at, end, year, f"span-{year - count + 1}-01..{year}-12")
    if found[0].startswith("截"):
        return _as_of(found, int(given["ya"] or year))
    if given["base"] or given["last"]:
        word = given["base"] or given["last"]
        back = int(word[:4]) if word[0] == "2" else year - (2 if word == "前年" else 1)
        return Moment(at, end, back, "full", base=True)
    if given["year"]:
        return Moment(at, end, int(given["year"]), "full")
    return _part_of_year(found, int(given["yy"] or year))


def _as_of(found: re.Match[str], year: int) -> Moment:
    """截至11月底, 截至2020年6月30日; the end of December is the year's."""
    month, day = int(found["ma"] or 12), int(found["da"] or 31)
    if not 1 <= month <= 12 or (month == 12 and day == 31):
        return Moment(*found.span(), year, "full")
    return Moment(*found.span(), year, f"asof-{month:02}-{min(day, calendar.monthrange(year, month)[1]):02}")


def _part_of_year(found: re.Match[str], year: int) -> Moment:
    """上半年, 1-11月, 前三季度: from January to that month; 下半年 is a span."""
    if found["second"]:
        return Moment(*found.span(), year, f"span-{year}-07..{year}-12")
    quarters = found["quarters"] or ""
    count = 6 if found["half"] else 3 if "一" in quarters else 9 if "三" in quarters else 6 if quarters else 0
    month = int(found["mm"] or found["mf"] or count)
    return Moment(*found.span(), year, f"ytd-{month:02}" if 1 <= month < 12 else "full")


def moment_of(figure: Figure, times: Sequence[Moment], start: int, relative: bool) -> Moment | None:
    """The time that governs a figure: the last one named before it in its sentence.

    A year of comparison (比2019年) governs only the figure right behind it, and never a rate of change.
    """
    for time in reversed(times):
        if time.start < start:
            return None
        if time.end > figure.start:
            continue
        if time.base and (relative or figure.start - time.end > 1):
            continue
        if time.base:
            part = next((other for other in reversed(times) if other.period[:3] == "ytd"), None)
            return replace(time, period=part.period) if part and part.start < time.start else time
        return time
    return None


def period(time: Moment | None, measure: str, wanted: str) -> str:
    """The period in the codes of `data/`, as the metric counts over time or stands on a date."""
    given = time.period if time else "full"
    stock = measure == "stock"
    if given.startswith("asof"):
        _, month, day = given.split("-")
        return f"at-{time.year if time else 0}-{month}-{day}" if stock else f"ytd-{month}"
    if given == "full":
        return wanted or ("year_end" if stock else "full")
    if stock and given.startswith("ytd") and time:
        last = int(given[4:])
        return f"at-{time.year}-{last:02}-{calendar.monthrange(time.year, last)[1]}"
    return given


def scope(text: str, own: str, county: bool) -> tuple[str, str]:
    """Whose figure it is, as a code and in the words of the text; empty when no word says it.

    Args:
        text: The sentence up to the figure.
        own: The part of it behind the figure before; one portal speaks for one figure only.
        county: The document is a county's, whose 区级 is its own level.
    """
    agency = _AGENCY.search(own)
    if agency:
        return "department", agency[1]
    found = next(reversed(list(_SCOPES.finditer(text))), None)
    if found is None:
        return "", ""
    name = found.lastgroup or ""
    if name == "other" and found[0] not in own:
        return "", ""
    code = {"lower": "lower_level", "own": "own_level", "centre": "own_level"}
    code["county"] = "own_level" if county else "lower_level"
    return code.get(name, name), found[0]
