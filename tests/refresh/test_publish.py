"""The swap: nothing is half published, whatever interrupts it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.refresh import publish
from analysis.refresh import publish as manifests
from analysis.refresh.publish import Entry, Manifest, Read, Site, record

STAMP = Manifest(refreshed="2026-11-22T00:00:00+00:00", revision="abc", libraries={"pandas": "3"})


def draw(manifest: Manifest) -> str:
    """An index that names every published path."""
    return "\n".join(sorted(manifest.records())) + "\n"


def compose(after: Manifest, before: Manifest, read: Read) -> tuple[Manifest, dict[str, bytes]]:
    """The index, and a download that says which entries there are."""
    body = "\n".join(after.entries).encode()
    complete = replace(after, downloads={"downloads/all.zip": record(body)})
    return complete, {"downloads/all.zip": body, "index.html": draw(complete).encode()}


def open_site(root: Path) -> Site:
    """A site under a root."""
    (root / ".refresh").mkdir(exist_ok=True)
    return Site(root / "reports", compose)


def publish_in(site: Site, *pages: str, body: bytes = b"first", gone: Iterable[str] = ()) -> None:
    """Publishes runs of edition e, each given as its notebook and its files; all have one content."""
    entries, files = [], {}
    for notebook, *names in map(str.split, pages):
        files |= {f"e/{name}": body for name in names}
        records = {f"e/{name}": record(body) for name in names}
        entries.append(Entry("e", notebook, {}, key=body.decode(), files=records))
    site.publish(entries, files, gone, STAMP)


def consistent(reports: Path) -> bool:
    """Whether manifest, index and files agree."""
    manifest = manifests.parse((reports / "manifest.json").read_bytes())
    found = {path.relative_to(reports).as_posix() for path in reports.rglob("*") if path.is_file()}
    records = manifest.records()
    hashes = all(record((reports / path).read_bytes()) == noted for path, noted in records.items())
    index = (reports / "index.html").read_text() == draw(manifest)
    return hashes and index and found == {*records, "manifest.json", "index.html"}


class PowerCutError(BaseException):
    """Stands for the end of the process."""


@contextmanager
def power_cut(after: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends the process, as it were, before the n-th change to the file system's names."""
    left = after

    def counted(original):  # type: ignore[no-untyped-def]
        def call(*args, **kwargs):  # type: ignore[no-untyped-def]
            nonlocal left
            if left == 0:
                raise PowerCutError
            left -= 1
            return original(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("replace", "unlink", "mkdir", "write_bytes", "write_text"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        try:
            yield
        except PowerCutError:
            return


def test_a_failing_preparation_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html")

    def refuse(after: Manifest, before: Manifest, read: Read) -> tuple[Manifest, dict[str, bytes]]:
        raise OSError(28, "No space left on device")

    site.compose = refuse
    with pytest.raises(OSError, match="No space"):
        publish_in(site, "01 01.html", body=b"second")
    assert (tmp_path / "reports/e/01.html").read_bytes() == b"first"
    assert consistent(tmp_path / "reports")


def test_a_tree_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file, not a folder")
    with pytest.raises(InputError, match="must be writable"):
        open_site(tmp_path)


@pytest.mark.parametrize("journal", ["{}", "no JSON", '{"entries": [], "moves": []}'])
def test_the_journal_of_another_release_is_dropped(tmp_path: Path, journal: str) -> None:
    publish_in(open_site(tmp_path), "01 01.html")
    staging = tmp_path / "reports/.staging"
    staging.mkdir()
    (staging / "journal.json").write_text(journal)
    assert open_site(tmp_path).manifest.entries
    assert consistent(tmp_path / "reports")


@pytest.mark.parametrize("moment", range(48))
def test_cut_at_any_step_the_site_is_whole_and_the_next_refresh_heals_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html figures/a.svg", "02 02.html")
    with power_cut(moment, monkeypatch):
        publish_in(site, "01 01.html figures/b.svg", body=b"second", gone=["e/02"])
    page = (tmp_path / "reports/e/01.html").read_bytes()
    assert page in (b"first", b"second")
    assert manifests.parse((tmp_path / "reports/manifest.json").read_bytes())
    listed = (tmp_path / "reports/index.html").read_text().split()
    assert all((tmp_path / "reports" / path).is_file() for path in listed)

    healed = open_site(tmp_path)
    assert consistent(tmp_path / "reports")
    page = (tmp_path / "reports/e/01.html").read_bytes()
    assert healed.manifest.entries["e/01"].key == page.decode()
    assert ("e/02" in healed.manifest.entries) == (page == b"first")


def test_the_cut_test_reaches_past_the_last_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html figures/a.svg", "02 02.html")
    with power_cut(47, monkeypatch):
        publish_in(site, "01 01.html figures/b.svg", body=b"second", gone=["e/02"])
    assert consistent(tmp_path / "reports")
    assert (tmp_path / "reports/e/01.html").read_bytes() == b"second"


def test_all_is_on_the_disk_before_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = open_site(tmp_path)
    done: list[str] = []
    sync, moved = publish._sync, Path.replace
    monkeypatch.setattr(publish, "_sync", lambda path: (done.append(path.name), sync(path)))
    monkeypatch.setattr(Path, "replace", lambda one, to: (done.append(f"-> {to.name}"), moved(one, to)))
    publish_in(site, "01 01.html figures/a.svg")
    commit = done.index("-> journal.json")
    assert {"01.html", "a.svg", "index.html", "journal.json.draft"} <= set(done[:commit])
    assert done[commit + 1] == ".staging"


def test_files_a_new_run_no_longer_makes_are_removed(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html figures/a.svg")
    publish_in(site, "01 01.html", body=b"second")
    assert consistent(tmp_path / "reports")
    assert not (tmp_path / "reports/e/figures").exists()


def test_removing_the_last_entry_of_an_edition_removes_its_folder_but_no_stranger(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    (tmp_path / "reports/README.md").write_text("kept")
    publish_in(site, "01 01.html figures/a.svg")
    publish_in(site, gone=["e/01"])
    assert not (tmp_path / "reports/e").exists()
    assert (tmp_path / "reports/README.md").read_text() == "kept"


BROKEN_RECORD = b"""{"format": 1, "entries": [
{"edition": "e", "notebook": "01", "parameters": {}, "files": {"e/01.html": {"sha256": "0"}}}]}"""


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 0}', b'{"format": 1, "entries": [{}]}', b"\xff", BROKEN_RECORD]
)
def test_a_corrupt_manifest_is_replaced_by_its_backup(tmp_path: Path, content: bytes) -> None:
    publish_in(open_site(tmp_path), "01 01.html")
    (tmp_path / "reports/manifest.json").write_bytes(content)
    site = open_site(tmp_path)
    assert "backup" in site.note
    assert site.manifest.entries["e/01"].key == "first"


def test_without_a_backup_a_corrupt_manifest_is_an_empty_one(tmp_path: Path) -> None:
    publish_in(open_site(tmp_path), "01 01.html")
    (tmp_path / "reports/manifest.json").write_bytes(b"{")
    (tmp_path / ".refresh/manifest.backup.json").write_bytes(b"{")
    site = open_site(tmp_path)
    assert "had no backup" in site.note
    assert not site.manifest.entries
    assert (tmp_path / "reports/e/01.html").is_file()


def test_a_lost_download_is_made_again(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html")
    assert not open_site(tmp_path).damaged
    (tmp_path / "reports/downloads/all.zip").unlink()
    site = open_site(tmp_path)
    assert site.damaged
    publish_in(site)
    assert consistent(tmp_path / "reports")


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    publish_in(site, "01 01.html")
    assert manifests.parse((tmp_path / "reports/manifest.json").read_bytes()) == site.manifest
    raw = json.loads((tmp_path / "reports/manifest.json").read_text())
    assert raw["entries"][0]["key"] == "first"
    assert raw["revision"] == "abc"
