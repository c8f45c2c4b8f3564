"""What a refresh did: one row a run, an exit code, and the commands that repeat what failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["fresh", "rendered", "failed", "removed"]


@dataclass(frozen=True)
class Row:
    """One run of a refresh.

    Attributes:
        edition: Key of the edition.
        notebook: Stem of the notebook.
        state: fresh (nothing to do), rendered, failed, or removed (its edition or notebook is gone).
        seconds: Wall time of the run and its export; 0 where nothing ran.
        reason: Why it was rendered, failed or removed; empty when fresh.
        parameters: Resolved parameters; empty when removed.
        cell_seconds: The part of `seconds` spent executing cells.
    """

    edition: str
    notebook: str
    state: State
    seconds: float = 0.0
    reason: str = ""
    parameters: Mapping[str, Any] | None = None
    cell_seconds: float = 0.0

    @property
    def retry(self) -> str:
        """The command that tries this row again."""
        options = " ".join(f"--{name} {value}" for name, value in (self.parameters or {}).items())
        return f"fazhi refresh {options}".strip()


@dataclass(frozen=True)
class Recap:
    """What a refresh did.

    Attributes:
        rows: Every run, in the order of the plan.
        seconds: Wall time.
        notes: What else a reader should know.
        preload_seconds: How long the process that runs are forked from took to be ready; 0 without one.
    """

    rows: tuple[Row, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    preload_seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 when everything is fresh now, 1 when some run failed."""
        return int(any(row.state == "failed" for row in self.rows))

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of rows."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def retries(self) -> tuple[str, ...]:
        """The commands that try again what failed, each once."""
        return tuple(dict.fromkeys(row.retry for row in self.rows if row.state == "failed"))

    def to_json(self) -> str:
        """The recap as one JSON document."""
        return json.dumps(
            {
                "exit_code": self.exit_code,
                "seconds": round(self.seconds, 3),
                "preload_seconds": round(self.preload_seconds, 3),
                "counts": self.counts,
                "rows": [asdict(row) for row in self.rows],
                "retries": list(self.retries),
                "notes": list(self.notes),
            },
            ensure_ascii=False,
            indent=1,
        )
