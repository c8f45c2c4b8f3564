"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All pages of an edition that came out well are published together, soon after its last run is done. A run that
fails is one row of the recap: its last good page stays, marked stale in the index, and the notebook as far as
it came is kept outside the published tree. Nothing is started for bad input. SIGINT and SIGTERM end every
process that was started, free the lock and raise `lock.InterruptError`.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import project
from analysis.refresh.keys import Inputs, read_inputs
from analysis.refresh.lock import interruptible, refresh_lock
from analysis.refresh.manifest import Entry, Failure, Manifest, PublishedFile
from analysis.refresh.plan import Run, affordable, in_order, plan, why_stale
from analysis.refresh.pool import Options, Outcome, Task, Workers, local_workers, outcome_of
from analysis.refresh.publish import Publication, Site, composer
from analysis.refresh.recap import GONE, Recap, Row, State

if TYPE_CHECKING:
    from analysis.editions import Edition

PATIENCE = 10
"""How many times as long as the last publication took, the next one is put off."""
Describe = Callable[["Edition"], Mapping[str, Any]]
"""What the index says of an edition; see `index.describe`."""
Watcher = Callable[[Row, int, int], None]
"""Told of each row as it is known, with how many are done and how many there are."""


def refresh(
    editions: Sequence[Edition],
    notebooks: Sequence[Path],
    describe: Describe,
    *,
    reports: Path | None = None,
    known: Sequence[Edition] = (),
    options: Options | None = None,
    watch: Watcher | None = None,
    workers: AbstractContextManager[Workers] | None = None,
    inputs: Inputs | None = None,
) -> Recap:
    """The recap of a refresh of these editions, checked before, and of all their notebooks in page order.

    Args:
        editions: What to refresh.
        notebooks: All notebooks of an edition.
        describe: Called for editions that are rendered.
        reports: The published tree (default: the project's); `.refresh/` is kept beside it.
        known: Further editions that have pages, so that a page can link to its other language.
        options: How to go about it.
        watch: Told of each row as it is known.
        workers: Who does the runs, entered when there are any; by default this machine.
        inputs: What the runs share, where the caller has read it.

    Raises:
        InputError: The reports cannot be written; nothing was started.
        LockedError: Another refresh is at work; nothing was started.
        InterruptError: SIGINT or SIGTERM came; its exit code is 130 or 143.
    """
    reports = reports or project.reports_folder()
    state = reports.parent / ".refresh"
    chosen = options or Options()
    with interruptible(), refresh_lock(state, chosen.wait):
        found = inputs.current() if inputs else read_inputs(project.data_folder())
        site = Site(reports, state, composer(found.folders[0]))
        job = _Refresh(site, state / "failed", describe, chosen, watch, found)
        return job.run(editions, notebooks, known, workers)


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


