"""The true pages: in a fork and in papermill's own engine with a kernel, they are the same.

To the byte, but for the last digit of coordinates in pictures: matplotlib's layout ends in a rounding that
depends on what the process has drawn before.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fixture_project import snapshot

from analysis import project

NUMBER = re.compile(rb"-?\d+\.\d+")
PICTURE = re.compile(rb"base64,[\w+/=]+")
ROUNDING = 0.0201


def differ(one: bytes, other: bytes) -> bool:
    """Whether two files differ in more than the rounding of coordinates; pictures are looked at as files."""
    if b"<svg" not in one[:300]:
        return PICTURE.sub(b"", one) != PICTURE.sub(b"", other)
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=False)
    moved = any(abs(float(first) - float(second)) > ROUNDING for first, second in pairs)
    return moved or NUMBER.sub(b"", one) != NUMBER.sub(b"", other)


def test_a_moved_mark_and_another_word_are_seen() -> None:
    assert not differ(b'<svg d="M1.01 2.00"/>', b'<svg d="M1.02 2.00"/>')
    assert differ(b'<svg d="M1.01 2.00"/>', b'<svg d="M1.31 2.00"/>')
    assert differ(b'<svg d="M1.01 2.00"/>', b'<svg d="M1.01"/>')
    assert differ(b"<p>one</p>", b"<p>two</p>")


@pytest.mark.slow
def test_every_page_is_the_same_with_and_without_a_kernel(tmp_path: Path) -> None:
    for name in ("data", "notebooks"):
        shutil.copytree(project.root() / name, tmp_path / name)
    shutil.copy(project.editions_file(), tmp_path)
    environment = {**os.environ, "FAZHI_ROOT": str(tmp_path)}
    sites = []
    for words in ((), ("--force", "--kernels", "cold")):
        command = [
            sys.executable,
            "-c",
            "from analysis.cli import main; main()",
            "refresh",
            "--quiet",
            *words,
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        sites.append(snapshot(tmp_path / "reports"))
    warm, cold = sites
    shown = [name for name in warm if not name.endswith((".ipynb", ".json"))]
    assert len([name for name in shown if name.endswith(".html")]) > 2
    assert warm.keys() == cold.keys()
    assert [name for name in shown if differ(warm[name], cold[name])] == []
