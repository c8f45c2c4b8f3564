"""A refresh of tiny notebooks with real processes: what is published, kept, skipped and removed."""

from __future__ import annotations

import json
import subprocess
import sys

import nbformat
import pytest
from fixture_project import CHINESE, ENGLISH, FIGURE, TEXT, Project, reasons

from analysis.errors import InputError
from analysis.refresh import publish as manifests
from analysis.refresh.orchestration import refresh_lock
from analysis.refresh.plan import status


@pytest.fixture
def plain(project: Project) -> Project:
    """A project of one notebook with a text and a figure."""
    project.notebook("01_plain", TEXT, FIGURE)
    return project


def test_a_failing_cell_is_one_row_and_its_last_good_page_stays_marked_stale(plain: Project) -> None:
    plain.notebook("02_frail", "answer = 42")
    assert plain.refresh().exit_code == 0
    good = plain.page("02_frail").read_bytes()
    plain.notebook("02_frail", "before = 1", "answer = 1 / 0", "after = 1")

    recap = plain.refresh()

    assert recap.exit_code == 1
    assert recap.counts == {"fresh": 1, "failed": 1}
    assert reasons(recap)["02_frail"].endswith("ZeroDivisionError: division by zero")
    assert recap.retries == ["fazhi refresh --city 440800 --year 2020 --language en --peers guangdong"]
    assert plain.page("02_frail").read_bytes() == good
    assert "division by zero" in (plain.reports / "index.html").read_text()
    standing = status({ENGLISH: {}}, plain.notebooks)
    assert [row.state for row in standing] == ["fresh", "failed"]
    assert "division by zero" in standing[1].reason
    kept = nbformat.read(plain.state / "failed" / ENGLISH.key / "02_frail.ipynb", 4)
    assert kept.cells[-2].outputs[0].ename == "ZeroDivisionError"
    assert not any("failed" in path.name for path in plain.reports.rglob("*"))


def test_a_mended_notebook_clears_its_failure(project: Project) -> None:
    project.notebook("01_frail", "1 / 0")
    assert project.refresh().exit_code == 1
    project.notebook("01_frail", "one = 1 / 1")
    assert project.refresh().counts == {"rendered": 1}
    assert not (project.state / "failed" / ENGLISH.key).exists()
    assert "division" not in (project.reports / "index.html").read_text()
    assert [row.state for row in status({ENGLISH: {}}, project.notebooks)] == ["fresh"]


def test_what_a_refresh_publishes(plain: Project) -> None:
    recap = plain.refresh((ENGLISH, CHINESE))

    assert recap.counts == {"rendered": 2}
    found = {
        path.relative_to(plain.reports).as_posix() for path in plain.reports.rglob("*") if path.is_file()
    }
    expected = {"index.html", "manifest.json", "downloads/fazhi-data.zip"}
    for edition in (ENGLISH, CHINESE):
        figure = f"{edition.key}/figures/bars_{edition.language}"
        expected |= {f"{edition.key}/01_plain.html", f"{edition.key}/notebooks/01_plain.ipynb"}
        expected |= {f"{figure}.svg", f"{figure}.csv", f"downloads/{edition.key}.zip"}
    assert found == expected
    csv = (plain.reports / f"{ENGLISH.key}/figures/bars_en.csv").read_bytes()
    assert csv == "\ufeff城市,n\n湛江,1\n".encode()
    saved = nbformat.read(plain.reports / f"{CHINESE.key}/notebooks/01_plain.ipynb", 4)
    assert saved.metadata.papermill.parameters.language == "zh"
    assert str(plain.root) not in nbformat.writes(saved)
    entry = json.loads((plain.reports / "manifest.json").read_text())["entries"][0]
    assert entry["page"]["title"] == "A page on 440800"
    assert entry["parts"].keys() >= {
        "notebook",
        "parameters",
        "data",
        "source",
        "template",
        "libraries",
    }


def test_what_is_fresh_is_not_run_again_and_force_renders_the_same_page(plain: Project) -> None:
    plain.refresh()
    page = plain.page("01_plain").read_bytes()
    assert plain.refresh().counts == {"fresh": 1}
    assert plain.refresh(force=True).counts == {"rendered": 1}
    assert plain.page("01_plain").read_bytes() == page


