"""What a host loads before it forks: nothing is left for a kernel or an export to load again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

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


@pytest.mark.slow
def test_neither_a_kernel_nor_an_export_loads_what_the_host_could_have_loaded(project: Project) -> None:
    modules = "import json, sys\nprint(json.dumps(sorted(sys.modules)))"
    project.notebook("01_plain", modules, TEXT, FIGURE)
    assert project.refresh().counts == {"rendered": 1}
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
