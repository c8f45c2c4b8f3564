"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All pages of an edition that came out well are published together, soon after its last run is done. A run that
fails is one row of the recap: its last good page stays, marked stale in the index, and the notebook as far as
it came is kept outside the published tree. Nothing is started for bad input. SIGINT and SIGTERM end every
process that was started, free the lock and raise `lock.InterruptError`.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from analysis import project
from analysis.editions import Edition
from analysis.refresh import index
from analysis.refresh.keys import Inputs, read_inputs
from analysis.refresh.lock import interruptible, refresh_lock
from analysis.refresh.manifest import Entry, Failure, Manifest, record
from analysis.refresh.plan import Run, State, plan, standings
from analysis.refresh.pool import Options, Outcome, Task, Workers, local_workers, outcome_of
from analysis.refresh.publish import Site
from analysis.refresh.recap import GONE, Recap, Row

PATIENCE = 10
"""How many times as long as the last publication took, the next one is put off."""
Watcher = Callable[[Row, int, int], None]
"""Told of each row as it is known, with how many are done and how many there are."""
Publication = tuple[Entry, Mapping[str, bytes]]
"""A new entry and the files it brings (path in reports/ -> bytes); a failed attempt brings none."""


def refresh(
    editions: Mapping[Edition, Mapping[str, Any]],
    notebooks: Sequence[Path],
    *,
    reports: Path | None = None,
    known: Iterable[Edition] = (),
    options: Options | None = None,
    watch: Watcher | None = None,
    workers: AbstractContextManager[Workers] | None = None,
    inputs: Inputs | None = None,
) -> Recap:
    """The recap of a refresh of these editions, checked before, and of all their notebooks in page order.

    Args:
        editions: What to refresh, and what the index says of each (`index.describe`).
        notebooks: All notebooks of an edition.
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
    began = time.monotonic()
    reports = reports or project.reports_folder()
    state, options = reports.parent / ".refresh", options or Options()
    with interruptible(), refresh_lock(state, options.wait):
        inputs = inputs.current() if inputs else read_inputs(project.data_folder())
        site = Site(reports, state, partial(index.compose, inputs.folders[0]))
        runs = plan(editions, notebooks, inputs, known)
        left = site.manifest.entries.keys() - {run.name for run in runs}
        gone = [site.manifest.entries[name] for name in sorted(left) if options.prune]
        job = _Refresh(site, state / "failed", editions, options, watch, inputs, len(runs) + len(gone))
        stale = job.sort_out(runs)
        if gone or site.damaged:
            job.publish([], [entry.name for entry in gone])
        for entry in gone:
            job.report(entry, "removed", GONE)
        preload = 0.0
        if stale:
            with workers or local_workers(options.jobs, options.kernels) as staff:
                job.render(stale, staff)
                preload = staff.preload_seconds()
    rows = tuple(job.rows[name] for name in [one.name for one in runs] + [one.name for one in gone])
    notes = (site.note,) if site.note else ()
    return Recap(rows, round(time.monotonic() - began, 3), notes, round(preload, 3))


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def revision(folder: Path) -> str:
    """The git revision of a folder, with "+" where tracked files differ from it; "" outside a repository."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    return ""


