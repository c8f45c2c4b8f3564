"""Bad input ends the command with exit 2 and a message that helps; nothing starts, no page changes."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
import pytest
from data_folder import DataFolder, edit, fact, source
from rich.cells import cell_len

from analysis import cli
from analysis import project as places
from analysis.cli import terminal
from analysis.errors import InputError
from analysis.refresh import orchestration

ROOT = Path(__file__).resolve().parents[2]
LISTED = '[[edition]]\ncity = "440800"\nyear = 2020\npeers = "guangdong"\nlanguages = ["en", "zh"]\n'


@dataclass
class Project:
    """A project folder with the small data, the real notebooks and a page that was published before."""

    root: Path
    folder: DataFolder

    @property
    def editions(self) -> Path:
        return self.root / "editions.toml"

    def pages(self) -> dict[str, bytes]:
        """Every file under reports/ with its bytes."""
        files = sorted(path for path in (self.root / "reports").rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder.write()
    (tmp_path / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "01_summary.ipynb")
    (tmp_path / "editions.toml").write_text(LISTED, encoding="utf-8")
    page = tmp_path / "reports" / "440800-2020-guangdong-en" / "01_report_profile.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>the last good page</html>", encoding="utf-8")
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))
    terminal.panel.cache_clear()
    return Project(tmp_path, folder)


@pytest.fixture
def fazhi(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs the command in this process through its real entry point."""

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["fazhi", *words])
        code: Any = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return Ended(int(code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch, project: Project) -> Any:
    """Fails the test when a refresh reaches the engine or touches a page."""
    before = project.pages()

    def started(*_: object, **__: object) -> None:
        pytest.fail("the engine was started")

    monkeypatch.setattr(orchestration, "refresh", started)
    yield
    assert project.pages() == before


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--city", "Zhanjaing", "--year", "2020"], ["A city must be one of", "440800 (Zhanjiang 湛江市)"]),
        (["--city", "Yulin", "--year", "2020"], ["one only", "450900 (玉林市), 610800 (榆林市)"]),
        (["--city", "440800", "--year", "1999"], ["A year must have data", "Given: 1999", "2019, 2020"]),
        (["--city", "450900", "--year", "2020"], ["A year must have data", "nothing but context"]),
        (["--city", "440100"], ["must fit one of editions.toml", "440800-2020-guangdong-en"]),
        (["--language", "fr"], ["A language must be en or zh", "Given: fr"]),
        (["--peers", "guangdon"], ["A peer group must be one of", "type guangdong"]),
        (["--kernels", "hot"], ["Invalid value for '--kernels'", "'hot' is not one of 'none'"]),
        (["--year", "twenty"], ["Invalid value for '--year'", "valid integer"]),
        (["--jobs", "-1"], ["Invalid value for '--jobs'"]),
        (["--citty", "440800"], ["No such option", "--city"]),
    ],
)
def test_a_bad_option_of_refresh_is_refused(
    fazhi: Callable[..., Ended], words: list[str], shown: list[str]
) -> None:
    ended = fazhi("refresh", *words)
    assert ended.code == 2
    assert all(text in ended.err for text in shown), ended.err
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("2020", "1999", ["A year must have data", "1999"]),
        ('"440800"', '"Zhanjaing"', ["A city must be one of", "440800 (Zhanjiang"]),
        ('"440800"', '"Yulin"', ["one only", "450900"]),
        ("year = 2020", "yaer = 2020", ["An entry of editions.toml", "type year"]),
        ("year = 2020", 'year = "2020"', ["year must be of type int", "write year = 2020"]),
        ('"guangdong"', '"guangdon"', ["A peer group must be", "type guangdong"]),
        ('"zh"', '"fr"', ["A language must be en or zh", "fr"]),
        ('"zh"', '"en"', ["must stand in editions.toml once", "440800-2020-guangdong-en"]),
        ("[[edition]]", "[[edition]", ["well-formed TOML", "line 1"]),
        ("[[edition]]", "[[editions]]", ["must hold [[edition]] entries", "editions"]),
    ],
)
def test_a_bad_list_of_editions_is_refused(
    project: Project, fazhi: Callable[..., Ended], before: str, after: str, shown: list[str]
) -> None:
    edit(project.editions, before, after)
    for command in (["refresh"], ["status"]):
        ended = fazhi(*command)
        assert ended.code == 2
        assert all(text in ended.err for text in shown), ended.err


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    "lost", ["editions.toml", "data/metrics.csv", "data/identities.toml", "data/observations"]
)
def test_a_missing_file_is_refused(project: Project, fazhi: Callable[..., Ended], lost: str) -> None:
    path = project.root / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    ended = fazhi("refresh")
    assert ended.code == 2
    assert Path(lost).name in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("nothing_starts")
