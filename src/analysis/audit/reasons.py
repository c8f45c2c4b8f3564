"""The reason codes of the findings with their short labels: what was seen, in words that accuse nobody.

A label says what the printed figures do, never why. Sentences with numbers are the narrative's.
"""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """A short label in each language."""

    en: str
    zh: str


CHECKS: dict[str, Reason] = {
    "sum": Reason("Parts and total", "分项与合计"),
    "scope_sum": Reason("Scopes and whole area", "各范围与全域"),
    "office_sum": Reason("Offices and total", "各部门与合计"),
    "place_sum": Reason("Places and whole area", "各地与全域"),
    "rate": Reason("Rate, numerator and base", "比率与分子分母"),
    "base": Reason("Base of the rate", "比率的分母"),
    "grim": Reason("Whole numbers behind a rate", "比率对应的整数"),
    "rounding": Reason("Rounding rule of the report", "报告的取舍规则"),
    "backcast": Reason("Change and prior year", "同比与上年数"),
    "plausible": Reason("Possible percentage", "百分数的合理范围"),
    "points": Reason("Per cent or percentage points", "百分比与百分点"),
    "order": Reason("Part and whole", "部分不大于整体"),
    "cumulative": Reason("Longer and shorter period", "累计数不减"),
    "two_sources": Reason("Same fact in several sources", "多个来源的同一数字"),
    "two_sections": Reason("Same fact in two sections", "两处出现的同一数字"),
    "identical": Reason("Identical figures", "相同的数字"),
    "wording": Reason("Words beside the figure", "数字旁的限定词"),
}
"""What each check compares."""

REASONS: dict[str, Reason] = {
    "adds_up": Reason("the parts add up to the total", "分项之和等于合计"),
    "adds_up_within_rounding": Reason(
        "the parts may add up to the total, as far as rounding shows", "在取舍范围内分项之和可能等于合计"
    ),
    "not_itemised": Reason("part of the total is not itemised", "合计中有一部分未列明"),
    "part_not_printed": Reason("some parts are not printed", "部分分项未公布"),
    "parts_short": Reason("the parts add up to less than the total", "分项之和小于合计"),
    "parts_exceed": Reason("the parts add up to more than the total", "分项之和大于合计"),
    "scopes_overlap": Reason("the listed scopes overlap", "所列范围有重叠"),
    "scopes_incomplete": Reason("not all scopes are listed", "所列范围不完整"),
    "offices_incomplete": Reason("not all offices are listed", "所列部门不完整"),
    "places_incomplete": Reason("not all places are listed", "所列地区不完整"),
    "places_exceed": Reason("the places add up to more than the whole area", "各地之和大于全域数"),
    "reproduced": Reason("reproduced from the printed parts", "可由公布的分项算出"),
    "reproduced_by_truncation": Reason(
        "reproduced from the printed parts by truncation only", "仅在截尾时可由公布的分项算出"
    ),
    "reproduced_by_rounding": Reason(
        "reproduced from the printed parts by rounding, not by truncation", "仅在四舍五入时可由公布的分项算出"
    ),
    "rounded_parts_allow_it": Reason("possible with the rounded parts printed", "以公布的约数推算是可能的"),
    "not_reproducible": Reason(
        "not reproducible from the printed parts under rounding", "按任何取舍规则均不能由公布的分项算出"
    ),
    "one_base_fits": Reason("one printed base fits", "有一个公布的分母相符"),
    "several_bases_fit": Reason("several printed bases fit", "有多个公布的分母相符"),
    "no_printed_base_fits": Reason("no printed base fits the rate", "公布的分母均不相符"),
    "no_whole_base": Reason("no whole-number base gives this rate", "没有整数分母能得出该比率"),
    "implied_base": Reason("base implied by the rate, not printed", "由比率推算的分母，报告未公布"),
    "whole_number_exists": Reason("a whole number gives this rate", "有整数能得出该比率"),
    "no_whole_number": Reason("no whole number of this base gives this rate", "该分母下没有整数能得出该比率"),
    "truncates": Reason("the report truncates its rates", "报告的比率均为截尾"),
    "rounds_half_up": Reason("the report rounds its rates half up", "报告的比率均为四舍五入"),
    "mixed_rounding": Reason("no single rounding rule gives all rates", "没有一种取舍规则能得出全部比率"),
    "prior_agrees": Reason("agrees with the prior year's own figure", "与上年公布数相符"),
    "prior_may_agree": Reason(
        "may agree with the prior year's figure, as far as rounding shows", "在取舍范围内与上年数可能相符"
    ),
    "prior_differs": Reason("the prior year's figure implies another change", "与上年公布数不符"),
    "prior_implied": Reason("prior-year figure implied, not printed", "由同比推算的上年数，未见公布"),
    "within_range": Reason("within the possible range", "在可能范围内"),
    "share_outside": Reason("a share outside 0 to 100 per cent", "比率不在0至100%之间"),
    "fall_beyond_all": Reason("a fall of more than everything", "下降幅度超过100%"),
    "read_as_points": Reason("fits as a change in percentage points only", "仅作为百分点变化相符"),
    "read_as_ratio": Reason("fits as prior-year level in per cent", "作为上年的百分之几相符"),
    "read_as_share_of_current": Reason("fits as a share of the current figure", "作为占本年数的比例相符"),
    "read_as_other_sign": Reason("fits with the other sign", "符号相反时相符"),
    "said_in_points": Reason("the source says percentage points", "来源写的是百分点"),
    "in_order": Reason("in order", "大小关系成立"),
    "may_be_in_order": Reason("the words leave the order open", "限定词使大小关系不能确定"),
    "part_exceeds_whole": Reason("the part is larger than the whole", "部分大于整体"),
    "carried_over": Reason("larger than its base; may hold carried-over cases", "大于基数，可能含上年结转"),
    "cumulative_falls": Reason("the longer period has the smaller figure", "较长期间的数字反而较小"),
    "labels_differ": Reason("the scopes are worded differently", "范围的表述不同"),
    "sources_agree": Reason("the sources agree", "来源一致"),
    "sources_may_agree": Reason("the sources may agree within rounding", "在取舍范围内来源可能一致"),
    "sources_differ": Reason("the sources differ", "来源不一致"),
    "vintages_differ": Reason("published in several vintages", "先后公布了不同版本"),
    "stated_twice": Reason("stated twice with the same figure", "两处数字相同"),
    "same_as_year_before": Reason("the same figure as in the year before", "与上年数字相同"),
    "same_as_other_period": Reason("the same figure as in another period", "与同年另一期间数字相同"),
    "same_as_other_place": Reason("the same figure as another place's", "与另一地区数字相同"),
    "words_not_stored": Reason("the source's words limit the figure", "来源中有限定词"),
}
"""What each reason code says, at most one line in each language."""