def test_a_no_op_imports_neither_papermill_nor_pandas() -> None:
    program = (
        "import sys; from analysis.refresh import orchestration, plan;"
        "print([name for name in ('papermill', 'pandas', 'nbconvert', 'IPython') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_status_says_which_part_changed_and_what_is_an_orphan(plain: Project) -> None:
    plain.refresh((ENGLISH, CHINESE))
    (plain.package / "compare.py").write_text("second")
    rows = status({ENGLISH: {}}, plain.notebooks)
    assert [(row.state, row.reason) for row in rows][:1] == [("stale", "changed: links, source")]
    assert [(row.edition, row.state) for row in rows][1:] == [(CHINESE.key, "orphan")]


def test_an_edition_taken_off_the_list_is_removed_only_when_pruning(plain: Project) -> None:
    plain.refresh((ENGLISH, CHINESE))
    plain.refresh((ENGLISH,))
    assert plain.page("01_plain", CHINESE).is_file()
    recap = plain.refresh((ENGLISH,), prune=True)
    assert [row.state for row in recap.rows] == ["fresh", "removed"]
    assert not (plain.reports / CHINESE.key).exists()
    assert CHINESE.key not in (plain.reports / "index.html").read_text()


def test_no_state_leaks_from_one_run_to_the_next(project: Project) -> None:
    count = "import pandas\npandas.n = getattr(pandas, 'n', 0) + 1\nassert pandas.n == 1"
    for name in ("01_first", "02_second", "03_third"):
        project.notebook(name, count, "import os; assert 'LEAK' not in os.environ; os.environ['LEAK'] = '1'")
    assert project.refresh().counts == {"rendered": 3}


def test_forks_have_random_numbers_of_their_own(project: Project) -> None:
    for name in ("01_first", "02_second"):
        project.notebook(
            name, "import numpy, random, sys; print(numpy.random.rand(), random.random(), file=sys.stderr)"
        )
    project.refresh()
    outputs = [
        nbformat.read(path, 4).cells[-1].outputs[0].text
        for path in (project.reports / ENGLISH.key).rglob("*.ipynb")
    ]
    assert len(set(outputs)) == 2


def test_cold_kernels_give_the_same_page(plain: Project) -> None:
    plain.refresh()
    warm = plain.page("01_plain").read_bytes()
    recap = plain.refresh(force=True, kernels="cold")
    assert recap.counts == {"rendered": 1}
    assert plain.page("01_plain").read_bytes() == warm


def test_a_second_refresh_is_told_who_holds_the_lock(plain: Project) -> None:
    with (
        refresh_lock(0),
        pytest.raises(InputError, match=r"process [0-9]+ on .* is refreshing"),
    ):
        plain.refresh()
    assert not plain.reports.exists()
    assert plain.refresh().exit_code == 0


def test_a_figure_that_another_notebook_of_the_edition_publishes_is_refused(plain: Project) -> None:
    plain.notebook("02_same", FIGURE.replace("湛江,1", "湛江,2"))
    recap = plain.refresh()
    taken = f"{ENGLISH.key}/figures/bars_en"
    assert [row.state for row in recap.rows].count("failed") == 1
    assert next(iter(reasons(recap).values())).startswith(f"{taken}.csv is also written by")
    assert plain.refresh().counts == {"fresh": 1, "failed": 1}


def test_a_watcher_hears_of_every_row(plain: Project) -> None:
    plain.notebook("02_corrupt").write_text("{")
    heard: list[tuple[str, str, int, int]] = []
    plain.refresh(watch=lambda row, done, total: heard.append((row.notebook, row.state, done, total)))
    assert heard == [("02_corrupt", "failed", 1, 2), ("01_plain", "rendered", 2, 2)]


def test_a_manifest_lists_what_is_published(plain: Project) -> None:
    plain.refresh()
    manifest = manifests.parse((plain.reports / "manifest.json").read_bytes())
    for entry in manifest.entries.values():
        for path, noted in entry.files.items():
            assert manifests.record((plain.reports / path).read_bytes()) == noted