def test_no_notebooks_are_refused(project: Project, fazhi: Callable[..., Ended]) -> None:
    shutil.rmtree(project.root / "notebooks")
    ended = fazhi("refresh")
    assert ended.code == 2
    assert "notebooks/ must hold the pages" in ended.err


BROKEN = [
    ("84,=,", "84", "observations/44.csv:14", "must have 15 cells"),
    ("84,=,", "eighty,=,", "observations/44.csv:14", "a value is a plain number"),
    ("reconsideration.revoked,84", "reconsideration.revokd,84", "observations/44.csv:14", "must stand in"),
    ("region_code,unit_name", "region,unit_name", "observations/44.csv", "The header of"),
    ("标签84宗", '标签"84"宗"', "observations/44.csv:14", "evidence"),
]


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(("before", "after", "place", "rule"), BROKEN[:4])
def test_a_broken_row_stops_a_refresh_and_is_shown(
    project: Project, fazhi: Callable[..., Ended], before: str, after: str, place: str, rule: str
) -> None:
    edit(project.root / "data" / "observations" / "44.csv", before, after)
    ended = fazhi("refresh")
    assert ended.code == 2
    assert place in ended.err
    assert rule in ended.err


@pytest.mark.parametrize(("before", "after", "place", "rule"), BROKEN[:4])
def test_a_broken_row_fails_the_check_and_is_shown(
    project: Project, fazhi: Callable[..., Ended], before: str, after: str, place: str, rule: str
) -> None:
    edit(project.root / "data" / "observations" / "44.csv", before, after)
    ended = fazhi("check")
    assert ended.code == 1
    assert place in ended.out
    assert rule in ended.out
    assert "Mend them and run `fazhi check` again" in ended.out
    rows = json.loads(fazhi("check", "--json").out)
    assert any(rule in row["rule"] for row in rows)


@pytest.mark.usefixtures("nothing_starts")
def test_a_folder_that_is_no_project_is_refused(
    tmp_path: Path, fazhi: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path / "empty"))
    for command in ("refresh", "status", "check"):
        ended = fazhi(command)
        assert ended.code == 2
        assert "must hold data/" in ended.err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["show", "Zhanjaing", "2020"], "440800 (Zhanjiang 湛江市)"),
        (["show", "Yulin", "2020"], "610800 (榆林市)"),
        (["show", "440800", "2020", "reconsidered"], "A metric must be one of"),
        (["show", "440800", "1999"], "choose one of 2019, 2020"),
        (["show", "440800", "2020", "reconsideration.recieved"], "type reconsideration.received"),
        (["show", "440800", "2020", "--language", "fr"], "A language must be en or zh"),
        (["sources", "Zhanjaing"], "440800 (Zhanjiang 湛江市)"),
        (["sources", "440800", "1999"], "leave the year out"),
        (["adopt", "nowhere"], "The table metrics.csv must exist"),
        (["publish"], "No such command"),
    ],
)
def test_other_commands_refuse_too(fazhi: Callable[..., Ended], words: list[str], shown: str) -> None:
    ended = fazhi(*words)
    assert ended.code == 2
    assert shown in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.usefixtures("project")
def test_a_good_folder_passes_the_check(fazhi: Callable[..., Ended]) -> None:
    ended = fazhi("check")
    assert ended.code == 0
    assert "Every row keeps every rule." in ended.out
    assert json.loads(fazhi("check", "--json").out) == []


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("city", ["440800", "湛江", "zhanjiang"])
def test_show_prints_the_words_of_the_source(fazhi: Callable[..., Ended], city: str) -> None:
    ended = fazhi("show", city, "2020", "reconsideration.")
    assert ended.code == 0
    assert "标签367宗" in ended.out
    assert "legal_aid" not in ended.out
    assert "5 facts on Zhanjiang 湛江市 in 2020." in ended.out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("metric", ["legal_aid", "legal_aid.cases"])
def test_a_known_metric_without_facts_is_no_error(fazhi: Callable[..., Ended], metric: str) -> None:
    ended = fazhi("show", "440800", "2019", metric)
    assert (ended.code, ended.out.strip()) == (0, "0 facts on Zhanjiang 湛江市 in 2019.")


