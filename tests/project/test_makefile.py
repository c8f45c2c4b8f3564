"""make notices a .venv that came with a copied or moved checkout, and lets its own be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from repository import ROOT, tracked


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, and a .venv that looks ready."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def planned(checkout: Path, shebang: str) -> str:
    """What `make check` would run when the installed command begins so."""
    (checkout / ".venv" / "bin" / "fazhi").write_text(f"#!{shebang}\n", encoding="utf-8")
    ready = checkout / ".venv" / ".ready"
    ready.touch()
    os.utime(ready, (2_000_000_000, 2_000_000_000))
    # `make test` runs this: its own flags and depth are not this make's
    own = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    command = ["make", "--no-print-directory", "-n", "check"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True, env=own).stdout


def test_a_venv_of_another_checkout_is_set_up_anew(checkout: Path) -> None:
    text = planned(checkout, "/somewhere/else/.venv/bin/python")
    assert "belongs to another checkout" in text
    assert "rm -rf .venv" in text
    assert text.index("rm -rf .venv") < text.index("fazhi check")


def test_its_own_venv_is_let_be(checkout: Path) -> None:
    text = planned(checkout, f"{checkout.resolve()}/.venv/bin/python")
    assert text.strip() == ".venv/bin/fazhi check"


def test_nothing_that_an_installation_makes_is_tracked() -> None:
    assert [path for path in tracked() if ".egg-info" in str(path)] == []