@dataclass
class _Refresh:
    """One refresh while it goes on: what it works with, how many rows there will be, its rows so far."""

    site: Site
    failed_folder: Path
    editions: Mapping[Edition, Mapping[str, Any]]
    options: Options
    watch: Watcher | None
    inputs: Inputs
    total: int
    rows: dict[str, Row] = field(default_factory=dict)

    def sort_out(self, runs: Iterable[Run]) -> list[tuple[Run, str]]:
        """The runs to do, each with why; the others get their rows."""
        stale, broken = [], []
        for run, state, why in standings(runs, self.site.manifest.entries, self.site.reports):
            if run.source.problem:
                broken.append(self._failed(run, Outcome(why)))
            elif state == "fresh" and not self.options.force:
                self.report(self.site.manifest.entries[run.name], "fresh")
            else:
                stale.append((run, why or "forced"))
        if broken:
            self.publish(broken)
        return stale

    def render(self, stale: Sequence[tuple[Run, str]], workers: Workers) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        In an edition, those come first that last took longest, so that jobs end together. The manifest and
        the index are written whole, so that the larger the site, the rarer it is done.
        """
        entries = self.site.manifest.entries
        took = {run.name: entries[run.name].seconds for run, _ in stale if run.name in entries}
        waiting = Counter(run.edition for run, _ in stale)
        place = {edition: number for number, edition in enumerate(waiting)}
        order = sorted(stale, key=lambda one: (place[one[0].edition], -took.get(one[0].name, 0)))
        futures = {workers.executor.submit(workers.render, self._task(run)): (run, why) for run, why in order}
        running = {run.name for run, _ in stale}
        owners = {path: one for name, one in entries.items() if name not in running for path in one.files}
        gathered: dict[Edition, list[Publication]] = defaultdict(list)
        ready: list[Publication] = []
        next_time = 0.0
        for future in as_completed(futures):
            run, why = futures.pop(future)
            publication = self._conclude(run, why, outcome_of(future), owners)
            owners |= dict.fromkeys(publication[0].files, publication[0])
            gathered[run.edition].append(publication)
            waiting[run.edition] -= 1
            if not waiting[run.edition]:
                ready += gathered.pop(run.edition)
                began = time.monotonic()
                if began >= next_time:
                    self.publish(ready)
                    ready, next_time = [], time.monotonic() + PATIENCE * (time.monotonic() - began)
        if ready:
            self.publish(ready)

    def publish(self, new: Sequence[Publication], gone: Iterable[str] = ()) -> None:
        """Publishes; where that fails (a full disk), the rendered runs among the new ones have failed."""
        files = {path: body for _, brought in new for path, body in brought.items()}
        stamp = Manifest(
            refreshed=now(),
            revision=revision(project.root()),
            libraries=self.inputs.libraries,
            data_version=self.inputs.data_version,
            data=self.inputs.common["data"],
        )
        try:
            self.site.publish([entry for entry, _ in new], files, gone, stamp)
        except OSError as error:
            for entry, _ in new:
                row = self.rows[entry.name]
                if row.state == "rendered":
                    reason = f"it could not be published: {error.strerror}"
                    self.rows[entry.name] = replace(row, state="failed", reason=reason)
            return
        for entry, brought in new:
            if brought:
                kept = self._kept(entry)
                kept.unlink(missing_ok=True)
                with suppress(OSError):  # the notebooks of others lie there
                    kept.parent.rmdir()

    def report(self, entry: Entry, state: State, reason: str = "", outcome: Outcome | None = None) -> None:
        """Notes the row of an entry and tells the watcher."""
        took = (round(outcome.seconds, 3), round(outcome.cell_seconds, 3)) if outcome else ()
        self.rows[entry.name] = row = Row.of(entry, state, reason, *took)
        if self.watch:
            self.watch(row, len(self.rows), self.total)

    def _task(self, run: Run) -> Task:
        """What the run's process is asked to do."""
        edition, limits = run.edition, self.options.limits
        return Task(str(run.source.path), edition.key, edition.parameters, run.context, limits)

    def _conclude(self, run: Run, why: str, outcome: Outcome, owners: Mapping[str, Entry]) -> Publication:
        """What to publish of a run that has ended, be it only its failure."""
        found = self.inputs.current().parts(run.source.reads(run.edition))
        changed = sorted(part for part, key in found.items() if key != run.parts[part])
        taken = sorted(outcome.files.keys() & owners.keys())
        reason = outcome.reason
        if not reason and changed:
            reason = f"changed during the run: {', '.join(changed)}; refresh again"
        elif not reason and taken:
            reason = f"{taken[0]} is also written by {owners[taken[0]].notebook}; rename one"
        if reason:
            return self._failed(run, replace(outcome, reason=reason))
        entry = replace(
            run.new_entry(self.editions[run.edition]),
            key=run.key,
            parts=run.parts,
            published=now(),
            seconds=round(outcome.seconds, 3),
            page=outcome.page,
            files={path: record(body) for path, body in outcome.files.items()},
        )
        self.report(entry, "rendered", why, outcome)
        return entry, outcome.files

    def _failed(self, run: Run, outcome: Outcome) -> Publication:
        """The entry of a failed run; its notebook is kept outside the published tree."""
        old = self.site.manifest.entries.get(run.name) or run.new_entry(self.editions[run.edition])
        for path, body in outcome.files.items():
            if path.endswith(".ipynb"):
                self._kept(old).parent.mkdir(parents=True, exist_ok=True)
                self._kept(old).write_bytes(body)
        self.report(old, "failed", outcome.reason, outcome)
        return replace(old, failure=Failure(when=now(), reason=outcome.reason, key=run.key)), {}

    def _kept(self, entry: Entry) -> Path:
        """Where the notebook of a failed run lies."""
        return self.failed_folder / entry.edition / f"{entry.notebook}.ipynb"
