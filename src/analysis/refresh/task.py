"""What is asked of a run and what comes back, as plain values that travel between processes and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kernels = Literal["none", "cold"]
"""Cells run in a fork of a process with everything loaded, or in a kernel (ipykernel) that papermill starts."""


@dataclass(frozen=True)
class Limits:
    """What a run may take.

    Attributes:
        seconds: Wall time of all cells together.
        megabytes: Memory beyond what was loaded before the fork; 0 for no limit.
        output_megabytes: What the cells of a notebook may put out.
    """

    seconds: float = 600
    megabytes: int = 2048
    output_megabytes: int = 30


@dataclass(frozen=True)
class Task:
    """One run.

    Attributes:
        notebook: Path of the notebook.
        edition: Key of the edition, the folder of what is made.
        parameters: Notebook parameters.
        context: The page's place among the others, for `export.PageContext`.
        limits: What the run may take.
        kernels: Where its cells run.
        root: The project's folder, for the cells; "" to leave it as it is.
    """

    notebook: str
    edition: str
    parameters: Mapping[str, Any]
    context: Mapping[str, Any]
    limits: Limits = field(default_factory=Limits)
    kernels: Kernels = "none"
    root: str = ""

    @property
    def stem(self) -> str:
        """Name of the notebook without its suffix."""
        return Path(self.notebook).stem


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        reason: Why it failed, on one line; empty when it may be published.
        files: Path relative to reports/ -> bytes; of a failed run, only the notebook as far as it came.
        page: What the notebook said of its page.
        seconds: Wall time of execution and export.
        cell_seconds: Wall time of the cells alone.
    """

    reason: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    page: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cell_seconds: float = 0.0
