"""The swap: from a staging folder into the site, so that a reader never meets half of anything.

A publication is prepared in reports/.staging (same file system): every file, the new manifest and the new
index. One `os.replace` of its journal commits it; then each file is moved into place with `os.replace`,
the pages and the manifest last, and only then is removed what is gone. Ended at any moment, the site is
the old one with whole files or, past the commit, the new one half moved in, which the next refresh
finishes from the journal. It publishes what it is given; whether that is fit to be seen is decided before.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from analysis.errors import InputError
from analysis.refresh import manifest as manifests
from analysis.refresh.manifest import Entry, Manifest

INDEX = "index.html"
STAGING = ".staging"
JOURNAL = "journal.json"
Read = Callable[[str], bytes | None]
"""The bytes of a published path as they will be, None where there is no such file."""
Compose = Callable[[Manifest, Manifest, Read], tuple[Manifest, Mapping[str, bytes]]]
"""Completes a manifest, with the one before beside it: its downloads, their new files and the index."""


def _sync(path: Path) -> None:
    """Has a file or folder written to the disk, so that a power cut after a commit cannot undo it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class Site:
    """The published tree, its manifest, and how both change."""

    def __init__(self, reports: Path, state: Path, compose: Compose) -> None:
        """Opens a site: finishes what an interrupted refresh had committed, drops what it had not.

        The manifest's backup is kept in `state`. Afterwards `damaged` says whether manifest, index or a
        download must be written again, whatever else there is to do.

        Raises:
            InputError: The tree cannot be written.
        """
        self.reports, self.backup, self.staging = reports, state / manifests.BACKUP, reports / STAGING
        self.compose = compose
        try:
            reports.mkdir(parents=True, exist_ok=True)
            if (self.staging / JOURNAL).is_file():
                self._roll_forward()
            shutil.rmtree(self.staging, ignore_errors=True)
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

    def publish(
        self, new: Iterable[Entry], files: Mapping[str, bytes], gone: Iterable[str], stamp: Manifest
    ) -> None:
        """Puts new entries with their files into the site and takes others, by name, out of it.

        The manifest will carry the time, revision, libraries and data of `stamp`.

        Raises:
            OSError: It could not be prepared (a full disk, say); the site is as it was.
        """
        before = self.manifest
        after = replace(stamp, entries=before.with_entries(new, gone).entries, downloads={})

        def read(path: str) -> bytes | None:
            with suppress(OSError):
                return files.get(path) or (self.reports / path).read_bytes()
            return None

        after, made = self.compose(after, before, read)
        removed = sorted(before.records().keys() - after.records().keys())
        try:
            self._stage({**files, **made, manifests.NAME: after.dump()}, removed)
        except OSError:
            shutil.rmtree(self.staging, ignore_errors=True)
            raise
        self._roll_forward()
        self.manifest = after
        with suppress(OSError):
            shutil.copyfile(self.reports / manifests.NAME, self.backup)

    def _stage(self, files: Mapping[str, bytes], removed: list[str]) -> None:
        """Prepares a publication and commits it."""
        for path, body in files.items():
            target = self.staging / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            _sync(target)
            (self.reports / path).parent.mkdir(parents=True, exist_ok=True)
        last = (manifests.NAME, INDEX)
        order = sorted(files, key=lambda path: (path in last, path.endswith(".html"), path))
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
            with suppress(OSError):  # a folder that still holds a file stays, with those above it
                for folder in list((self.reports / path).parents)[: path.count("/")]:
                    folder.rmdir()
        (self.staging / JOURNAL).unlink()
        shutil.rmtree(self.staging, ignore_errors=True)
