"""A refresh from plan to recap: runs what is stale, publishes what came out well, says what did not.

All good pages of an edition are published together, soon after its last run is done. A run that fails is one
row of the recap: its last good page stays, marked stale in the index, and the notebook as far as it came is
kept in the state folder. Refused are bad data and a second refresh at a time.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from filelock import FileLock, Timeout

from analysis import project
from analysis.editions import Edition
from analysis.errors import FazhiError, InputError
from analysis.refresh import index
from analysis.refresh.plan import GONE, Inputs, Listed, Run, hash_json, plan, read_inputs, standings
from analysis.refresh.pool import Options, Outcome, Submit, Task
from analysis.refresh.publish import Entry, Manifest, Recap, Row, Site, State, digest, record

PATIENCE = 10  # how many times as long as the last publication took, the next one is put off
SIGNALS = (signal.SIGINT, signal.SIGTERM)
Watcher = Callable[[Row, int, int], None]  # told of each row as it is known, how many are done, of how many


def refresh(
    editions: Listed,
    notebooks: Sequence[Path],
    submit: Submit,
    *,
    known: Iterable[Edition] = (),
    options: Options | None = None,
    watch: Watcher | None = None,
) -> Recap:
    """The recap of a refresh of these editions, with what the index says of each, and of all their notebooks.

    `known` are further editions that have pages, to link to.

    Raises:
        InputError: The reports cannot be written, or another refresh is at work; nothing was started.
    """
    began, options = time.monotonic(), options or Options()
    with refresh_lock(options.wait):
        inputs = read_inputs(project.data_folder())  # they may have changed while another held the lock
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
    seconds = round(time.monotonic() - began, 3)
    return Recap(rows, seconds, (site.note,) if site.note else (), round(job.preload_seconds, 3))


def _state() -> Path:
    return project.reports_folder().parent / ".refresh"


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
    """One refresh while it goes on; `total` is how many rows there will be."""

    site: Site
    options: Options
    watch: Watcher | None
    inputs: Inputs
    total: int
    rows: dict[str, Row] = field(default_factory=dict)
    preload_seconds: float = 0.0

    def render(self, stale: Sequence[tuple[Run, str]], submit: Submit) -> None:
        """Does the stale runs and publishes editions whose last run is done, all that wait at a time.

        What last took longest comes first in its edition, so that jobs end together; the larger the site, the
        rarer is it published, since manifest and index are written whole.
        """
        waiting = Counter(run.entry.edition for run, _ in stale)
        place = {edition: number for number, edition in enumerate(waiting)}
        order = sorted(stale, key=lambda one: (place[one[0].entry.edition], -self._entry(one[0]).seconds))
        futures = {self._submit(run, submit): (run, why) for run, why in order}
        done: list[tuple[Run, Outcome]] = []
        next_time = 0.0
        for future in as_completed(futures):
            run, why = futures.pop(future)
            lost = future.exception()
            outcome = Outcome(f"the run was lost: {type(lost).__name__}: {lost}") if lost else future.result()
            self.preload_seconds = max(self.preload_seconds, outcome.preload_seconds)
            stand: State = "failed" if outcome.reason else "rendered"
            took = outcome.seconds, outcome.cell_seconds
            self.tell(Row.of(self._entry(run), stand, outcome.reason or why, *took))
            done.append((run, outcome))
            waiting[run.entry.edition] -= 1
            began = time.monotonic()
            if not futures or (began >= next_time and not waiting[run.entry.edition]):
                self.publish([one for one in done if not waiting[one[0].entry.edition]])
                done = [one for one in done if waiting[one[0].entry.edition]]
                next_time = time.monotonic() + PATIENCE * (time.monotonic() - began)

    def publish(self, done: Sequence[tuple[Run, Outcome]], gone: Iterable[str] = ()) -> None:
        """Publishes what came of runs, be it only that they failed, or fail now (`_refusal`, a full disk)."""
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
                self._fail(run.entry.name, reason)
                failure = {"when": now(), "reason": reason, "key": run.entry.key}
                entry = replace(self._entry(run), failure=failure)  # its last good page stays
            else:
                files |= outcome.files
                records = {path: record(body) for path, body in outcome.files.items()}
                entry = replace(run.entry, published=now(), page=outcome.page, files=records)
                entry = replace(entry, seconds=outcome.seconds)
            owners |= dict.fromkeys(entry.files, entry.notebook)
            new.append(entry)
            _keep(entry, outcome)
        about = current.libraries, current.data_version, current.common["data"]
        try:
            self.site.publish(new, files, gone, Manifest({}, now(), revision(project.root()), *about))
        except OSError as error:
            for entry in new:
                self._fail(entry.name, f"it could not be published: {error.strerror}")
            return
        for entry in new:
            self.rows[entry.name] = replace(self.rows[entry.name], published=entry.published)

    def tell(self, row: Row) -> None:
        self.rows[row.name] = row
        if self.watch:
            self.watch(row, len(self.rows), self.total)

    def _submit(self, run: Run, submit: Submit) -> Future[Outcome]:
        if not run.source.problem:
            return submit(Task(str(run.source.path), run.entry.parameters, run.context, self.options))
        known: Future[Outcome] = Future()  # of a run that cannot be run its problem, without a process
        known.set_result(Outcome(run.source.problem))
        return known

    def _entry(self, run: Run) -> Entry:
        return self.site.manifest.entries.get(run.entry.name, run.entry)

    def _fail(self, name: str, reason: str) -> None:
        if self.rows[name].state == "rendered":
            self.tell(replace(self.rows[name], state="failed", reason=reason))


def _keep(entry: Entry, outcome: Outcome) -> None:
    """Keeps the notebook of a failed run outside the published tree, and no other."""
    kept = _state() / "failed" / entry.edition / f"{entry.notebook}.ipynb"
    kept.unlink(missing_ok=True)
    for path, body in outcome.files.items():
        if entry.failure and path.endswith(".ipynb"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(body)
    with suppress(OSError):  # notebooks lie there, or there is none
        kept.parent.rmdir()


def _refusal(run: Run, outcome: Outcome, current: Inputs, owners: Mapping[str, str]) -> str:
    found = current.parts(run.city)
    changed = sorted(part for part, key in found.items() if key != run.entry.parts[part])
    if changed:
        return f"changed during the run: {', '.join(changed)}; refresh again"
    taken = sorted(outcome.files.keys() & owners.keys())
    return f"{taken[0]} is also written by {owners[taken[0]]}; rename one" if taken else ""


@contextmanager
def refresh_lock(wait: float) -> Iterator[None]:
    """Holds the lock of a refresh, after waiting some seconds for it; raises InputError if it cannot."""
    holder, lock = _state() / "holder", FileLock(_state() / "lock", timeout=wait)
    try:
        _state().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        who = "another process"
        with suppress(OSError):
            who = holder.read_text() or who
        rule, fix = "Only one refresh may run at a time", "wait for it to end, or give --wait SECONDS."
        raise InputError(rule, f"{who} is refreshing", fix) from None
    except OSError as error:
        rule, given = "The folder of the reports must be writable", f"{_state()}: {error.strerror}"
        raise InputError(rule, given, "free it or mount it writable.") from None
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def interruptible() -> Iterator[None]:
    """Ends the block by an error on SIGINT and SIGTERM; what was published before stands."""

    def interrupt(number: int, _: FrameType | None) -> NoReturn:
        for one in SIGNALS:  # a second one must not cut the clean-up short
            signal.signal(one, signal.SIG_IGN)
        error = FazhiError(f"The refresh was ended by {signal.Signals(number).name}")
        error.exit_code = 128 + number
        raise error

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listed_editions(inputs: Inputs, checking: bool = True) -> Listed:
    """The editions of editions.toml, once the data have passed their checks, which `checking` asks for.

    Raises:
        DataError, InputError: A row of data/ or an entry of editions.toml breaks a rule.
    """
    if (known := remembered(inputs)) is not None:
        return known
    from analysis import check, editions, panel

    if checking:
        check.require(project.data_folder())
    loaded = panel.load()
    listed = {one: index.describe(one, loaded) for one in editions.load(project.editions_file(), loaded)}
    if checking:
        note = {"rests_on": _rests_on(inputs), "editions": [[asdict(one), listed[one]] for one in listed]}
        with suppress(OSError):  # a folder that cannot be written is left for the refresh to refuse
            _state().mkdir(parents=True, exist_ok=True)
            (_state() / "checked.json").write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    return listed


def remembered(inputs: Inputs) -> Listed | None:
    """The listed editions as they were noted, or None where anything they rest on is different now."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads((_state() / "checked.json").read_bytes())
        if note["rests_on"] == _rests_on(inputs):
            return {Edition(**one): about for one, about in note["editions"]}
    return None


def _rests_on(inputs: Inputs) -> str:
    return hash_json([dict(inputs.common), digest(project.editions_file().read_bytes())])
