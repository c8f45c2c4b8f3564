"""`fazhi refresh` and `fazhi status` as a schedule calls them: output, exit codes, who is told, imports."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fixture_project import KEEP, TEXT, write_notebook

from analysis import project as true_project
from analysis.refresh import checked, inputs

PROGRAM = """
import os, pathlib, sys
from analysis import cli, cli_refresh
from analysis.refresh import inputs
package = pathlib.Path(os.environ["FAZHI_ROOT"], "package")
cli_refresh.read_inputs = lambda data: inputs.read_inputs(data, package)
try:
    cli.main()
finally:
    heavy = [name for name in ("pandas", "numpy", "papermill", "nbconvert") if name in sys.modules]
    print("heavy:", *heavy, file=sys.stderr)
"""


def fazhi(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a project, as a process of its own."""
    environment = {**os.environ, "FAZHI_ROOT": str(root)}
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the true data, one edition, and one notebook that is rendered."""
    made = tmp_path_factory.mktemp("project")
    shutil.copytree(true_project.data_folder(), made / "data")
    shutil.copy(true_project.editions_file(), made)
    (made / "package").mkdir()
    (made / "package/check.py").write_text("first")
    write_notebook(made / "notebooks/01_plain.ipynb", TEXT)
    done = fazhi(made, "refresh", "--language", "en", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"rendered": 1}
    return made


def test_where_all_is_fresh_nothing_heavy_is_imported(root: Path) -> None:
    assert fazhi(root, "refresh", "--jobs", "1").returncode == 0
    done = fazhi(root, "refresh", "--json")
    assert json.loads(done.stdout)["counts"] == {"fresh": 2}
    assert done.stderr.splitlines()[-1] == "heavy:"
    standing = fazhi(root, "status", "--json")
    assert {row["state"] for row in json.loads(standing.stdout)} == {"fresh"}
    assert standing.stderr.splitlines()[-1] == "heavy:"


def test_bad_data_are_refused_although_good_data_were_remembered(root: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    table = root / "data/regions.csv"
    good = table.read_text()
    table.write_text(good + "not,enough\n")
    command = shlex.join([sys.executable, "-c", KEEP, str(told)])
    done = fazhi(root, "refresh", "--notify", command)
    table.write_text(good)
    assert done.returncode == 2
    assert "regions.csv" in done.stderr
    assert told.read_text().startswith("2{")
    assert json.loads(told.read_text()[1:])["exit_code"] == 2


def test_a_failed_run_is_told_with_its_recap_and_a_fresh_site_is_not(root: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = shlex.join([sys.executable, "-c", KEEP, str(told)])
    assert fazhi(root, "refresh", "--language", "en", "--notify", command).returncode == 0
    assert not told.exists()
    corrupt = root / "notebooks/02_corrupt.ipynb"
    corrupt.write_text("{")
    done = fazhi(root, "refresh", "--language", "en", "--json", "--notify", command)
    corrupt.unlink()
    assert done.returncode == 1
    assert told.read_text() == "1" + done.stdout.rstrip("\n")
    assert [row["state"] for row in json.loads(done.stdout)["rows"]].count("failed") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kernels", "hot"), "warm or cold"),
        (("--notify", "no-such-program-here"), "--notify"),
        (("--scheduler", "nonsense://x", "--force"), "scheduler"),
    ],
)
def test_a_bad_option_starts_nothing(root: Path, words: tuple[str, ...], said: str) -> None:
    done = fazhi(root, "refresh", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["data/metrics.csv", "editions.toml", "package/check.py"])
def test_what_the_verdict_rests_on_is_looked_at(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for folder in ("data", "package"):
        shutil.copytree(root / folder, tmp_path / folder)
    shutil.copy(root / "editions.toml", tmp_path)
    monkeypatch.setenv("FAZHI_ROOT", str(tmp_path))

    def read() -> inputs.Inputs:
        return inputs.read_inputs(tmp_path / "data", tmp_path / "package")

    listed = checked.editions(read())
    assert checked.remembered(read()) == listed
    assert listed.about.keys() == {one.key for one in listed.editions}
    with (tmp_path / name).open("a") as file:
        file.write("\n")
    assert checked.remembered(read()) is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"rests_on": 1}'])
def test_a_note_that_cannot_be_read_is_no_note(
    root: Path, monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    monkeypatch.setenv("FAZHI_ROOT", str(root))
    path = root / ".refresh" / checked.NOTE
    kept = path.read_text()
    path.write_text(note)
    assert checked.remembered(inputs.read_inputs(root / "data", root / "package")) is None
    path.write_text(kept)
