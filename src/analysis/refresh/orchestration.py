"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All good pages of an edition are published together, soon after its last run is done. A run that fails is one
row of the recap: its last good page stays, marked stale in the index, and the notebook as far as it came is
kept in the state folder. Nothing is started for bad input.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from analysis import project
from analysis.editions import Edition
from analysis.refresh import index, state
from analysis.refresh.plan import GONE, Inputs, Run, plan, read_inputs, standings
from analysis.refresh.pool import Options, Outcome, Submit, Task
from analysis.refresh.publish import Entry, Manifest, Recap, Row, Site, State, record

PATIENCE = 10
"""How many times as long as the last publication took, the next one is put off."""
Watcher = Callable[[Row, int, int], None]
"""Told of each row as it is known, with how many are done and how many there are."""


def refresh(
    editions: Mapping[Edition, Mapping[str, Any]],
    notebooks: Sequence[Path],
    submit: Submit,
    *,
    known: Iterable[Edition] = (),
    options: Options | None = None,
    watch: Watcher | None = None,
    inputs: Inputs | None = None,
) -> Recap:
    """The recap of a refresh of these editions, with what the index says of each, and of all their notebooks.

    `known` are further editions that have pages, to link to.

    Raises:
        InputError: The reports cannot be written, or another refresh is at work; nothing was started.
    """
    began, options = time.monotonic(), options or Options()
    with state.refresh_lock(options.wait):
        # hashed again under the lock: they may have changed while another refresh held it
        inputs = read_inputs(*inputs.folders) if inputs else read_inputs(project.data_folder())
        site = Site(project.reports_folder(), partial(index.compose, inputs.folders[0]))
        runs, entries = plan(editions, notebooks, inputs, known), site.manifest.entries
        gone = sorted(entries.keys() - {run.entry.name for run in runs}) if options.prune else []
        job = _Refresh(site, options, watch, inputs, len(runs) + len(gone))
        stale = []
        for run, stand, why in standings(runs, entries, site.reports):
            if stand == "fresh" and not options.force:
                job.tell(Row.of(entries[run.entry.name], "fresh"))
            else:
                stale.append((run, why or "forced"))
        for name in gone:
            job.tell(Row.of(entries[name], "removed", GONE))
        if gone or site.damaged:
            job.publish([], gone)
        job.render(stale, submit)
    rows = tuple(job.rows[name] for name in [run.entry.name for run in runs] + gone)
    notes = (site.note,) if site.note else ()
    return Recap(rows, round(time.monotonic() - began, 3), notes, round(job.preload_seconds, 3))


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
    options: Options
    watch: Watcher | None
    inputs: Inputs
    total: int
    rows: dict[str, Row] = field(default_factory=dict)
    preload_seconds: float = 0.0

    def render(self, stale: Sequence[tuple[Run, str]], submit: Submit) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        In an edition, those come first that last took longest, so that jobs end together. The manifest and
        the index are written whole, so that the larger the site, the rarer it is done.
        """
        waiting = Counter(run.entry.edition for run, _ in stale)
        place = {edition: number for number, edition in enumerate(waiting)}
        order = sorted(stale, key=lambda one: (place[one[0].entry.edition], -self._entry(one[0]).seconds))
        futures = {self._submit(run, submit): (run, why) for run, why in order}
        gathered: dict[str, list[tuple[Run, Outcome]]] = defaultdict(list)
        ready: list[tuple[Run, Outcome]] = []
        next_time = 0.0
        for future in as_completed(futures):
            run, why = futures.pop(future)
            lost = future.exception()
            outcome = Outcome(f"the run was lost: {type(lost).__name__}: {lost}") if lost else future.result()
            self.preload_seconds = max(self.preload_seconds, outcome.preload_seconds)
            stand: State = "failed" if outcome.reason else "rendered"
            took = round(outcome.seconds, 3), round(outcome.cell_seconds, 3)
            self.tell(Row.of(self._entry(run), stand, outcome.reason or why, *took))
            edition = run.entry.edition
            gathered[edition].append((run, outcome))
            if len(gathered[edition]) == waiting[edition]:
                ready += gathered.pop(edition)
                if (began := time.monotonic()) >= next_time:
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
        try:
            current = read_inputs(*self.inputs.folders)
        except OSError:  # a file that goes while it is read has changed
            current = replace(self.inputs, common=dict.fromkeys(self.inputs.common, ""), cities={})
        new: list[Entry] = []
        files: dict[str, bytes] = {}
        for run, outcome in sorted(done, key=lambda one: not one[1].reason):
            if reason := outcome.reason or _refusal(run, outcome, current, owners):
                new.append(self._failed(run, outcome, reason))
                owners |= dict.fromkeys(new[-1].files, run.entry.notebook)  # its last good page stays
                continue
            files |= outcome.files
            owners |= dict.fromkeys(outcome.files, run.entry.notebook)
            records = {path: record(body) for path, body in outcome.files.items()}
            entry = replace(run.entry, published=now(), page=outcome.page, files=records)
            new.append(replace(entry, seconds=round(outcome.seconds, 3)))
        about = current.libraries, current.data_version, current.common["data"]
        try:
            self.site.publish(new, files, gone, Manifest({}, now(), revision(project.root()), *about))
        except OSError as error:
            for entry in new:
                self._fail(entry.name, f"it could not be published: {error.strerror}")
            return
        for entry in new:
            self.rows[entry.name] = replace(self.rows[entry.name], published=entry.published)
            if entry.failure is None:
                _kept(entry).unlink(missing_ok=True)
                with suppress(OSError):  # other notebooks lie there
                    _kept(entry).parent.rmdir()

    def tell(self, row: Row) -> None:
        """Notes a row and tells the watcher."""
        self.rows[row.name] = row
        if self.watch:
            self.watch(row, len(self.rows), self.total)

    def _submit(self, run: Run, submit: Submit) -> Future[Outcome]:
        """What will come of a run; of one that cannot be run its problem, without a process."""
        if not run.source.problem:
            about = str(run.source.path), run.entry.edition, run.entry.parameters, run.context
            return submit(Task(*about, self.options.limits, self.options.kernels))
        known: Future[Outcome] = Future()
        known.set_result(Outcome(run.source.problem))
        return known

    def _entry(self, run: Run) -> Entry:
        """What is published of a run, be it nothing."""
        return self.site.manifest.entries.get(run.entry.name) or run.entry

    def _failed(self, run: Run, outcome: Outcome, reason: str) -> Entry:
        """The entry of a failed run; its notebook is kept outside the published tree."""
        self._fail(run.entry.name, reason)
        entry = self._entry(run)
        for path, body in outcome.files.items():
            if path.endswith(".ipynb"):
                _kept(entry).parent.mkdir(parents=True, exist_ok=True)
                _kept(entry).write_bytes(body)
        return replace(entry, failure={"when": now(), "reason": reason, "key": run.entry.key})

    def _fail(self, name: str, reason: str) -> None:
        """Tells that a run that was rendered has failed after all."""
        if self.rows[name].state == "rendered":
            self.tell(replace(self.rows[name], state="failed", reason=reason))


def _kept(entry: Entry) -> Path:
    """Where the notebook of a failed run lies."""
    return state.folder() / "failed" / entry.edition / f"{entry.notebook}.ipynb"


def _refusal(run: Run, outcome: Outcome, current: Inputs, owners: Mapping[str, str]) -> str:
    """Why a run that came out well cannot be published; "" where it can."""
    found = current.parts(run.city)
    changed = sorted(part for part, key in found.items() if key != run.entry.parts[part])
    if changed:
        return f"changed during the run: {', '.join(changed)}; refresh again"
    taken = sorted(outcome.files.keys() & owners.keys())
    return f"{taken[0]} is also written by {owners[taken[0]]}; rename one" if taken else ""