class _Refresh:
    """One refresh while it goes on: its site, its rows so far, and the editions being gathered."""

    def __init__(
        self,
        site: Site,
        failed: Path,
        describe: Describe,
        options: Options,
        watch: Watcher | None,
        inputs: Inputs,
    ) -> None:
        self.site, self.failed_folder = site, failed
        self.describe, self.options, self.watch, self.inputs = describe, options, watch, inputs
        self.rows: dict[str, Row] = {}
        self.total = 0
        self.preload_seconds = 0.0

    def run(
        self,
        editions: Sequence[Edition],
        notebooks: Sequence[Path],
        known: Sequence[Edition],
        workers: AbstractContextManager[Workers] | None,
    ) -> Recap:
        """The recap, when everything is done."""
        began = time.monotonic()
        runs = plan(editions, notebooks, self.inputs, known)
        planned = {one.name for one in runs}
        orphans = [entry for name, entry in self.site.manifest.entries.items() if name not in planned]
        gone = orphans if self.options.prune else []
        self.total = len(runs) + len(gone)
        stale = self._sort_out(runs)
        if gone or self.site.damaged:
            self._remove(gone)
        if stale:
            jobs = self.options.jobs, self.options.kernels
            with workers or local_workers(*jobs) as staff:
                self._render(in_order(stale, self.site.manifest.entries), staff)
                self.preload_seconds = staff.preload_seconds()
        rows = tuple(self.rows[name] for name in (*(one.name for one in runs), *(one.name for one in gone)))
        notes = (self.site.note,) if self.site.note else ()
        return Recap(rows, time.monotonic() - began, notes, self.preload_seconds)

    def _sort_out(self, runs: Sequence[Run]) -> list[tuple[Run, str]]:
        """The runs to do, each with why; the others get their rows."""
        stale, broken = [], []
        hashed = affordable(self.site.manifest.entries.values())
        for one in runs:
            entry = self.site.manifest.entries.get(one.name)
            why = why_stale(one, entry, self.site.reports, hashed) or ("forced" if self.options.force else "")
            if one.problem:
                broken.append(self._failed(one, Outcome(one.problem)))
            elif why:
                stale.append((one, why))
            else:
                self._report(one, "fresh")
        if broken:
            self._publish(broken)
        return stale

    def _remove(self, gone: Sequence[Entry]) -> None:
        """Takes entries out of the site with their files."""
        self._publish([], [entry.name for entry in gone])
        for entry in gone:
            self._tell(entry.name, Row(entry.edition, entry.notebook, "removed", reason=GONE))

    def _render(self, stale: Sequence[tuple[Run, str]], workers: Workers) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        The manifest and the index are written whole, so that the larger the site, the rarer it is done.
        """
        waiting: dict[str, set[str]] = {}
        for one, _ in stale:
            waiting.setdefault(one.edition.key, set()).add(one.name)
        running = frozenset(one.name for one, _ in stale)
        gathered: dict[str, list[Publication]] = {key: [] for key in waiting}
        ready: list[Publication] = []
        next_time = 0.0
        futures = {workers.executor.submit(workers.render, self._task(one)): (one, why) for one, why in stale}
        for future in as_completed(futures):
            one, why = futures.pop(future)
            key = one.edition.key
            others = [entry for name, entry in self.site.manifest.entries.items() if name not in running]
            others = [entry for entry in others if entry.edition == key] + [
                done.entry for done in gathered[key]
            ]
            gathered[key].append(self._conclude(one, why, outcome_of(future), others))
            waiting[key].discard(one.name)
            if not waiting[key]:
                ready += gathered.pop(key)
                began = time.monotonic()
                if began >= next_time:
                    self._publish(ready)
                    ready, next_time = [], time.monotonic() + PATIENCE * (time.monotonic() - began)
        if ready:
            self._publish(ready)

    def _task(self, one: Run) -> Task:
        """What the run's process is asked to do."""
        return Task(
            str(one.notebook), one.edition.key, one.edition.parameters, one.context, self.options.limits
        )

    def _conclude(self, one: Run, why: str, outcome: Outcome, others: Sequence[Entry]) -> Publication:
        """What to publish of a run that has ended, be it only its failure."""
        reason = outcome.reason or self._changed(one) or _taken(outcome, others)
        if reason:
            return self._failed(one, replace(outcome, reason=reason))
        entry = Entry(
            edition=one.edition.key,
            notebook=one.stem,
            parameters=one.edition.parameters,
            key=one.key,
            parts=one.parts,
            published=now(),
            seconds=round(outcome.seconds, 3),
            page=outcome.page,
            about=self.describe(one.edition),
            files={path: PublishedFile.of(body) for path, body in outcome.files.items()},
        )
        self._report(one, "rendered", why, outcome)
        return Publication(entry, outcome.files)

    def _changed(self, one: Run) -> str:
        """Why the run's key would be a lie: its inputs changed while it ran; "" where they did not."""
        found = self.inputs.current().parts(one.edition.city if one.city_only else "")
        changed = sorted(part for part, key in found.items() if key != one.parts[part])
        return f"changed during the run: {', '.join(changed)}; refresh again" if changed else ""

    def _failed(self, one: Run, outcome: Outcome) -> Publication:
        """The entry of a failed run; its notebook is kept outside the published tree."""
        folder = self.failed_folder / one.edition.key
        folder.mkdir(parents=True, exist_ok=True)
        for path, body in outcome.files.items():
            if path.endswith(".ipynb"):
                (folder / f"{one.stem}.ipynb").write_bytes(body)
        entry = self.site.manifest.entries.get(one.name)
        if entry is None:
            about = self.describe(one.edition)
            entry = Entry(one.edition.key, one.stem, one.edition.parameters, about=about)
        self._report(one, "failed", outcome.reason, outcome)
        return Publication(replace(entry, failure=Failure(now(), outcome.reason, one.key)), {})

    def _publish(self, new: Sequence[Publication], gone: Sequence[str] = ()) -> None:
        """Publishes; where that fails (a full disk), the rendered runs among the new ones have failed."""
        inputs = self.inputs
        stamp = Manifest(
            refreshed=now(),
            revision=revision(project.root()),
            libraries=inputs.libraries,
            data_version=inputs.data_version,
            data=inputs.common["data"],
        )
        try:
            self.site.publish(new, gone, stamp)
        except OSError as error:
            for one in new:
                row = self.rows[one.entry.name]
                if row.state == "rendered":
                    reason = f"it could not be published: {error.strerror}"
                    self.rows[one.entry.name] = replace(row, state="failed", reason=reason)
        else:
            for one in new:
                if one.files:
                    self._clear_failure(one.entry)

    def _clear_failure(self, entry: Entry) -> None:
        """Removes what an earlier failure of a published run had left."""
        folder = self.failed_folder / entry.edition
        (folder / f"{entry.notebook}.ipynb").unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder)

    def _report(self, one: Run, state: State, reason: str = "", outcome: Outcome | None = None) -> None:
        """Notes the row of a run."""
        took = outcome or Outcome("")
        row = Row(one.edition.key, one.stem, state, round(took.seconds, 3), reason, one.edition.parameters)
        self._tell(one.name, replace(row, cell_seconds=round(took.cell_seconds, 3)))

    def _tell(self, name: str, row: Row) -> None:
        """Notes a row and tells the watcher."""
        self.rows[name] = row
        if self.watch:
            self.watch(row, len(self.rows), self.total)


def _taken(outcome: Outcome, others: Sequence[Entry]) -> str:
    """Why a run cannot be published beside others: one has published a file of its; "" where none has."""
    for entry in others:
        taken = sorted(outcome.files.keys() & entry.files.keys())
        if taken:
            return f"{taken[0]} is also written by {entry.notebook}; rename one"
    return ""
