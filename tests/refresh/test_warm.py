"""What a host loads before it forks: nothing is left for a kernel or an export to load again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import nbformat
import pytest
from fixture_project import ENGLISH, FIGURE, TEXT, Project

PROGRAM = """
import json, os, sys
os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
import nbformat
from analysis.refresh import export, host
missing = host.preload()
loaded = set(sys.modules)
export.export(nbformat.read(sys.argv[1], 4), json.loads(sys.argv[2]))
print(json.dumps([missing, sorted(loaded), sorted(set(sys.modules) - loaded)]))
"""
"""Loads what a host loads, then does what a run does after its cells."""
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

    command = [sys.executable, "-c", PROGRAM, str(saved), json.dumps(CONTEXT)]
    here = {name: text for name, text in os.environ.items() if name != "FAZHI_ROOT"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=here)
    assert done.stderr == "", "a warm-up failed"
    missing, in_host, by_export = json.loads(done.stdout)

    assert missing == [], "a module to be preloaded is gone"
    assert by_export == []
    assert set(in_kernel) - set(in_host) <= FREE
