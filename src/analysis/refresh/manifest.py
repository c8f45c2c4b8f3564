"""What is published: one entry a run, with the key it was made from and the hashes of its files.

The manifest is the only thing the index is built from and the only thing a plan is compared with. It refuses
nothing: an unreadable manifest is replaced by its backup, or by an empty one, and what it no longer knows is
rendered again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.refresh.keys import digest

FORMAT, NAME, BACKUP = 1, "manifest.json", "manifest.backup.json"


@dataclass(frozen=True)
class PublishedFile:
    """The record of one file under reports/: hash and length of its bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> PublishedFile:
        """The record of a file with this content."""
        return cls(digest(content), len(content))


@dataclass(frozen=True)
class Failure:
    """Why the newest attempt at a run was not published: when (ISO 8601, UTC), a line, the run's key."""

    when: str
    reason: str
    key: str


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

    @cached_property
    def text(self) -> str:
        """The entry as one line of JSON; made once, however often the manifest around it is written."""
        state = "fresh" if self.failure is None else "stale" if self.files else "failed"
        return json.dumps({**asdict(self), "state": state}, ensure_ascii=False)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Entry:
        """The entry written as `text`; raises KeyError or TypeError where a field is missing or unknown."""
        fields = {name: value for name, value in raw.items() if name != "state"}
        fields["files"] = {path: PublishedFile(**record) for path, record in raw["files"].items()}
        fields["failure"] = Failure(**raw["failure"]) if raw["failure"] else None
        return cls(**fields)


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
        return {path: one for entry in self.entries.values() for path, one in entry.files.items()} | dict(
            self.downloads
        )

    def dump(self) -> bytes:
        """The manifest as the bytes of its file: JSON with an entry a line."""
        about = {name: value for name, value in vars(self).items() if name not in ("entries", "downloads")}
        about |= {"format": FORMAT, "downloads": {path: asdict(one) for path, one in self.downloads.items()}}
        head = json.dumps(about, ensure_ascii=False, indent=1).removesuffix("\n}")
        entries = ",\n".join(entry.text for entry in self.entries.values())
        return f'{head},\n "entries": [\n{entries}\n]\n}}\n'.encode()


def parse(content: bytes) -> Manifest | None:
    """The manifest in these bytes, or None where they are not one."""
    try:
        raw = json.loads(content)
        if raw.pop("format") != FORMAT:
            return None
        entries = [Entry.from_json(one) for one in raw.pop("entries")]
        raw["downloads"] = {path: PublishedFile(**one) for path, one in raw.get("downloads", {}).items()}
        return Manifest(**raw).with_entries(entries)
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