def test_sources_count_facts_and_never_show_a_copys_address(
    project: Project, fazhi: Callable[..., Ended]
) -> None:
    copy = source("440800-2019-news", url="", mirror_url="https://mirror.example.org/1", published="")
    project.folder.sources.append(copy)
    project.folder.observations.append(fact("440800", 2018, "legal_aid.cases", "1", copy["source_id"]))
    project.folder.write()
    ended = fazhi("sources", "440800")
    assert ended.code == 0
    assert "mirror.example.org" not in ended.out
    assert "seen in a copy only" in ended.out
    assert "undated" in ended.out


def test_adopt_shows_before_it_writes(project: Project, fazhi: Callable[..., Ended], tmp_path: Path) -> None:
    release = tmp_path / "release"
    release.mkdir()
    data = project.root / "data"
    for name in ("regions", "sources"):
        shutil.copy(data / f"{name}.csv", release)
    columns = "metric_id,domain,label_zh,label_en,unit,measure,polarity,comparable"
    (release / "metrics.csv").write_text(columns + "\n", encoding="utf-8")
    rows = [
        path.read_text("utf-8").splitlines(keepends=True)
        for path in sorted((data / "observations").glob("*"))
    ]
    new = rows[0][1].replace("2020,", "2019,", 1)
    text = rows[0][0] + new + "".join(line for part in rows for line in part[1:])
    (release / "observations.csv").write_text(text, encoding="utf-8")
    before = (data / "observations" / "11.csv").read_text("utf-8")
    shown = fazhi("adopt", str(release))
    assert shown.code == 0
    assert "110000||2019" in shown.out
    assert "Add --write" in shown.out
    assert (data / "observations" / "11.csv").read_text("utf-8") == before
    assert "Written." in fazhi("adopt", str(release), "--write").out
    assert new in (data / "observations" / "11.csv").read_text("utf-8")
    assert "data/ holds this release already" in fazhi("adopt", str(release)).out


def release_of(project: Project, place: Path, observations: str) -> Path:
    """A release of the project's tables with other observations."""
    place.mkdir()
    for name in ("regions", "sources"):
        shutil.copy(project.root / "data" / f"{name}.csv", place)
    columns = "metric_id,domain,label_zh,label_en,unit,measure,polarity,comparable"
    (place / "metrics.csv").write_text(columns + "\n", encoding="utf-8")
    (place / "observations.csv").write_text(observations, encoding="utf-8")
    return place


@pytest.mark.parametrize("write", [[], ["--write"]])
def test_a_release_with_a_row_that_breaks_a_rule_is_not_taken_over(
    project: Project, fazhi: Callable[..., Ended], tmp_path: Path, write: list[str]
) -> None:
    data = project.root / "data"
    head = (data / "observations" / "11.csv").read_text("utf-8").splitlines()[0]
    row = "110000,,2019,at-2019-02-30,reconsideration.received,12,=,,whole,,A,440000-2021-statistics,,12宗,"
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    ended = fazhi("adopt", str(release_of(project, tmp_path / "release", f"{head}\n{row}\n")), *write)
    assert ended.code == 1
    assert "observations/11.csv:2" in ended.out
    assert "a period names days that exist" in ended.out
    assert "Nothing was written." in ended.out
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_a_table_without_a_terminal_has_no_lines_of_blanks(
    project: Project, fazhi: Callable[..., Ended], tmp_path: Path
) -> None:
    head = (project.root / "data" / "observations" / "11.csv").read_text("utf-8").splitlines()[0]
    row = "110000,,2019,full,reconsideration.received,12,=,,whole,,A,440000-2021-statistics,,12宗,"
    project.folder.sources[0]["note"] = "a remark " * 40
    project.folder.write()
    release = release_of(project, tmp_path / "release", f"{head}\n{row}\n")
    text = (release / "sources.csv").read_text("utf-8").replace("A publisher", "Another")
    (release / "sources.csv").write_text(text, encoding="utf-8")
    lines = fazhi("adopt", str(release)).out.splitlines()
    assert any("110000||2019|full|reconsideration.received" in line for line in lines)
    assert [line for line in lines if line != line.rstrip() or " " * 60 in line] == []


def test_the_version_is_told(fazhi: Callable[..., Ended]) -> None:
    ended = fazhi("--version")
    assert ended.code == 0
    assert ended.out.strip() == f"fazhi {metadata.version('fazhi')}"


@pytest.mark.parametrize("words", [["-h"], ["show", "-h"], ["sources", "-h"], ["check", "-h"]])
def test_h_is_help(fazhi: Callable[..., Ended], words: list[str]) -> None:
    ended = fazhi(*words)
    assert ended.code == 0
    assert "Usage" in ended.out


