"""What is published: one entry a run, with the key it was made from and the hashes of its files.

The manifest is the only thing the index is built from and the only thing a plan is compared with. It refuses
nothing: an unreadable manifest is replaced by its backup, or by an empty one, and what it no longer knows is
rendered again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict

from analysis.refresh.keys import digest

FORMAT, NAME, BACKUP = 1, "manifest.json", "manifest.backup.json"


class PublishedFile(TypedDict):
    """The record of one file under reports/: hash and length of its bytes."""

    sha256: str
    size: int


class Failure(TypedDict):
    """Why the newest attempt at a run was not published: when (ISO 8601, UTC), a line, the run's key."""

    when: str
    reason: str
    key: str


def record(content: bytes) -> PublishedFile:
    """The record of a file with this content."""
    return {"sha256": digest(content), "size": len(content)}


@dataclass(frozen=True)
class Entry:
    """One run as published (`key` and `files` are empty where nothing is), and how its newest attempt failed.

    `page` is what the notebook said of its page, `about` what the index says of the edition, `published` a
    time (ISO 8601, UTC), `files` path relative to reports/ -> record.
    """

    edition: str
    notebook: str
    parameters: Mapping[str, Any]
    key: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    published: str = ""
    seconds: float = 0.0
    page: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, PublishedFile] = field(default_factory=dict)
    failure: Failure | None = None

    @property
    def name(self) -> str:
        """Edition and notebook, unique in a manifest."""
        return f"{self.edition}/{self.notebook}"


@dataclass(frozen=True)
class Manifest:
    """Every entry of a site by name, and when and from what it was refreshed.

    `data` is the hash of the data that the `downloads` (path -> record) hold; `revision` is git's.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    refreshed: str = ""
    revision: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    data_version: str = ""
    data: str = ""
    downloads: Mapping[str, PublishedFile] = field(default_factory=dict)

    def with_entries(self, new: Iterable[Entry], gone: Iterable[str] = ()) -> Manifest:
        """The manifest with entries added or replaced, and others (by name) taken out; sorted by name."""
        merged = {**self.entries, **{entry.name: entry for entry in new}}
        return replace(self, entries={name: merged[name] for name in sorted(merged.keys() - set(gone))})

    def records(self) -> dict[str, PublishedFile]:
        """Every published path, relative to reports/ -> its record."""
        found = {path: one for entry in self.entries.values() for path, one in entry.files.items()}
        return found | dict(self.downloads)

    def dump(self) -> bytes:
        """The manifest as the bytes of its file: JSON with an entry a line."""
        about = {name: value for name, value in vars(self).items() if name != "entries"}
        head = json.dumps(about | {"format": FORMAT}, ensure_ascii=False, indent=1).removesuffix("\n}")
        entries = ",\n".join(json.dumps(vars(one), ensure_ascii=False) for one in self.entries.values())
        return f'{head},\n "entries": [\n{entries}\n]\n}}\n'.encode()


def parse(content: bytes) -> Manifest | None:
    """The manifest in these bytes, or None where they are not one."""
    try:
        raw = json.loads(content)
        if raw.pop("format") != FORMAT:
            return None
        entries = raw.pop("entries")
        for one in entries:
            one.pop("state", None)  # written until November 2026
        return Manifest(**raw).with_entries(Entry(**one) for one in entries)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def load(reports: Path, backup: Path) -> tuple[Manifest, str]:
    """The manifest of a site and a note: empty, or what was wrong with it and what stands in for it."""
    path = reports / NAME
    if not path.is_file():
        return Manifest(), ""
    manifest = parse(path.read_bytes())
    if manifest is not None:
        return manifest, ""
    spare = parse(backup.read_bytes()) if backup.is_file() else None
    if spare is not None:
        return spare, "manifest.json was unreadable; its backup was used"
    return Manifest(), "manifest.json was unreadable and had no backup; every page is rendered again"
