"""A region, metric or group that is unknown or ambiguous is refused with what is near."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from data_folder import REPORT, DataFolder

from analysis import catalog as catalogs
from analysis.catalog import DOMAINS, Catalog
from analysis.errors import DataError, InputError
from analysis.panel import Panel

EXCEPTIONS = Path(__file__).parent / "data" / "romanisation_exceptions.csv"
LEAST_OBSERVATIONS = 10


@pytest.fixture(scope="module")
def catalog(panel: Panel) -> Catalog:
    return panel.catalog


@pytest.mark.parametrize(
    ("word", "suggested"),
    [
        ("Zhanjaing", "440800 (Zhanjiang 湛江市)"),
        ("湛江巿", "440800 (Zhanjiang 湛江市)"),
        ("Guanzhou", "440100 (Guangzhou 广州市)"),
        ("xyzzy", "look the name up in data/regions.csv"),
        ("", "look the name up in data/regions.csv"),
    ],
)
def test_an_unknown_city_is_refused_with_the_closest(catalog: Catalog, word: str, suggested: str) -> None:
    with pytest.raises(InputError, match="A city must be one of") as caught:
        catalog.region(word)
    assert suggested in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("word", "codes"),
    [("Yulin", ("450900 (玉林市)", "610800 (榆林市)")), ("Fuzhou", ("350100 (福州市)", "361000 (抚州市)"))],
)
def test_an_ambiguous_city_is_refused_with_every_choice(
    catalog: Catalog, word: str, codes: tuple[str, ...]
) -> None:
    with pytest.raises(InputError, match="one only") as caught:
        catalog.region(word)
    assert all(code in caught.value.message for code in codes)


def test_a_name_of_a_province_and_a_city_is_refused_with_both(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="one only") as caught:
        catalog.region("吉林")
    assert "220000 (吉林省), 220200 (吉林市)" in caught.value.message


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("莱芜", "merged into Jinan in 2019"),
        ("莱芜市", "type 370100 (Jinan 济南市)"),
        ("Laiwu", "type 370100"),
        ("萊蕪", "type 370100"),
        ("巢湖", "divided among Hefei, Wuhu and Ma'anshan"),
        ("思茅地区", "type 530800 (Pu'er 普洱市)"),
        ("朝阳区", "Of the same name: 211300 (Chaoyang 朝阳市)"),
        ("440899", "type 440800"),
        ("4408", "type 440800 (Zhanjiang 湛江市)"),
        ("440803000000", "type 440803"),
        ("香港特別行政區", "the panel covers no other"),
        ("Taiwan", "the panel covers no other"),
    ],
)
def test_what_is_no_more_or_not_there_is_refused_with_advice(catalog: Catalog, word: str, shown: str) -> None:
    with pytest.raises(InputError, match="A city must be one of") as caught:
        catalog.region(word)
    assert shown in caught.value.message


def test_a_metric_is_found_by_its_label_and_by_words_of_it(catalog: Catalog) -> None:
    received = catalog.metrics["reconsideration.received"]
    assert catalog.metric(received.label_zh) is catalog.metric(received.label_en.upper()) is received
    assert {item.domain for item in catalog.matching("行政複議")} >= {"reconsideration"}
    assert catalog.matching("") == tuple(catalog.metrics.values())
    assert catalog.matching("没有这个词") == ()
    with pytest.raises(InputError, match=r"reconsideration\.[a-z_]+ \(行政复议"):
        catalog.metric("行政复议")


def test_events_are_those_of_the_region_and_of_what_it_lies_in(catalog: Catalog) -> None:
    assert [item.region_code for item in catalog.events("420100", 2020)] == ["000000", "420000"]
    assert [item.region_code for item in catalog.events("武汉", 2020)] == ["000000", "420000"]
    assert [item.region_code for item in catalog.events("440800", 2020)] == ["000000"]
    assert catalog.events("440800", 2018) == ()
    event = catalog.events("420000", 2020)[1]
    assert event.label("en") != event.label("zh")
    assert "2020-01-23" in event.source


def test_a_region_knows_its_province(catalog: Catalog) -> None:
    assert [item.region_code for item in catalog.around("440803")] == ["440803", "440800", "440000", "000000"]
    province = catalog.province("440803")
    assert province is not None
    assert province.name_zh == "广东省"
    assert catalog.province("000000") is None


def test_a_catalogue_says_on_one_line_what_it_holds(catalog: Catalog) -> None:
    assert re.fullmatch(r"<Catalog: \d+ metrics, \d+ regions, \d+ sources, \d+ peer groups>", repr(catalog))


def test_an_unknown_metric_and_group_get_the_closest(catalog: Catalog) -> None:
    with pytest.raises(InputError, match=r"type reconsideration\.received"):
        catalog.metric("reconsideration.recieved")
    with pytest.raises(InputError, match="type guangdong"):
        catalog.check_group("guangdon")
    with pytest.raises(InputError, match="choose one of all, anhui, china_cities, guangdong"):
        catalog.check_group("q")


def test_a_missing_table_is_refused(folder: DataFolder) -> None:
    (folder.write() / "peer_groups.csv").unlink()
    with pytest.raises(DataError, match=r"peer_groups\.csv must exist"):
        catalogs.load(folder.path)


@pytest.mark.parametrize(
    "word", ["440800", "湛江市", "湛江", "Zhanjiang", "zhanjiang", "ZHAN JIANG", "  Zhanjiang ", "zhan-jiang"]
)
def test_a_city_is_found_by_code_name_and_pinyin(catalog: Catalog, word: str) -> None:
    assert catalog.region(word).region_code == "440800"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("玉林", "450900"),
        ("Yulin (Shaanxi)", "610800"),
        ("Xi'an", "610100"),
        ("xian", "610100"),
        ("Xi’an", "610100"),
        ("全国", "000000"),
        ("中国", "000000"),
        ("China", "000000"),
        ("Guangdong", "440000"),
        ("Hainan", "460000"),
        ("海南", "460000"),
        ("海南州", "632500"),
        ("Jilin", "220000"),
        ("Jilin city", "220200"),
        ("Jilin (city)", "220200"),
        ("吉林市", "220200"),
        ("恩施", "422800"),
        ("恩施州", "422800"),
        ("大理", "532900"),
        ("大理州", "532900"),
        ("伊犁", "654000"),
        ("凉山州", "513400"),
        ("延边", "222400"),
        ("博尔塔拉", "652700"),
        ("克孜勒苏", "653000"),
        ("黔西南", "522300"),
        ("广西", "450000"),
        ("新疆", "650000"),
        ("内蒙古", "150000"),
        ("廣州", "440100"),
        ("廣州市", "440100"),
        ("濟南", "370100"),
        ("４４０８００", "440800"),
        ("Ｚｈａｎｊｉａｎｇ", "440800"),
        ("Luliang", "141100"),
        ("Lvliang", "141100"),
        ("Garze", "513300"),
    ],
)
def test_names_that_mislead_are_found(catalog: Catalog, word: str, code: str) -> None:
    assert catalog.region(word).region_code == code


def test_a_name_of_a_city_and_a_county_means_the_city(folder: DataFolder) -> None:
    catalog = catalogs.load(folder.write())
    assert catalog.region("Chaoyang").region_code == "211300"
    assert catalog.region("朝阳").region_code == "211300"
    assert catalog.region("朝阳区").region_code == "110105"


def test_every_region_is_found_by_its_own_code_and_names(catalog: Catalog) -> None:
    for region in catalog.regions.values():
        assert catalog.region(region.region_code) is region
        for name in (region.name_en, region.name_en.upper(), region.name_zh):
            found = catalog.region(name)
            assert found is region or found.level == "prefecture", f"{name} leads to {found}"


def test_english_names_are_unique_at_each_level(catalog: Catalog) -> None:
    names = [(region.level, region.name_en) for region in catalog.regions.values()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_well_known_exceptions_of_pinyin_are_kept(catalog: Catalog) -> None:
    with EXCEPTIONS.open(encoding="utf-8", newline="") as handle:
        expected = [(row["name_zh"], row["name_en"]) for row in csv.DictReader(handle)]
    assert len(expected) >= 80
    names = {(region.name_zh, region.name_en) for region in catalog.regions.values()}
    assert [pair for pair in expected if pair not in names] == []


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("湛江市", "湛江"),
        ("延边朝鲜族自治州", "延边"),
        ("内蒙古自治区", "内蒙古"),
        ("全国", "全国"),
        ("沙市", "沙市"),
    ],
)
def test_the_stem_of_a_name_keeps_two_characters(name: str, stem: str) -> None:
    assert catalogs.Region("000001", name, "", "prefecture", "").stem_zh == stem


def test_a_copy_is_never_linked(catalog: Catalog) -> None:
    copies = [item for item in catalog.sources.values() if not item.url and item.mirror_url]
    assert len(copies) > 10
    assert {item.link for item in copies} == {""}
    assert all(item.title and item.publisher for item in copies)


def test_an_address_that_no_browser_opens_is_no_link(catalog: Catalog) -> None:
    odd = [item for item in catalog.sources.values() if item.url and not item.url.startswith("http")]
    assert odd
    assert {item.link for item in odd} == {""}


def test_a_rates_parts_and_breaks_are_lists(folder: DataFolder) -> None:
    metrics = catalogs.load(folder.write()).metrics
    rate = metrics["reconsideration.correction_rate"]
    assert rate.numerators == ("reconsideration.revoked", "reconsideration.modified")
    assert rate.denominators == ("reconsideration.closed",)
    assert metrics["legal_aid.cases"].denominators == ()
    assert metrics["reconsideration.closed"].break_years == (2021,)


def test_labels_follow_the_language(catalog: Catalog) -> None:
    metric = catalog.metrics["reconsideration.received"]
    assert metric.label("zh") != metric.label("en")
    assert catalog.regions["440800"].name("zh") == "湛江市"
    assert catalog.group_label("guangdong", "zh") != catalog.group_label("guangdong", "en")


def test_peer_groups_have_their_members(catalog: Catalog) -> None:
    sizes = {name: len(codes) for name, codes in catalog.groups.items()}
    assert sizes["guangdong"] == 21
    assert sizes["provinces"] == 31
    assert sizes["china_cities"] == 333
    assert set(catalog.groups["zhanjiang_partners"]) == {"460100", "450900", "450700", "450500"}
    parts = [catalog.groups[f"guangdong_{name}"] for name in ("delta", "east", "north", "west")]
    assert sorted(code for part in parts for code in part) == sorted(catalog.groups["guangdong"])


def test_metrics_with_facts_have_definition_and_caveat_in_both_languages(panel: Panel) -> None:
    frame = panel.observations
    often = frame["metric_id"].value_counts()
    needed = set(often.index[often >= LEAST_OBSERVATIONS])
    needed |= set(frame.loc[frame["source_id"] == REPORT, "metric_id"])
    assert len(needed) > 100
    cards = [panel.catalog.metrics[key] for key in sorted(needed)]
    lacking = [
        (item.metric_id, language)
        for item in cards
        for language in catalogs.LANGUAGES
        if not (item.definition(language).strip() and item.caveat(language).strip())
    ]
    assert lacking == []


def test_every_domain_of_the_design_has_a_metric(catalog: Catalog) -> None:
    assert {item.domain for item in catalog.metrics.values()} == set(DOMAINS)
