"""What a refresh did, and what it would do: one row a run, an exit code, the commands that repeat what failed."""

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
Standing = Literal["fresh", "stale", "failed", "orphan"]
GONE = "its edition or notebook is gone"


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
        document = {
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
            "preload_seconds": round(self.preload_seconds, 3),
            "counts": self.counts,
            "rows": [asdict(row) for row in self.rows],
            "retries": list(self.retries),
            "notes": list(self.notes),
        }
        return json.dumps(document, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class StatusRow:
    """How one run stands.

    Attributes:
        edition: Key of the edition.
        notebook: Stem of the notebook.
        state: fresh; stale (a refresh would render it); failed (its newest attempt did); orphan (published, but its
            edition or notebook is gone).
        reason: Which part of the key changed, or what failed; empty when fresh.
        published: When the page was published, ISO 8601 in UTC; empty when there is none.
    """

    edition: str
    notebook: str
    state: Standing
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
    rows += [
        StatusRow(entry.edition, entry.notebook, "orphan", GONE, entry.published)
        for name, entry in manifest.entries.items()
        if name not in living
    ]
    return rows


def _standing(one: Run, entry: Entry | None, reports: Path, hashed: bool) -> StatusRow:
    """How one run stands."""
    reason = one.problem or why_stale(one, entry, reports, hashed)
    failed = bool(one.problem)
    if not failed and entry is not None and entry.failure is not None and entry.failure.key == one.key:
        failed, reason = True, f"the last attempt failed: {entry.failure.reason}"
    state: Standing = "failed" if failed else "stale" if reason else "fresh"
    return StatusRow(one.edition.key, one.stem, state, reason, entry.published if entry else "")


def status_json(rows: Sequence[StatusRow]) -> str:
    """The rows as one JSON document."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
