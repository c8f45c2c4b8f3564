"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All pages of an edition that came out well are published together, soon after its last run is done. A run
that fails is one row of the recap: its last good page stays, marked stale in the index, and the notebook
as far as it came is kept outside the published tree. Nothing is started for bad input. SIGINT and SIGTERM
end every process that was started, free the lock and raise `interrupt.InterruptError`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import project
from analysis.refresh import provenance
from analysis.refresh.inputs import Inputs, read_inputs
from analysis.refresh.interrupt import interruptible
from analysis.refresh.lock import refresh_lock
from analysis.refresh.manifest import Entry, Failure, Manifest, PublishedFile
from analysis.refresh.options import Options
from analysis.refresh.plan import Run, affordable, in_order, plan, to_prepare, why_stale
from analysis.refresh.publish import Publication, Site
from analysis.refresh.recap import Recap, Row
from analysis.refresh.task import Outcome, Task
from analysis.refresh.workshop import Workers, local_workers, outcome_of

if TYPE_CHECKING:
    from analysis.editions import Edition

PATIENCE = 10
"""How many times as long as the last publication took, the next one is put off."""
Describe = Callable[["Edition"], Mapping[str, Any]]
"""What the index says of an edition; see `overview.describe`."""
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
    """The recap of a refresh of these editions.

    Args:
        editions: What to refresh, checked before.
        notebooks: All notebooks of an edition, in the order of its pages.
        describe: What the index says of an edition; called for editions that are rendered.
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
    with interruptible(), refresh_lock(state, (options or Options()).wait):
        job = _Refresh(reports, state, describe, options or Options(), watch, workers)
        found = inputs.current() if inputs else read_inputs(project.data_folder())
        return job.run(editions, notebooks, known, found)


def _render_index(manifest: Manifest) -> str:
    """The index of a manifest; what draws it is only imported when something is published."""
    from analysis.refresh import overview

    return overview.render(manifest)


def _unless_taken(outcome: Outcome, others: Sequence[Entry]) -> Outcome:
    """The outcome, or a failed one where another entry has published one of its files."""
    for entry in others:
        taken = sorted(outcome.files.keys() & entry.files.keys())
        if taken:
            return replace(outcome, reason=f"{taken[0]} is also written by {entry.notebook}; rename one")
    return outcome


class _Refresh:
    """One refresh while it goes on: its site, its rows so far, and the edition being gathered."""

    def __init__(
        self,
        reports: Path,
        state: Path,
        describe: Describe,
        options: Options,
        watch: Watcher | None,
        workers: AbstractContextManager[Workers] | None,
    ) -> None:
        self.site = Site(reports, state, _render_index)
        self.failed_folder = state / "failed"
        self.describe = describe
        self.options = options
        self.watch = watch
        self.workers = workers
        self.rows: dict[str, Row] = {}
        self.forced = "forced" if options.force else ""
        self.total = 0
        self.preload_seconds = 0.0
        self.notes = [self.site.note] if self.site.note else []

    def run(
        self,
        editions: Sequence[Edition],
        notebooks: Sequence[Path],
        known: Sequence[Edition],
        inputs: Inputs,
    ) -> Recap:
        """The recap, when everything is done."""
        began = time.monotonic()
        self.inputs = inputs
        runs = plan(editions, notebooks, self.inputs, known)
        planned = {one.name for one in runs}
        orphans = [entry for name, entry in self.site.manifest.entries.items() if name not in planned]
        gone = orphans if self.options.prune else []
        self.total = len(runs) + len(gone)
        stale = self._sort_out(runs)
        if gone or self.site.damaged:
            self._remove(gone)
        if stale:
            self._render(in_order(stale, self.site.manifest.entries))
        order = [*(one.name for one in runs), *(one.name for one in gone)]
        rows = tuple(self.rows[name] for name in order)
        return Recap(rows, time.monotonic() - began, tuple(self.notes), self.preload_seconds)

    def _sort_out(self, runs: Sequence[Run]) -> list[tuple[Run, str]]:
        """The runs to do, each with why; the others get their rows."""
        stale = []
        broken: list[Publication] = []
        hashed = affordable(self.site.manifest.entries.values())
        for one in runs:
            entry = self.site.manifest.entries.get(one.name)
            why = why_stale(one, entry, self.site.reports, hashed) or self.forced
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
            row = Row(entry.edition, entry.notebook, "removed", reason="its edition or notebook is gone")
            self._tell(entry.name, row)

    def _render(self, stale: Sequence[tuple[Run, str]]) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        The manifest and the index are written whole, so that the larger the site, the rarer it is done.
        """
        waiting: dict[str, int] = {}
        for one, _ in stale:
            waiting[one.edition.key] = waiting.get(one.edition.key, 0) + 1
        gathered: dict[str, list[Publication]] = {key: [] for key in waiting}
        running = {one.name for one, _ in stale}
        ready: list[Publication] = []
        next_time = 0.0
        with self.workers or local_workers(self.options.jobs, self.options.kernels) as workers:
            submit = workers.executor.submit
            ahead = to_prepare([one for one, _ in stale])
            futures = {
                submit(workers.render, self._task(one, ahead[one.edition.key])): (one, why)
                for one, why in stale
            }
            for future in as_completed(futures):
                one, why = futures.pop(future)
                key = one.edition.key
                others = [entry for entry in self._published(key) if entry.name not in running]
                others += [publication.entry for publication in gathered[key]]
                gathered[key].append(self._conclude(one, why, outcome_of(future), others))
                waiting[key] -= 1
                if not waiting[key]:
                    ready += gathered.pop(key)
                    began = time.monotonic()
                    if began >= next_time:
                        self._publish(ready)
                        ready = []
                        next_time = time.monotonic() + PATIENCE * (time.monotonic() - began)
            if ready:
                self._publish(ready)
            self.preload_seconds = workers.preload_seconds()
            if workers.note():
                self.notes.append(workers.note())

    def _published(self, edition: str) -> list[Entry]:
        """The entries of an edition, as published."""
        return [entry for entry in self.site.manifest.entries.values() if entry.edition == edition]

    def _task(self, one: Run, ahead: Sequence[Mapping[str, Any]]) -> Task:
        """What the run's process is asked to do."""
        parameters, limits = one.edition.parameters, self.options.limits
        return Task(str(one.notebook), one.edition.key, parameters, one.context, limits, ahead)

    def _conclude(self, one: Run, why: str, outcome: Outcome, others: Sequence[Entry]) -> Publication:
        """What to publish of a run that has ended, be it only its failure."""
        if not outcome.reason:
            outcome = _unless_taken(self._unless_changed(one, outcome), others)
        if outcome.reason:
            return self._failed(one, outcome)
        entry = Entry(
            edition=one.edition.key,
            notebook=one.stem,
            parameters=one.edition.parameters,
            key=one.key,
            parts=one.parts,
            published=provenance.now(),
            seconds=round(outcome.seconds, 3),
            page=outcome.page,
            about=self.describe(one.edition),
            files={path: PublishedFile.of(body) for path, body in outcome.files.items()},
        )
        self._report(one, "rendered", why, outcome)
        return Publication(entry, outcome.files)

    def _unless_changed(self, one: Run, outcome: Outcome) -> Outcome:
        """The outcome, or a failed one where the inputs changed while it ran: its key would be a lie."""
        found = self.inputs.current().parts(one.reads, one.edition.city)
        changed = sorted(part for part, key in found.items() if key != one.parts[part])
        if not changed:
            return outcome
        return replace(outcome, reason=f"changed during the run: {', '.join(changed)}; refresh again")

    def _failed(self, one: Run, outcome: Outcome) -> Publication:
        """The entry of a failed run; its notebook is kept outside the published tree."""
        folder = self.failed_folder / one.edition.key
        folder.mkdir(parents=True, exist_ok=True)
        for path, body in outcome.files.items():
            if path.endswith(".ipynb"):
                (folder / f"{one.stem}.ipynb").write_bytes(body)
        before = self.site.manifest.entries.get(one.name)
        entry = before or Entry(
            one.edition.key, one.stem, one.edition.parameters, about=self.describe(one.edition)
        )
        self._report(one, "failed", outcome.reason, outcome)
        return Publication(entry.failed(Failure(provenance.now(), outcome.reason, one.key)), {})

    def _publish(self, new: Sequence[Publication], gone: Sequence[str] = ()) -> None:
        """Publishes; where that fails (a full disk), the rendered runs among the new ones have failed."""
        try:
            self.site.publish(new, gone, provenance.stamp(self.inputs))
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

    def _report(self, one: Run, state: Any, reason: str = "", outcome: Outcome | None = None) -> None:
        """Notes the row of a run."""
        seconds, cells = (outcome.seconds, outcome.cell_seconds) if outcome else (0.0, 0.0)
        parameters = one.edition.parameters
        self._tell(
            one.name,
            Row(one.edition.key, one.stem, state, round(seconds, 3), reason, parameters, round(cells, 3)),
        )

    def _tell(self, name: str, row: Row) -> None:
        """Notes a row and tells the watcher."""
        self.rows[name] = row
        if self.watch:
            self.watch(row, len(self.rows), self.total)
