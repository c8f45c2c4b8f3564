"""What is published: one entry a run, with the key it was made from and the hashes of its files.

The manifest is the only thing the index is built from and the only thing a plan is compared with. It
refuses nothing: an unreadable manifest is replaced by its backup, or by an empty one, and the pages that
it no longer knows are rendered again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.refresh.keys import digest

FORMAT = 1
NAME = "manifest.json"
BACKUP = "manifest.backup.json"


@dataclass(frozen=True)
class PublishedFile:
    """One file of a run under reports/.

    Attributes:
        sha256: Hash of its bytes.
        size: Length in bytes.
    """

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> PublishedFile:
        """The record of a file with this content."""
        return cls(digest(content), len(content))


@dataclass(frozen=True)
class Failure:
    """Why the newest attempt at a run was not published.

    Attributes:
        when: ISO 8601 time of the attempt, UTC.
        reason: One line.
        key: Run key of the attempt.
    """

    when: str
    reason: str
    key: str


@dataclass(frozen=True)
class Entry:
    """One run as published, and how its newest attempt failed if it did.

    Attributes:
        edition: Key of the edition, which is its folder under reports/.
        notebook: Stem of the notebook.
        parameters: Resolved parameters.
        key: Run key the page was made from; empty when nothing is published.
        parts: Name of each part of the key -> its hash.
        published: ISO 8601 time of publication, UTC.
        seconds: Wall time of the run and its export.
        page: What the notebook said of its page (title, lead, findings …).
        about: What the index says of the edition: names of the city and its peers, year, coverage.
        files: Path relative to reports/ -> its record; the page, figures, tables, the executed notebook.
        failure: The newest attempt, where it failed; the files are then of an earlier one.
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

    @property
    def state(self) -> str:
        """`fresh`; `stale` when a newer attempt failed; `failed` when there is no page at all."""
        if self.failure is None:
            return "fresh"
        return "stale" if self.files else "failed"

    @cached_property
    def text(self) -> str:
        """The entry as one line of JSON; made once, however often the manifest around it is written."""
        return json.dumps({**asdict(self), "state": self.state}, ensure_ascii=False)

    def failed(self, failure: Failure) -> Entry:
        """The same entry with a failed newest attempt; its page stays."""
        return replace(self, failure=failure)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Entry:
        """The entry written as `text`.

        Raises:
            KeyError, TypeError: A field is missing or unknown.
        """
        fields = {name: value for name, value in raw.items() if name != "state"}
        fields["files"] = {path: PublishedFile(**record) for path, record in raw["files"].items()}
        fields["failure"] = Failure(**raw["failure"]) if raw["failure"] else None
        return cls(**fields)


@dataclass(frozen=True)
class Manifest:
    """Every entry of a site, sorted by name, with when and from what it was refreshed.

    Attributes:
        entries: Name -> entry.
        refreshed: ISO 8601 time of the newest change, UTC.
        revision: Git revision of the checkout, with `+` when it had uncommitted changes.
        libraries: Library -> version.
        data_version: The version the panel gives itself.
        data: Hash of the data that the downloads hold.
        downloads: Path of each download, relative to reports/ -> its record.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    refreshed: str = ""
    revision: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    data_version: str = ""
    data: str = ""
    downloads: Mapping[str, PublishedFile] = field(default_factory=dict)

    def with_entries(self, new: Iterable[Entry], gone: Iterable[str] = ()) -> Manifest:
        """The manifest with entries added or replaced, and others (by name) taken out."""
        dropped = set(gone)
        merged = {name: entry for name, entry in self.entries.items() if name not in dropped}
        merged.update((entry.name, entry) for entry in new)
        return replace(self, entries=dict(sorted(merged.items())))

    def paths(self) -> set[str]:
        """Every published path, relative to reports/."""
        return {path for entry in self.entries.values() for path in entry.files} | self.downloads.keys()

    def records(self) -> dict[str, PublishedFile]:
        """Every published path, relative to reports/ -> its record."""
        return {path: one for entry in self.entries.values() for path, one in entry.files.items()} | dict(
            self.downloads
        )

    def dump(self) -> bytes:
        """The manifest as the bytes of its file: JSON with an entry a line, each with its `state`."""
        about = {
            "format": FORMAT,
            "refreshed": self.refreshed,
            "revision": self.revision,
            "libraries": dict(self.libraries),
            "data_version": self.data_version,
            "data": self.data,
            "downloads": {path: asdict(record) for path, record in self.downloads.items()},
        }
        head = json.dumps(about, ensure_ascii=False, indent=1).removesuffix("\n}")
        entries = ",\n".join(entry.text for entry in self.entries.values())
        return f'{head},\n "entries": [\n{entries}\n]\n}}\n'.encode()


def parse(content: bytes) -> Manifest | None:
    """The manifest in these bytes, or None where they are not one."""
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            return None
        entries = [Entry.from_json(one) for one in raw["entries"]]
        known = {name: raw[name] for name in ("refreshed", "revision", "libraries", "data_version")}
        known["data"] = raw.get("data", "")
        known["downloads"] = {path: PublishedFile(**one) for path, one in raw.get("downloads", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Manifest(**known).with_entries(entries)


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
