"""The index of a site and its downloads, made from the manifest and published files alone.

The index is one HTML file without a script, English and Chinese side by side: each edition with the findings of its
summary, its first picture, coverage and date; pages that fell behind carry the date and the reason. What it says of an
edition was noted when its pages were rendered, so that it can be made again without reading the data. The downloads
are the data package as it was used and, for each edition, the data of its figures and tables.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from analysis.refresh.keys import UNREAD, input_files
from analysis.refresh.manifest import Entry, Manifest
from analysis.refresh.markup import inline_markdown
from analysis.refresh.page_check import check_page
from analysis.refresh.publish import Read

if TYPE_CHECKING:
    from analysis.editions import Edition
    from analysis.panel import Panel

TEMPLATES = Path(__file__).parent / "templates/fazhi"
SUMMARY = "01_summary"
FINDINGS = 5
DOWNLOADS = "downloads"
PACKAGE = f"{DOWNLOADS}/fazhi-data.zip"
PICTURE_BYTES = 1_000_000
"""The index holds pictures up to this size together; of further editions it holds none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a download, so that the same contents are the same bytes."""


@dataclass(frozen=True)
class IndexEdition:
    """An edition in the index; editions that differ only in language are shown together.

    Attributes:
        key: The edition's key.
        about: What `describe` said of it.
        pages: Its entries, in order.
        findings: The findings of its summary, in its language.
        picture: The address and alt text of its picture, None where it has none.
        tables: The address of its tables, None where it has none.
        rendered: The date of its latest good run, None where there was none.
    """

    key: str
    about: Mapping[str, Any]
    pages: tuple[Entry, ...]
    findings: tuple[str, ...]
    picture: tuple[str, str] | None
    tables: str | None
    rendered: str | None

    @property
    def language(self) -> str:
        """The language of its pages."""
        return str(self.about["language"])

    @property
    def subject(self) -> tuple[Any, ...]:
        """What editions in two languages have in common: city, year and peers."""
        return self.about["city_en"], self.about["year"], self.about["peers_en"]


def describe(edition: Edition, panel: Panel) -> dict[str, Any]:
    """What the index says of an edition: names of the city and its peers, year, language, coverage."""
    catalog = panel.catalog
    city = catalog.region(edition.city)
    metrics = panel.facts(edition.city, edition.year)["metric_id"]
    told = metrics[~metrics.str.startswith("context.")]
    return {
        "city_en": city.name_en,
        "city_zh": city.name_zh,
        "year": edition.year,
        "peers_en": catalog.group_label(edition.peers, "en"),
        "peers_zh": catalog.group_label(edition.peers, "zh"),
        "language": edition.language,
        "facts": len(told),
        "metrics": int(told.nunique()),
    }


def render(manifest: Manifest, read: Read) -> str:
    """The index as one HTML text."""
    groups: dict[tuple[Any, ...], list[IndexEdition]] = {}
    for one in _editions(manifest, read):
        groups.setdefault(one.subject, []).append(one)
    package = manifest.downloads.get(PACKAGE)
    html = _template().render(
        groups=[sorted(group, key=lambda one: one.language) for group in groups.values()],
        manifest=manifest,
        package=PACKAGE if package else None,
        megabytes=f"{package.size / 1e6:.1f}" if package else "",
        labels=_labels(),
    )
    check_page(html)
    return html


def downloads(manifest: Manifest, before: Manifest, read: Read, data: Path) -> dict[str, bytes]:
    """The downloads that must be made anew: path relative to reports/ -> bytes.

    Args:
        manifest: As it will be published.
        before: As it is published.
        read: Reads published files as they will be.
        data: The folder of the data package.
    """
    made: dict[str, bytes] = {}
    if manifest.entries and (manifest.data != before.data or PACKAGE not in before.downloads):
        files = [path for path in input_files(data) if path.name not in UNREAD]
        made[PACKAGE] = _zip((path.relative_to(data).as_posix(), path.read_bytes()) for path in files)
    for key, entries in _grouped(manifest):
        path, old = f"{DOWNLOADS}/{key}.zip", [before.entries.get(entry.name) for entry in entries]
        named = [name for entry in entries for name in entry.files if name.endswith(".csv")]
        same = [one and one.files for one in old] == [entry.files for entry in entries]
        if named and not (same and path in before.downloads):
            contents = ((name.removeprefix(f"{key}/"), read(name)) for name in named)
            made[path] = _zip((name, body) for name, body in contents if body is not None)
    return made


def _editions(manifest: Manifest, read: Read) -> list[IndexEdition]:
    """The editions of a manifest as the index shows them."""
    editions, room = [], PICTURE_BYTES
    for key, entries in _grouped(manifest):
        summary: Mapping[str, Any] = next((one.page for one in entries if one.notebook == SUMMARY), {})
        picture, shown = summary.get("picture"), None
        records = {path: one for entry in entries for path, one in entry.files.items()}
        if picture and picture["path"] in records and records[picture["path"]].size < room:
            body = read(picture["path"]) or b""
            room -= len(body)
            shown = ("data:image/svg+xml;base64," + base64.b64encode(body).decode("ascii"), picture["alt"])
        tables = f"{DOWNLOADS}/{key}.zip"
        editions.append(
            IndexEdition(
                key=key,
                about={"metrics": 0, **entries[-1].about},
                pages=tuple(entries),
                findings=tuple(summary.get("findings", ())[:FINDINGS]),
                picture=shown,
                tables=tables if tables in manifest.downloads else None,
                rendered=max((one.published[:10] for one in entries if one.published), default=None),
            )
        )
    return editions


def _grouped(manifest: Manifest) -> Iterable[tuple[str, list[Entry]]]:
    """Key of each edition and its entries."""
    for key, group in groupby(manifest.entries.values(), key=lambda entry: entry.edition):
        yield key, list(group)


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file with these contents, in order of name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = (
                zipfile.ZIP_DEFLATED,
                0o644 << 16,
                3,
            )
            package.writestr(entry, body)
    return target.getvalue()


@cache
def _labels() -> dict[str, dict[str, str]]:
    import tomllib

    return tomllib.loads((TEMPLATES / "labels.toml").read_text(encoding="utf-8"))


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = inline_markdown
    return environment.get_template("overview.html.j2")
