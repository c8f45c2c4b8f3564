"""What is published, what a refresh says of it, and the swap: a reader never meets half of anything.

Files are staged in reports/.staging (same file system); one `os.replace` of the new manifest to its journal
commits them; each is then moved into place, pages, index and manifest last. Ended at any moment, the site is
the old one or, past the commit, one that the next refresh finishes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from analysis.errors import InputError

MANIFEST, BACKUP = "manifest.json", ".refresh/manifest.backup.json"
State = Literal["fresh", "stale", "failed", "rendered", "removed", "orphan"]
INDEX, STAGING, JOURNAL = "index.html", ".staging", "journal.json"
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)  # what `parse` raises


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def record(content: bytes) -> dict[str, Any]:
    """The record of a published file with this content: hash and length."""
    return {"sha256": digest(content), "size": len(content)}


@dataclass(frozen=True)
class Entry:
    """One run as published, and how its newest attempt failed."""

    edition: str
    notebook: str
    parameters: Mapping[str, Any]
    key: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    published: str = ""  # ISO 8601, UTC
    seconds: float = 0.0
    page: Mapping[str, Any] = field(default_factory=dict)  # what the notebook said of it
    about: Mapping[str, Any] = field(default_factory=dict)  # what the index says of the edition
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # path below reports/ -> record
    failure: Mapping[str, str] | None = None  # when, reason, key

    @property
    def name(self) -> str:
        """Edition and notebook, unique in a manifest."""
        return f"{self.edition}/{self.notebook}"


@dataclass(frozen=True)
class Row:
    """One run: its state and why, the seconds it took (cells alone, too), when its page was published."""

    edition: str
    notebook: str
    state: State
    reason: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    published: str = ""
    seconds: float = 0.0
    cell_seconds: float = 0.0

    @property
    def name(self) -> str:
        """Edition and notebook."""
        return f"{self.edition}/{self.notebook}"

    @classmethod
    def of(cls, entry: Entry, state: State, reason: str = "", *took: float) -> Row:
        """The row of a manifest's entry."""
        return cls(entry.edition, entry.notebook, state, reason, entry.parameters, entry.published, *took)


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
        return int("failed" in self.counts)

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of rows."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def retries(self) -> list[str]:
        """The commands that try again what failed, each once."""
        failed = [row.parameters.items() for row in self.rows if row.state == "failed"]
        commands = (["fazhi refresh", *(f"--{name} {value}" for name, value in one)] for one in failed)
        return list(dict.fromkeys(map(" ".join, commands)))

    def to_json(self) -> str:
        """The recap as one JSON document."""
        derived = {"exit_code": self.exit_code, "counts": self.counts, "retries": self.retries}
        return json.dumps(derived | asdict(self), ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Manifest:
    """Every entry of a site by name, and when and from what it was refreshed."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    refreshed: str = ""
    revision: str = ""  # git's
    libraries: Mapping[str, str] = field(default_factory=dict)
    data_version: str = ""
    data: str = ""  # the hash of what the downloads hold
    downloads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # path -> record
    format: int = 1

    def with_entries(self, new: Iterable[Entry], gone: Iterable[str] = ()) -> Manifest:
        """The manifest with entries added or replaced, and others (by name) taken out; sorted by name."""
        merged = {**self.entries, **{entry.name: entry for entry in new}}
        return replace(self, entries={name: merged[name] for name in sorted(merged.keys() - set(gone))})

    def records(self) -> dict[str, Mapping[str, Any]]:
        """Every published path, relative to reports/ -> its record."""
        found = {path: one for entry in self.entries.values() for path, one in entry.files.items()}
        return found | dict(self.downloads)

    def dump(self) -> bytes:
        """The manifest as the bytes of its file: JSON with an entry a line."""
        head = json.dumps({**vars(self), "entries": []}, ensure_ascii=False)
        entries = ",\n".join(json.dumps(vars(one), ensure_ascii=False) for one in self.entries.values())
        return head.replace('"entries": []', f'"entries": [\n{entries}\n]', 1).encode()


def parse(content: bytes) -> Manifest:
    """The manifest in these bytes; raises ValueError, KeyError, TypeError or AttributeError for others."""
    raw = json.loads(content)
    entries = [Entry(**one) for one in raw.pop("entries")]
    made = Manifest(**raw).with_entries(entries)
    for one in made.records().values():
        itemgetter("sha256", "size")(one)
    for told in (one.failure for one in entries if one.failure is not None):
        itemgetter("when", "reason", "key")(told)
    return made


def load(reports: Path) -> tuple[Manifest, str]:
    """The manifest of a site and a note: empty, or what was wrong with it and what stands in for it."""
    if not (reports / MANIFEST).is_file():
        return Manifest(), ""
    spare = "manifest.json was unreadable; its backup was used"
    for path, note in ((reports / MANIFEST, ""), (reports.parent / BACKUP, spare)):
        with suppress(OSError, *UNREADABLE):
            return parse(path.read_bytes()), note
    return Manifest(), "manifest.json was unreadable and had no backup; every page is rendered again"


Read = Callable[[str], bytes | None]  # the bytes of a published path as they will be
Compose = Callable[[Manifest, Manifest, Read], tuple[Manifest, Mapping[str, bytes]]]
"""Completes a manifest, with the one before beside it: its downloads, their new files and the index."""


class Site:
    """The published tree, its manifest, and how both change."""

    def __init__(self, reports: Path, compose: Compose) -> None:
        """Finishes what an interrupted refresh had committed, drops what it had not; InputError if it cannot.

        `damaged` says whether manifest, index or a download must be written again.
        """
        self.reports, self.staging, self.compose = reports, reports / STAGING, compose
        try:
            reports.mkdir(parents=True, exist_ok=True)
            with suppress(*UNREADABLE):  # another release's: pages that differ are stale
                if (self.staging / JOURNAL).is_file():
                    self._roll_forward()
            shutil.rmtree(self.staging, ignore_errors=True)
            self.staging.mkdir()
            self.staging.rmdir()
        except OSError as error:
            rule, given = "The folder of the reports must be writable", f"{reports}: {error.strerror}"
            raise InputError(rule, given, "free it or mount it writable.") from None
        found, self.note = load(reports)
        there = {path: one for path, one in found.downloads.items() if (reports / path).is_file()}
        self.manifest = replace(found, downloads=there)
        lost = len(there) < len(found.downloads) or not (reports / INDEX).is_file()
        self.damaged = bool(self.note) or (bool(found.entries) and lost)

    def publish(
        self, new: Iterable[Entry], files: Mapping[str, bytes], gone: Iterable[str], stamp: Manifest
    ) -> None:
        """Puts new entries with their files into the site, takes others out, and takes all else from `stamp`.

        Raises:
            OSError: It could not be prepared (a full disk, say); the site is as it was.
        """
        before = self.manifest

        def read(path: str) -> bytes | None:
            with suppress(OSError):
                return files.get(path) or (self.reports / path).read_bytes()
            return None

        planned = replace(stamp, entries=before.with_entries(new, gone).entries)
        after, made = self.compose(planned, before, read)
        draft = self.staging / f"{JOURNAL}.draft"
        try:
            for path, body in {**files, **made}.items():
                target = self.staging / "files" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(body)
                _sync(target)
                (self.reports / path).parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(after.dump())
            _sync(draft)
            draft.replace(self.staging / JOURNAL)
            _sync(self.staging)
        except OSError:
            shutil.rmtree(self.staging, ignore_errors=True)
            raise
        self._roll_forward()
        self.manifest = after
        with suppress(OSError):
            shutil.copyfile(self.reports / MANIFEST, self.reports.parent / BACKUP)

    def _roll_forward(self) -> None:
        """Moves what is staged into place and removes what is gone, from wherever it was left."""
        journal, staged = self.staging / JOURNAL, self.staging / "files"
        before, after = load(self.reports)[0].records(), parse(journal.read_bytes()).records()
        paths = [path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()]
        for path in sorted(paths, key=lambda path: (path == INDEX, path.endswith(".html"), path)):
            (staged / path).replace(self.reports / path)
        for path in before.keys() - after.keys():
            (self.reports / path).unlink(missing_ok=True)
            for folder in list((self.reports / path).parents)[: path.count("/")]:
                with suppress(OSError):  # it still holds a file, or went before an interruption
                    folder.rmdir()
        journal.replace(self.reports / MANIFEST)
        shutil.rmtree(self.staging, ignore_errors=True)


def _sync(path: Path) -> None:
    """Has a file or folder written to the disk, so that a power cut after a commit cannot undo it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
