"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All pages of an edition that came out well are published together, soon after its last run is done. A run that
fails is one row of the recap: its last good page stays, marked stale in the index, and the notebook as far as
it came is kept outside the published tree. Nothing is started for bad input. When the process is interrupted
(`lock.interruptible`), every process that was started ends and the lock is free.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from analysis import project
from analysis.editions import Edition
from analysis.refresh import index
from analysis.refresh.lock import refresh_lock
from analysis.refresh.plan import Inputs, Run, State, plan, read_inputs, standings
from analysis.refresh.pool import Options, Outcome, Task, Workers, local_workers, outcome_of
from analysis.refresh.publish import Entry, Manifest, Site, record
from analysis.refresh.recap import GONE, Recap, Row

PATIENCE = 10
"""How many times as long as the last publication took, the next one is put off."""
Watcher = Callable[[Row, int, int], None]
"""Told of each row as it is known, with how many are done and how many there are."""


def refresh(
    editions: Mapping[Edition, Mapping[str, Any]],
    notebooks: Sequence[Path],
    *,
    known: Iterable[Edition] = (),
    options: Options | None = None,
    watch: Watcher | None = None,
    workers: AbstractContextManager[Workers] | None = None,
    inputs: Inputs | None = None,
) -> Recap:
    """The recap of a refresh of these editions, checked before, and of all their notebooks in page order.

    With each edition comes what the index says of it (`index.describe`); `known` are further editions that
    have pages, to link to. `workers`, by default this machine's, are entered when there are runs. `watch` is
    told of each row as it is known.

    Raises:
        InputError: The reports cannot be written, or another refresh is at work; nothing was started.
    """
    began, preload = time.monotonic(), 0.0
    reports, options = project.reports_folder(), options or Options()
    state = reports.parent / ".refresh"
    with refresh_lock(state, options.wait):
        # hashed again under the lock: they may have changed while another refresh held it
        inputs = read_inputs(*inputs.folders) if inputs else read_inputs(project.data_folder())
        site = Site(reports, partial(index.compose, inputs.folders[0]))
        runs, entries = plan(editions, notebooks, inputs, known), site.manifest.entries
        gone = sorted(entries.keys() - {run.entry.name for run in runs}) if options.prune else []
        job = _Refresh(site, state / "failed", options, watch, inputs, len(runs) + len(gone))
        stale = []
        for run, stand, why in standings(runs, entries, reports):
            if stand == "fresh" and not options.force:
                job.tell(Row.of(entries[run.entry.name], "fresh"))
            else:
                stale.append((run, why or "forced"))
        for name in gone:
            job.tell(Row.of(entries[name], "removed", GONE))
        if gone or site.damaged:
            job.publish([], gone)
        if stale:
            with workers or local_workers(options.jobs, options.kernels) as staff:
                job.render(stale, staff)
                preload = staff.preload_seconds()
    rows = tuple(job.rows[name] for name in [run.entry.name for run in runs] + gone)
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
    options: Options
    watch: Watcher | None
    inputs: Inputs
    total: int
    rows: dict[str, Row] = field(default_factory=dict)

    def render(self, stale: Sequence[tuple[Run, str]], workers: Workers) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        In an edition, those come first that last took longest, so that jobs end together. The manifest and
        the index are written whole, so that the larger the site, the rarer it is done.
        """
        waiting = Counter(run.entry.edition for run, _ in stale)
        place = {edition: number for number, edition in enumerate(waiting)}
        order = sorted(stale, key=lambda one: (place[one[0].entry.edition], -self._entry(one[0]).seconds))
        futures = {self._submit(run, workers): (run, why) for run, why in order}
        gathered: dict[str, list[tuple[Run, Outcome]]] = defaultdict(list)
        ready: list[tuple[Run, Outcome]] = []
        next_time = 0.0
        for future in as_completed(futures):
            run, why = futures.pop(future)
            outcome = outcome_of(future)
            state: State = "failed" if outcome.reason else "rendered"
            took = round(outcome.seconds, 3), round(outcome.cell_seconds, 3)
            self.tell(Row.of(self._entry(run), state, outcome.reason or why, *took))
            gathered[run.entry.edition].append((run, outcome))
            if len(gathered[run.entry.edition]) == waiting[run.entry.edition]:
                ready += gathered.pop(run.entry.edition)
                began = time.monotonic()
                if began >= next_time:
                    self.publish(ready)
                    ready, next_time = [], time.monotonic() + PATIENCE * (time.monotonic() - began)
        if ready:
            self.publish(ready)

    def publish(self, done: Sequence[tuple[Run, Outcome]], gone: Iterable[str] = ()) -> None:
        """Publishes what came of runs, be it only that they failed.

        A run whose inputs have changed, that writes a file of another's, or that the disk has no room for,
        has failed after all.
        """
        names = {run.entry.name for run, _ in done}
        others = [entry for name, entry in self.site.manifest.entries.items() if name not in names]
        owners = {path: entry.notebook for entry in others for path in entry.files}
        current = self.inputs
        if done:
            current = replace(current, common=dict.fromkeys(current.common, ""), cities={})
            with suppress(OSError):  # a file that goes while it is read has changed
                current = read_inputs(*self.inputs.folders)
        new: list[Entry] = []
        files: dict[str, bytes] = {}
        for run, outcome in sorted(done, key=lambda one: not one[1].reason):
            reason = outcome.reason or _refusal(run, outcome, current, owners)
            if reason:
                new.append(self._failed(run, outcome, reason))
                owners |= dict.fromkeys(new[-1].files, run.entry.notebook)  # its last good page stays
                continue
            files |= outcome.files
            owners |= dict.fromkeys(outcome.files, run.entry.notebook)
            records = {path: record(body) for path, body in outcome.files.items()}
            entry = replace(run.entry, published=now(), page=outcome.page, files=records)
            new.append(replace(entry, seconds=round(outcome.seconds, 3)))
        about = current.libraries, current.data_version, current.common["data"]
        stamp = Manifest({}, now(), revision(project.root()), *about)
        try:
            self.site.publish(new, files, gone, stamp)
        except OSError as error:
            for entry in new:
                self._fail(entry.name, f"it could not be published: {error.strerror}")
            return
        for entry in new:
            self.rows[entry.name] = replace(self.rows[entry.name], published=entry.published)
            if entry.failure is None:
                self._kept(entry).unlink(missing_ok=True)
                with suppress(OSError):  # other notebooks lie there
                    self._kept(entry).parent.rmdir()

    def tell(self, row: Row) -> None:
        """Notes a row and tells the watcher."""
        self.rows[row.name] = row
        if self.watch:
            self.watch(row, len(self.rows), self.total)

    def _submit(self, run: Run, workers: Workers) -> Future[Outcome]:
        """What will come of a run; of one that cannot be run its problem, without a process."""
        if run.source.problem:
            return workers.executor.submit(Outcome, run.source.problem)
        path, about = str(run.source.path), (run.entry.edition, run.entry.parameters)
        task = Task(path, *about, run.context, self.options.limits)
        return workers.executor.submit(workers.render, task)

    def _entry(self, run: Run) -> Entry:
        """What is published of a run, be it nothing."""
        return self.site.manifest.entries.get(run.entry.name) or run.entry

    def _failed(self, run: Run, outcome: Outcome, reason: str) -> Entry:
        """The entry of a failed run; its notebook is kept outside the published tree."""
        self._fail(run.entry.name, reason)
        entry = self._entry(run)
        for path, body in outcome.files.items():
            if path.endswith(".ipynb"):
                self._kept(entry).parent.mkdir(parents=True, exist_ok=True)
                self._kept(entry).write_bytes(body)
        return replace(entry, failure={"when": now(), "reason": reason, "key": run.entry.key})

    def _fail(self, name: str, reason: str) -> None:
        """Tells that a run that was rendered has failed after all."""
        if self.rows[name].state == "rendered":
            self.tell(replace(self.rows[name], state="failed", reason=reason))

    def _kept(self, entry: Entry) -> Path:
        """Where the notebook of a failed run lies."""
        return self.failed_folder / entry.edition / f"{entry.notebook}.ipynb"


def _refusal(run: Run, outcome: Outcome, current: Inputs, owners: Mapping[str, str]) -> str:
    """Why a run that came out well cannot be published; "" where it can."""
    found = current.parts(run.city)
    changed = sorted(part for part, key in found.items() if key != run.entry.parts[part])
    if changed:
        return f"changed during the run: {', '.join(changed)}; refresh again"
    taken = sorted(outcome.files.keys() & owners.keys())
    return f"{taken[0]} is also written by {owners[taken[0]]}; rename one" if taken else ""
