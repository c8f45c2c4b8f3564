"""A host leaves its children nothing to load again; what it works ahead is done once, and bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import nbformat
import pytest
from fixture_project import ENGLISH, FIGURE, TEXT, Project

from analysis.refresh import preload

PROGRAM = """
import json, os, sys
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
from analysis.refresh import host, preload
role, notebook, context = sys.argv[1:]
missing = preload.preload(role)
loaded = set(sys.modules)
if role == "run":
    import nbformat
    from analysis.refresh import export
    export.export(nbformat.read(notebook, 4), json.loads(context))
print(json.dumps([missing, sorted(loaded), sorted(set(sys.modules) - loaded)]))
"""
"""Loads what a host of a role loads; for runs, does what a run does after its cells, too."""
FREE = {"faulthandler", "runpy"}
"""Modules a kernel has beyond its host's that take no time: built in, or how the host itself was started."""
CONTEXT = {
    "edition": ENGLISH.key,
    "language": "en",
    "stem": "01_plain",
    "pages": [["01_plain.html", "Plain"]],
    "position": 1,
    "other_language": None,
    "index": "../index.html",
    "data_version": "2026.11",
}


def edition(city: str) -> dict[str, Any]:
    """The parameters of an edition."""
    return {"city": city, "year": 2020, "language": "en", "peers": "guangdong"}


class Study:
    """A study of three steps that notes each of them; that of the city "wrong" fails at the second."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, *, city: str, **_: object) -> Iterator[None]:
        """The steps."""
        for number in range(3):
            if city == "wrong" and number == 1:
                raise ValueError(city)
            self.done.append(f"{city} {number}")
            yield


def finish(ahead: preload.Ahead) -> None:
    """Takes every step there is."""
    while ahead.pending:
        ahead.step()


def test_where_nothing_says_what_to_study_nothing_is_ever_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, preload.STUDY, raising=False)
    ahead = preload.Ahead()
    ahead.want([edition("440800")])
    assert not ahead.pending


def test_an_error_ends_the_steps_of_its_edition_alone(capsys: pytest.CaptureFixture[str]) -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition("wrong"), edition("440800")])
    finish(ahead)
    assert study.done == ["wrong 0", "440800 0", "440800 1", "440800 2"]
    assert "ValueError: wrong" in capsys.readouterr().err


def test_an_edition_is_studied_once_however_often_it_is_wanted() -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition("440800")])
    ahead.step()
    ahead.want([edition("440800"), edition("440100")])
    assert study.done == ["440800 0"], "wanting computes nothing"
    finish(ahead)
    ahead.want([edition("440100")])
    assert not ahead.pending
    assert study.done == [f"{city} {number}" for city in ("440800", "440100") for number in range(3)]


def test_what_waits_is_bounded_and_the_oldest_is_dropped() -> None:
    study = Study()
    ahead = preload.Ahead(study)
    ahead.want([edition(str(number)) for number in range(preload.REMEMBERED + 2)])
    finish(ahead)
    assert study.done[0] == "2 0"
    assert len(study.done) == 3 * preload.REMEMBERED


def test_the_module_that_studies_is_one_that_a_kernel_host_preloads() -> None:
    assert preload.STUDY in preload.PRELOADED["kernel"]


@pytest.mark.slow
def test_neither_a_kernel_nor_an_export_loads_what_the_host_could_have_loaded(project: Project) -> None:
    modules = "import json, sys\nprint(json.dumps(sorted(sys.modules)))"
    project.notebook("01_plain", modules, TEXT, FIGURE)
    # with a host of its own, which has not worked ahead for another test
    assert project.refresh(own_workers=True).counts == {"rendered": 1}
    saved = project.reports / ENGLISH.key / "notebooks/01_plain.ipynb"
    outputs = (output for cell in nbformat.read(saved, 4).cells for output in cell.get("outputs", []))
    in_kernel = json.loads(next(output.text for output in outputs if output.output_type == "stream"))

    (_, by_export), (in_host, _) = (preloaded(role, saved) for role in get_args(preload.Role))
    assert by_export == []
    assert set(in_kernel) - set(in_host) <= FREE


def preloaded(role: preload.Role, saved: Path) -> tuple[list[str], list[str]]:
    """The modules that a host of a role has loaded, and those an export adds to them."""
    command = [sys.executable, "-c", PROGRAM, role, str(saved), json.dumps(CONTEXT)]
    here = {name: text for name, text in os.environ.items() if name != "FAZHI_ROOT"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=here)
    assert done.stderr == "", "a warm-up failed"
    missing, loaded, added = json.loads(done.stdout)
    assert missing == [], "a module to be preloaded is gone"
    return loaded, added
