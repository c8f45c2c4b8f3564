"""The swap: from a staging folder into the site, so that a reader never meets half of anything.

A publication is prepared in reports/.staging (same file system): every file, the new manifest and the new
index. One `os.replace` of its journal commits it; then each file is moved into place with `os.replace`,
the pages and the manifest last, and only then is removed what is gone. Ended at any moment, the site is
the old one with whole files or, past the commit, the new one half moved in, which the next refresh
finishes from the journal. It publishes what it is given; whether that is fit to be seen is decided before.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import InputError
from analysis.refresh import manifest as manifests
from analysis.refresh.manifest import Entry, Manifest, PublishedFile

INDEX = "index.html"
STAGING = ".staging"
JOURNAL = "journal.json"


@dataclass(frozen=True)
class Publication:
    """One new entry with the files it brings (path in reports/ -> bytes); a failed attempt brings none."""

    entry: Entry
    files: Mapping[str, bytes]


Read = Callable[[str], "bytes | None"]
"""The bytes of a published path as they will be, None where there is no such file."""


@dataclass(frozen=True)
class Composer:
    """Makes the index of a site and its downloads, None for one that stays as it is."""

    index: Callable[[Manifest, Read], str]
    downloads: Callable[[Manifest, Manifest, Read], Mapping[str, bytes | None]]


def _sync(path: Path) -> None:
    """Has a file or folder written to the disk, so that a power cut after a commit cannot undo it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class Site:
    """The published tree, its manifest, and how both change."""

    def __init__(self, reports: Path, state: Path, composer: Composer) -> None:
        """Opens a site: finishes what an interrupted refresh had committed, drops what it had not.

        The manifest's backup is kept in `state`. Afterwards `damaged` says whether manifest, index or a
        download must be written again, whatever else there is to do.

        Raises:
            InputError: The tree cannot be written.
        """
        self.reports, self.backup, self.staging = reports, state / manifests.BACKUP, reports / STAGING
        self.composer = composer
        try:
            reports.mkdir(parents=True, exist_ok=True)
            self._recover()
            self.staging.mkdir()
            self.staging.rmdir()
        except OSError as error:
            rule, given = "The folder of the reports must be writable", f"{reports}: {error.strerror}"
            raise InputError(rule, given, "free it or mount it writable.") from None
        found, self.note = manifests.load(reports, self.backup)
        there = {path: one for path, one in found.downloads.items() if (reports / path).is_file()}
        self.manifest = replace(found, downloads=there)
        lost = len(there) < len(found.downloads) or not (reports / INDEX).is_file()
        self.damaged = bool(self.note) or (bool(found.entries) and lost)

    def publish(self, new: Collection[Publication], gone: Iterable[str], stamp: Manifest) -> None:
        """Puts new entries with their files into the site and takes others, by name, out of it.

        The manifest will carry the time, revision, libraries and data of `stamp`.

        Raises:
            OSError: It could not be prepared (a full disk, say); the site is as it was.
        """
        entries = self.manifest.with_entries([one.entry for one in new], gone).entries
        after = replace(stamp, entries=entries, downloads={})
        files = {path: body for one in new for path, body in one.files.items()}

        def read(path: str) -> bytes | None:
            with contextlib.suppress(OSError):
                return files.get(path) or (self.reports / path).read_bytes()
            return None

        made = self.composer.downloads(after, self.manifest, read)
        old = self.manifest.downloads
        records = {path: old[path] if body is None else PublishedFile.of(body) for path, body in made.items()}
        after = replace(after, downloads=dict(sorted(records.items())))
        files.update({path: body for path, body in made.items() if body is not None})
        removed = sorted(self.manifest.records().keys() - after.records().keys())
        try:
            self._stage(files, after, removed, self.composer.index(after, read))
        except OSError:
            shutil.rmtree(self.staging, ignore_errors=True)
            raise
        self._roll_forward()
        self.manifest = after
        with contextlib.suppress(OSError):
            shutil.copyfile(self.reports / manifests.NAME, self.backup)

    def _stage(self, files: Mapping[str, bytes], after: Manifest, removed: list[str], index: str) -> None:
        """Prepares a publication and commits it."""
        texts = {manifests.NAME: after.dump(), INDEX: index.encode()}
        order = [*sorted(files, key=lambda path: (path.endswith(".html"), path)), *texts]
        for path, body in {**files, **texts}.items():
            target = self.staging / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            _sync(target)
            (self.reports / path).parent.mkdir(parents=True, exist_ok=True)
        draft = self.staging / f"{JOURNAL}.draft"
        draft.write_text(json.dumps({"move": order, "remove": removed}))
        _sync(draft)
        draft.replace(self.staging / JOURNAL)
        _sync(self.staging)

    def _roll_forward(self) -> None:
        """Does what the journal says, from wherever it was left, and closes it."""
        journal = json.loads((self.staging / JOURNAL).read_bytes())
        for path in journal["move"]:
            staged = self.staging / "files" / path
            if staged.exists():
                staged.replace(self.reports / path)
        for path in journal["remove"]:
            (self.reports / path).unlink(missing_ok=True)
        self._drop_empty({Path(path).parts[0] for path in journal["remove"]})
        (self.staging / JOURNAL).unlink()
        shutil.rmtree(self.staging, ignore_errors=True)

    def _drop_empty(self, folders: Iterable[str]) -> None:
        """Removes folders that hold no file any more, from the deepest up."""
        for folder in folders:
            below = [path for path in (self.reports / folder).rglob("*") if path.is_dir()]
            for path in (*sorted(below, reverse=True), self.reports / folder):
                with contextlib.suppress(OSError):
                    path.rmdir()

    def _recover(self) -> None:
        """Finishes a committed publication and drops an uncommitted one."""
        if (self.staging / JOURNAL).is_file():
            self._roll_forward()
        shutil.rmtree(self.staging, ignore_errors=True)


def composer(data: Path) -> Composer:
    """What makes index and downloads; its libraries are only imported when something is published."""

    def render(manifest: Manifest, read: Read) -> str:
        from analysis.refresh import index

        return index.render(manifest, read)

    def downloads(manifest: Manifest, before: Manifest, read: Read) -> Mapping[str, bytes | None]:
        from analysis.refresh import index

        return index.downloads(manifest, before, read, data)

    return Composer(render, downloads)
