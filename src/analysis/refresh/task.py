"""What is asked of a run process and what comes back, as plain values and files.

Kept apart from `run`, so that whoever only asks need not import what executing takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What a run may take.

    Attributes:
        seconds: Wall time of all cells together.
        start_seconds: Time a kernel has to answer.
        megabytes: Memory a kernel may take beyond its preloaded libraries; 0 for no limit.
        output_megabytes: What the cells of a notebook may put out.
    """

    seconds: int = 600
    start_seconds: int = 60
    megabytes: int = 2048
    output_megabytes: int = 30


@dataclass(frozen=True)
class Task:
    """What a run process is asked to do; plain values, so that it can travel.

    Attributes:
        notebook: Path of the notebook.
        edition: Key of the edition, the folder of what is made.
        parameters: Notebook parameters.
        context: The page's place among the others, for `page.PageContext`.
        limits: What the run may take.
        ahead: Parameters of this and the next edition, whose pages a host may prepare.
    """

    notebook: str
    edition: str
    parameters: Mapping[str, Any]
    context: Mapping[str, Any]
    limits: Limits = field(default_factory=Limits)
    ahead: Sequence[Mapping[str, Any]] = ()

    @property
    def stem(self) -> str:
        """Name of the notebook without its suffix."""
        return Path(self.notebook).stem

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Task:
        """The task that `dataclasses.asdict` took apart."""
        return cls(**{**raw, "limits": Limits(**raw["limits"])})


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        reason: Why it failed, on one line; empty when it may be published.
        files: Path relative to reports/ -> bytes; of a failed run, only the notebook as far as it came.
        page: The page header the notebook gave.
        seconds: Wall time of execution and export.
        cell_seconds: Wall time of the cells alone.
        attempts: 2 where the first kernel did not come up.
    """

    reason: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cell_seconds: float = 0.0
    attempts: int = 1


def write_outcome(outcome: Outcome, folder: Path) -> None:
    """Leaves an outcome in a folder: its files by number, and last the list of them."""
    names = list(outcome.files)
    for number, name in enumerate(names):
        (folder / str(number)).write_bytes(outcome.files[name])
    record = {**asdict(outcome), "files": names}
    (folder / "outcome.json").write_text(json.dumps(record, ensure_ascii=False))


def read_outcome(folder: Path) -> Outcome | None:
    """The outcome left in a folder, or None where the run process ended before it could leave one."""
    path = folder / "outcome.json"
    if not path.is_file():
        return None
    record = json.loads(path.read_text())
    record["files"] = {
        name: (folder / str(number)).read_bytes() for number, name in enumerate(record["files"])
    }
    return Outcome(**record)
