"""Candidates are held against the panel, written safely, and taken over wholly or not at all."""

from __future__ import annotations

import csv
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import accept as taking
from analysis import check, tables
from analysis import ingest as reader
from analysis import panel as panels
from analysis.catalog import Catalog
from analysis.errors import DataError, FazhiError, InputError
from analysis.ingest import patterns, review
from analysis.ingest.document import Document
from analysis.ingest.patterns import Patterns
from analysis.panel import Panel

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "notebooks" / "invented_report.txt"
CITY = "449900"


@pytest.fixture(scope="module")
def known() -> Patterns:
    """The patterns of the repository."""
    from analysis import catalog as catalogs

    return patterns.load(ROOT / "data" / "patterns.toml", catalogs.load(ROOT / "data"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of data/ and editions.toml in which the invented city is a region."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copyfile(ROOT / "editions.toml", folder / "editions.toml")
    regions = folder / "data" / "regions.csv"
    with regions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    cells = [CITY, "明川市", "Mingchuan", "prefecture", "440000"]
    rows.append(cells + [""] * (len(rows[0]) - len(cells)))
    with regions.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([rows[0], *sorted(rows[1:])])
    return folder


LOADED: dict[bytes, Panel] = {}


def loaded(sources: bytes, project: Path) -> Panel:
    """The panel of a project, loaded once for all whose sources are the same."""
    if sources not in LOADED:
        LOADED[sources] = panels.load(project / "data")
    return LOADED[sources]


def ingested(project: Path, known: Patterns, text: str, place: Path) -> tuple[Path, pd.DataFrame, Panel]:
    """The candidates of a text: their file, their rows, and the panel they were held against."""
    panel = loaded((project / "data" / "sources.csv").read_bytes(), project)
    file = place / "report.txt"
    file.write_text(text, encoding="utf-8")
    document, address = reader.read(str(file), panel.catalog)
    source = review.source_row(document, address, panel)
    found = review.judge(document, source, panel, known)
    return review.write(document, source, found, panel.catalog, place / "out"), found, panel


def fingerprint(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(path: Path, line: int, **cells: str) -> None:
    """Changes cells of one line of a CSV file, as a person would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[line - 2].update(cells)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


# what is not taken over


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"accept": "maybe"}, "yes, no or"),
        ({"accept": "yes", "metric_id": "no.such_metric"}, r"metric_id must stand in metrics\.csv"),
        ({"accept": "yes", "metric_id": "reconsideration.received", "value": "=1+1"}, "plain number"),
        ({"accept": "yes", "metric_id": "reconsideration.received", "region_code": ""}, "six digits"),
        (
            {"accept": "yes", "metric_id": "reconsideration.received", "region_code": "440899"},
            "must stand in",
        ),
        (
            {"accept": "yes", "metric_id": "reconsideration.closed", "evidence": "长" * 31},
            "1 to 30 characters",
        ),
        ({"accept": "yes", "metric_id": "services.online_rate", "value": "126"}, "between 0 and 100"),
        ({"accept": "yes", "metric_id": "reconsideration.received", "period": "../../x"}, "period"),
    ],
)
def test_one_bad_row_and_nothing_is_written(
    project: Path, known: Patterns, report: str, tmp_path: Path, cells: dict[str, str], words: str
) -> None:
    path, _, _ = ingested(project, known, report, tmp_path)
    changed(path, 5, **cells)
    before = fingerprint(project / "data")
    with pytest.raises((DataError, InputError), match=words):
        taking.accept(path, project / "data", project / "editions.toml")
    assert fingerprint(project / "data") == before


@pytest.mark.parametrize("cut", [1, -1])
def test_a_row_with_a_cell_too_few_or_too_many_is_refused(
    project: Path, known: Patterns, report: str, tmp_path: Path, cut: int
) -> None:
    path, _, _ = ingested(project, known, report, tmp_path)
    lines = path.read_text("utf-8-sig").splitlines()
    lines[2] = lines[2].rsplit(",", 1)[0] if cut > 0 else f"{lines[2]},"
    path.write_text("\n".join(lines) + "\n", "utf-8-sig")
    before = fingerprint(project / "data")
    with pytest.raises(InputError, match=r"candidates\.csv:3: "):
        taking.accept(path, project / "data", project / "editions.toml")
    assert fingerprint(project / "data") == before


def test_two_rows_for_one_fact_are_not_taken_over(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    path, found, _ = ingested(project, known, report, tmp_path)
    line = 2 + next(at for at, metric in enumerate(found["metric_id"]) if metric == "reconsideration.closed")
    changed(path, line, metric_id="reconsideration.received")
    with pytest.raises(DataError, match="the key must stand in the table once"):
        taking.accept(path, project / "data", project / "editions.toml")


def test_nothing_marked_yes_is_an_error(project: Path, known: Patterns, report: str, tmp_path: Path) -> None:
    path, found, _ = ingested(project, known, report, tmp_path)
    for line in range(2, len(found) + 2):
        changed(path, line, accept="no")
    with pytest.raises(InputError, match="At least one"):
        taking.accept(path, project / "data", project / "editions.toml")


@pytest.mark.parametrize("content", ["", "accept\nyes\n", "\x00\x01", 'a,"b\nc'])
def test_a_file_that_holds_no_candidates_is_refused(project: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "candidates.csv").write_text(content)
    with pytest.raises(InputError, match="Candidates must"):
        taking.accept(tmp_path / "candidates.csv", project / "data", project / "editions.toml")


def test_a_full_disk_leaves_the_tables_as_they_were(
    project: Path, known: Patterns, report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _, _ = ingested(project, known, report, tmp_path)
    before = fingerprint(project / "data")
    first = shutil.copyfile

    def full_disk(source: Any, target: Any, **options: Any) -> Any:
        if str(target).endswith(".44.csv.new"):
            raise OSError("no space left")
        return first(source, target, **options)

    monkeypatch.setattr(taking.shutil, "copyfile", full_disk)
    with pytest.raises(OSError, match="no space"):
        taking.accept(path, project / "data", project / "editions.toml")
    assert fingerprint(project / "data") == before


def test_a_report_that_is_in_the_panel_is_refused_twice(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    path, _, _ = ingested(project, known, report, tmp_path)
    taking.accept(path, project / "data", project / "editions.toml")
    with pytest.raises(InputError, match="accepted once"):
        taking.accept(path, project / "data", project / "editions.toml")
    panel = panels.load(project / "data")
    document, address = reader.read(str(tmp_path / "report.txt"), panel.catalog)
    source = review.source_row(document, address, panel)
    with pytest.raises(InputError, match="fazhi verify 449900-2024-annual_report"):
        review.refuse_known(document, source, panel)


def test_candidates_are_never_overwritten(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    ingested(project, known, report, tmp_path)
    with pytest.raises(InputError, match="never overwritten"):
        ingested(project, known, report, tmp_path)


def test_a_report_without_a_figure_is_refused(project: Path, known: Patterns, tmp_path: Path) -> None:
    text = "明川市2023年法治政府建设情况报告\n" + "全市推进行政复议工作,取得明显成效,群众更加满意。" * 5
    with pytest.raises(InputError, match="must hold figures"):
        ingested(project, known, text, tmp_path)
    assert not (tmp_path / "out").exists()


# what a person is to look at


def judged(project: Path, known: Patterns, text: str, tmp_path: Path, metric: str) -> pd.Series:
    """The last candidate for a metric."""
    _, found, _ = ingested(project, known, text, tmp_path)
    return found[found["metric_id"] == metric].iloc[-1]


def test_a_figure_that_the_audit_contradicts_is_doubtful(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    row = judged(
        project, known, report.replace("维持187宗", "维持1870宗"), tmp_path, "reconsideration.upheld"
    )
    assert row["accept"] == "?"
    assert "upheld 1,870 is larger than" in row["flags"]


def test_a_figure_far_from_all_others_is_doubtful(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    row = judged(project, known, report.replace("486宗", "486000宗"), tmp_path, "reconsideration.received")
    assert row["accept"] == "?"
    assert "times the median" in row["flags"]


def test_a_fact_given_twice_is_taken_once(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("四、行政应诉\n", "四、行政应诉\n\n全市新收行政复议申请486宗。\n")
    row = judged(project, known, text, tmp_path, "reconsideration.received")
    assert (row["accept"], row["flags"].startswith("same fact as line")) == ("no", True)


def test_a_fact_given_twice_with_two_values_is_doubtful(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("四、行政应诉\n", "四、行政应诉\n\n全市新收行政复议申请487宗。\n")
    row = judged(project, known, text, tmp_path, "reconsideration.received")
    assert row["accept"] == "?"
    assert re.search(r"line \d+ has 486 for it", row["flags"])


def test_a_clash_with_the_panel_is_doubtful_and_rounding_is_none(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("明川", "湛江").replace("2023年", "2020年")
    _, found, _ = ingested(project, known, text, tmp_path)
    received = found[found["metric_id"] == "reconsideration.received"].iloc[0]
    assert received["accept"] == "?"
    assert "the panel has 367 (440800-2021-annual_report)" in received["clash"]
    other = tmp_path / "other"
    other.mkdir()
    _, found, _ = ingested(project, known, text.replace("逾1.2万件", "约1.5万件"), other)
    assert found[found["metric_id"] == "mediation.cases"].iloc[0]["clash"] == ""


def test_a_figure_without_a_metric_is_listed_and_left_out(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("四、行政应诉\n", "四、行政应诉\n\n全市种植向日葵4711株。\n")
    _, found, _ = ingested(project, known, text, tmp_path)
    row = found[found["value"] == "4711"].iloc[0]
    assert (row["metric_id"], row["accept"]) == ("", "no")
    assert row["reason"]


# the source


@pytest.mark.parametrize(
    ("address", "url", "mirror", "reliability"),
    [
        ("https://www.mingchuan.gov.cn/a.html", "https://www.mingchuan.gov.cn/a.html", "", "official"),
        ("https://gov.cn.copies.example/a", "", "https://gov.cn.copies.example/a", "mirror"),
        ("file:report.txt", "", "file:report.txt", "mirror"),
    ],
)
def test_only_a_page_of_a_government_is_an_original(
    panel: Panel, catalog: Catalog, address: str, url: str, mirror: str, reliability: str
) -> None:
    document, _ = reader.read(str(REPORT), catalog)
    row = review.source_row(document, address, panel)
    assert (row["url"], row["mirror_url"], row["reliability"]) == (url, mirror, reliability)
    assert row["note"] == f"text sha256 {document.text_hash}"
    assert row["source_id"] == "449900-2024-annual_report"


def test_a_copy_marks_its_figures(project: Path, known: Patterns, report: str, tmp_path: Path) -> None:
    _, found, _ = ingested(project, known, report, tmp_path)
    assert set(found["status"]) == {"U"}


# hostile documents

HOSTILE = '<script>alert("x")</script>" onmouseover="x()\' {{ 7*7 }} =HYPERLINK("http://x.example")'


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))


def test_nothing_of_a_document_is_markup_on_the_page(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("明川市人民政府关于", f"明川市人民政府{HOSTILE}关于", 1)
    text = text.replace("(二)规范文件管理", f"(二){HOSTILE}").replace("四、行政应诉", f"四、{HOSTILE}")
    text = text.replace("撤销52宗", f"{HOSTILE}撤销52宗")
    path, _, _ = ingested(project, known, text, tmp_path)
    page = path.with_name("review.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not [tag for tag, names in tags.seen if tag in ("script", "img", "link", "iframe")]
    assert not [name for _, names in tags.seen for name in names if name.startswith("on")]
    assert "{{ 7*7 }}" in page
    assert not re.search(r'(?:href|src)="(?!#)', page)
    assert "default-src 'none'" in page


def test_no_cell_is_a_formula_and_what_was_printed_comes_back(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("新收行政复议申请486宗", "\t=cmd|' /C calc'!A0新收行政复议申请486宗")
    text = text.replace("审结行政复议案件431宗", "+审结行政复议案件431宗").replace("撤销52宗", "@撤销52宗")
    path, found, _ = ingested(project, known, text, tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [cell for row in rows for cell in row.values()]
    assert [
        cell for cell in cells if re.match(r"[=+\-@\t\r]", cell) and not re.fullmatch(r"=|-?[\d.]+", cell)
    ] == []
    back = taking._read(path, tuple(tables.OBSERVATIONS))
    assert list(back["evidence"]) == list(found["evidence"])
    assert list(back["qualifier"]) == list(found["qualifier"])


def test_a_source_id_holds_nothing_of_the_document(panel: Panel, catalog: Catalog) -> None:
    document, _ = reader.read(str(REPORT), catalog)
    strange = Document(**{**vars(document), "title": "../../etc/passwd法治政府", "issuer": "../x"})
    assert re.fullmatch(
        r"449900-2024-annual_report(-\d+)?", review.source_row(strange, "-", panel)["source_id"]
    )


# the whole trip


def test_from_a_document_to_facts_of_the_panel(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    path, found, _ = ingested(project, known, report, tmp_path)
    done = taking.accept(path, project / "data", project / "editions.toml")
    assert check.run(project / "data") == []
    panel = panels.load(project / "data")
    facts = panel.facts(CITY, 2023).set_index(["metric_id", "scope"])["value"]
    assert done.facts == len(facts) == (found["accept"] == "yes").sum()
    assert facts["reconsideration.received", "whole"] == 486
    assert facts["reconsideration.correction_rate", "whole"] == 20.9
    assert facts["mediation.cases", "whole"] == 12000
    assert facts["services.full_online_rate", "own_level"] == 81.36
    source = panel.catalog.sources[done.source_id]
    assert (source.publisher, source.published, source.year) == ("明川市人民政府", "2024-02-18", "2023")
    assert re.search("text sha256 [0-9a-f]{64}", source.note)


def test_accepting_changes_only_the_files_of_its_province(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    path, _, _ = ingested(project, known, report, tmp_path)
    before = fingerprint(project / "data")
    taking.accept(path, project / "data", project / "editions.toml")
    after = fingerprint(project / "data")
    assert {Path(name).name for name in after if after[name] != before.get(name)} == {"44.csv", "sources.csv"}
    old = (before[str(project / "data" / "observations" / "44.csv")]).splitlines()
    assert set(old) <= set(after[str(project / "data" / "observations" / "44.csv")].splitlines())


def test_the_editions_that_change_are_named(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    text = report.replace("明川市", "广州市").replace("2023", "2018")
    path, _, _ = ingested(project, known, text, tmp_path)
    done = taking.accept(path, project / "data", project / "editions.toml")
    assert "440800-2020-guangdong-en" in done.editions


def test_every_figure_stands_marked_in_its_place(
    project: Path, known: Patterns, report: str, tmp_path: Path
) -> None:
    path, found, _ = ingested(project, known, report, tmp_path)
    page = path.with_name("review.html").read_text(encoding="utf-8")
    marks = re.findall(r'<mark class="(\w+)" id="f(\d+)"><a href="#r\d+">([^<]*)<sub>', page)
    assert [int(line) for _, line, _ in marks] == list(range(2, len(found) + 2))
    shown = {line: words for _, line, words in marks}
    line = 2 + list(found["metric_id"]).index("reconsideration.received")
    assert shown[str(line)] == "486宗"


def test_a_refusal_is_an_error_of_the_house(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "a.txt").write_text("无关的页面,没有内容。" * 20, encoding="utf-8")
    with pytest.raises(FazhiError, match="must be a report"):
        reader.read(str(tmp_path / "a.txt"), catalog)
