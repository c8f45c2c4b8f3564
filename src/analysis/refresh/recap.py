"""What a refresh did, and what it would do: one row a run, an exit code, commands that repeat what failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analysis import project
from analysis.refresh import manifest as manifests
from analysis.refresh.keys import Inputs, read_inputs
from analysis.refresh.manifest import Entry
from analysis.refresh.plan import Run, affordable, plan, why_stale

if TYPE_CHECKING:
    from analysis.editions import Edition

State = Literal["fresh", "rendered", "failed", "removed"]
GONE = "its edition or notebook is gone"


@dataclass(frozen=True)
class Row:
    """One run of a refresh: its state and why, and the seconds it took, export and cells and cells alone."""

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
    """What a refresh did: every run in the plan's order, wall time, notes, the time to load libraries."""

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
        took = {"seconds": round(self.seconds, 3), "preload_seconds": round(self.preload_seconds, 3)}
        rows = {"counts": self.counts, "rows": [asdict(row) for row in self.rows]}
        rest = {"retries": list(self.retries), "notes": list(self.notes)}
        return json.dumps({"exit_code": self.exit_code, **took, **rows, **rest}, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class StatusRow:
    """How one run stands: fresh, stale (why), failed (its newest attempt), orphan (published, but gone)."""

    edition: str
    notebook: str
    state: Literal["fresh", "stale", "failed", "orphan"]
    reason: str
    published: str


def status(
    editions: Sequence[Edition],
    notebooks: Sequence[Path],
    known: Sequence[Edition] = (),
    reports: Path | None = None,
    inputs: Inputs | None = None,
) -> list[StatusRow]:
    """How every run of these editions stands, then what is published of no edition given or known."""
    reports = reports or project.reports_folder()
    manifest, _ = manifests.load(reports, reports.parent / ".refresh" / manifests.BACKUP)
    runs = plan(editions, notebooks, inputs or read_inputs(project.data_folder()), known)
    hashed = affordable(manifest.entries.values())
    rows = [_standing(one, manifest.entries.get(one.name), reports, hashed) for one in runs]
    living = {f"{edition.key}/{path.stem}" for edition in (*editions, *known) for path in notebooks}
    gone = [entry for name, entry in manifest.entries.items() if name not in living]
    return rows + [StatusRow(one.edition, one.notebook, "orphan", GONE, one.published) for one in gone]


def _standing(one: Run, entry: Entry | None, reports: Path, hashed: bool) -> StatusRow:
    """How one run stands."""
    reason, failed = one.problem or why_stale(one, entry, reports, hashed), bool(one.problem)
    if not failed and entry is not None and entry.failure is not None and entry.failure.key == one.key:
        failed, reason = True, f"the last attempt failed: {entry.failure.reason}"
    published = entry.published if entry else ""
    return StatusRow(
        one.edition.key, one.stem, "failed" if failed else "stale" if reason else "fresh", reason, published
    )