@pytest.mark.usefixtures("project")
def test_chinese_headings_for_chinese_readers(fazhi: Callable[..., Ended]) -> None:
    shown = fazhi("show", "湛江", "2020", "--language", "zh").out
    assert shown.startswith("指标")
    assert "湛江市2020年共" in shown
    assert "Metric" not in shown
    listed = fazhi("sources", "湛江", "--language", "zh").out
    assert "发布者" in listed.splitlines()[0]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", ["legal_aid", "legal aid cases", "指标legal aid"])
def test_metrics_are_found_by_words_of_their_labels(fazhi: Callable[..., Ended], words: str) -> None:
    shown = fazhi("show", "440800", "2020", words).out
    assert "legal_aid.cases" in shown
    assert "reconsideration" not in shown


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "advice"), [(["211300"], False), (["211300", "2020"], False), (["440800", "1999"], True)]
)
def test_a_year_that_was_left_out_is_not_to_be_left_out(
    fazhi: Callable[..., Ended], words: list[str], advice: bool
) -> None:
    ended = fazhi("sources", *words)
    assert ended.code == 2
    assert ("leave the year out" in ended.err) is advice
    assert "None" not in ended.err


def test_at_eighty_columns_no_two_rows_look_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    names = [f"reconsideration.{name}_of_all_cases" for name in ("received", "accepted", "closed", "upheld")]
    row = (
        "48,712",
        "January–November 2020",
        "whole area",
        "新收行政复议申请367宗",
        "440800-2021-annual_report",
    )
    terminal.print_table(
        ["metric", "value", "period", "scope", "as printed", "source"], [(name, *row) for name in names]
    )
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    column = "".join(line[:14].strip() for line in shown.splitlines())
    assert all(name in column for name in names), shown
    assert "…" not in shown


@pytest.mark.parametrize("words", [("show", "440800", "2020"), ("sources", "440800"), ("check",), ("-h",)])
def test_a_terminal_without_the_letters_gets_one_hint(project: Project, words: tuple[str, ...]) -> None:
    code = "from analysis.cli import main; main()"
    environment = {**os.environ, "FAZHI_ROOT": str(project.root), "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("PYTHONUTF8=1") == 1
    assert "Traceback" not in ended.stderr
    assert ended.stdout.isascii()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_checkout_that_cannot_be_written_to_is_one_message(
    fazhi: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "reports")

    monkeypatch.setattr("analysis.check.run", refuse)
    ended = fazhi("check")
    assert ended.code == 2
    assert "must be one that can be written to" in ended.err
    assert os.strerror(number) in ended.err


@pytest.mark.parametrize("name", ["analysis.py", "analysis/"])
def test_a_file_that_hides_the_package_is_named(
    project: Project, fazhi: Callable[..., Ended], name: str
) -> None:
    path = project.root / "notebooks" / name
    path.mkdir() if name.endswith("/") else path.write_text("x = 1", encoding="utf-8")
    for command in ("check", "refresh"):
        ended = fazhi(command)
        assert ended.code == 2
        assert str(path) in ended.err


def test_an_installed_package_works_on_the_checkout_it_is_run_in(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FAZHI_ROOT")
    shutil.copy(ROOT / "data" / "datapackage.json", project.root / "data")
    monkeypatch.setattr(
        places, "__file__", str(tmp_path / "lib" / "site-packages" / "analysis" / "project.py")
    )
    monkeypatch.chdir(project.root / "notebooks")
    assert places.root() == project.root
    monkeypatch.chdir("/")
    with pytest.raises(InputError, match="must hold data/"):
        places.root()


def test_the_installed_command_refuses_in_the_same_words(project: Project) -> None:
    before = project.pages()
    command = [sys.executable, "-c", "from analysis.cli import main; main()", "refresh"]
    environment = {**os.environ, "FAZHI_ROOT": str(project.root), "PYTHONUTF8": "1"}
    edit(project.root / "data" / "observations" / "44.csv", "84,=,", "84")
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("fazhi: data/ must pass its checks")
    assert "observations/44.csv:14: 13 cells" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert project.pages() == before


BAR = "from analysis.cli.terminal import progress\nwith progress(True) as advance: advance(1, 2)"


def test_a_terminal_is_shown_a_bar_and_nothing_else_is() -> None:
    plain = subprocess.run([sys.executable, "-c", BAR], capture_output=True, check=True)
    assert plain.stdout + plain.stderr == b""
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-c", BAR], stderr=theirs, check=True, env={**os.environ, "TERM": "xterm"}
    )
    assert b"1/2" in os.read(ours, 100_000)
