"""What a refresh would do and why, without doing it: fresh, stale, failed or orphan, run by run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from analysis import project
from analysis.refresh import manifest as manifests
from analysis.refresh.inputs import Inputs, read_inputs
from analysis.refresh.manifest import Entry
from analysis.refresh.plan import Run, affordable, plan, why_stale

if TYPE_CHECKING:
    from analysis.editions import Edition

Standing = Literal["fresh", "stale", "failed", "orphan"]


@dataclass(frozen=True)
class StatusRow:
    """How one run stands.

    Attributes:
        edition: Key of the edition.
        notebook: Stem of the notebook.
        state: fresh; stale (a refresh would render it); failed (its newest attempt did); orphan (published,
            but its edition or notebook is gone).
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
    inputs = inputs or read_inputs(project.data_folder())
    runs = plan(editions, notebooks, inputs, known)
    hashed = affordable(manifest.entries.values())
    rows = [_row(one, manifest.entries.get(one.name), reports, hashed) for one in runs]
    living = {f"{edition.key}/{path.stem}" for edition in (*editions, *known) for path in notebooks}
    for name, entry in manifest.entries.items():
        if name not in living:
            reason = "its edition or notebook is gone"
            rows.append(StatusRow(entry.edition, entry.notebook, "orphan", reason, entry.published))
    return rows


def _row(one: Run, entry: Entry | None, reports: Path, hashed: bool) -> StatusRow:
    """How one run stands."""
    reason = one.problem or why_stale(one, entry, reports, hashed)
    failed = bool(one.problem) or (
        entry is not None and entry.failure is not None and entry.failure.key == one.key
    )
    if failed and entry is not None and entry.failure is not None and not one.problem:
        reason = f"the last attempt failed: {entry.failure.reason}"
    state: Standing = "failed" if failed else "stale" if reason else "fresh"
    return StatusRow(one.edition.key, one.stem, state, reason, entry.published if entry else "")


def to_json(rows: Sequence[StatusRow]) -> str:
    """The rows as one JSON document."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
