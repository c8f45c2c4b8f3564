"""When and from what a site was refreshed: time, git revision, libraries, the version of the data."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from analysis import project
from analysis.refresh.inputs import Inputs
from analysis.refresh.manifest import Manifest


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def revision(folder: Path) -> str:
    """The git revision of a folder, with "+" where tracked files differ from it; "" outside a repository."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def stamp(inputs: Inputs) -> Manifest:
    """A manifest without entries that says when and from what."""
    return Manifest(
        refreshed=now(),
        revision=revision(project.root()),
        libraries=inputs.libraries,
        data_version=inputs.data_version,
    )
