"""The index of a site and its downloads, made from the manifest and published files alone.

The index is one HTML file without a script, English and Chinese side by side: each edition with the findings
of its summary, its first picture, coverage and date; pages that fell behind carry date and reason. The
downloads are the data package as it was used and, for each edition, the data of its figures and tables.
"""

from __future__ import annotations

import base64
import io
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from analysis.refresh.keys import UNREAD, input_files
from analysis.refresh.manifest import Entry, Manifest
from analysis.refresh.markup import check_page, inline_markdown
from analysis.refresh.publish import Read

if TYPE_CHECKING:
    from analysis.editions import Edition
    from analysis.panel import Panel

TEMPLATES = Path(__file__).parent / "templates/fazhi"
SUMMARY, FINDINGS = "01_summary", 5
PACKAGE = "downloads/fazhi-data.zip"
PICTURE_BYTES = 1_000_000
"""The index holds pictures up to this size together; of further editions it holds none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a download, so that the same contents are the same bytes."""


def describe(edition: Edition, panel: Panel) -> dict[str, Any]:
    """What the index says of an edition: the city, its peers and how many have a figure, year, coverage."""
    city, label = panel.catalog.region(edition.city), panel.catalog.group_label
    metrics = panel.facts(edition.city, edition.year)["metric_id"]
    told = metrics[~metrics.str.startswith("context.")]
    names = {"city_en": city.name_en, "city_zh": city.name_zh}
    peers = {"peers_en": label(edition.peers, "en"), "peers_zh": label(edition.peers, "zh")}
    if edition.peers in panel.catalog.groups:
        alike = panel.facts(year=edition.year, metrics=sorted(set(told)))["region_code"]
        beside = len(set(panel.catalog.group(edition.peers)) & set(alike) - {edition.city})
        peers["peers_en"] += f", {beside} of them with a figure on the same metrics"
        peers["peers_zh"] += f"，其中{beside}个有相同指标的数字"
    coverage = {"facts": len(told), "metrics": int(told.nunique())}
    return {**names, "year": edition.year, **peers, "language": edition.language, **coverage}


def render(manifest: Manifest, read: Read) -> str:
    """The index as one HTML text."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in _editions(manifest, read):
        subject = tuple(one["about"][name] for name in ("city_en", "year", "peers_en"))
        groups.setdefault(subject, []).append(one)
    html = _template().render(
        groups=[sorted(group, key=lambda one: str(one["language"])) for group in groups.values()],
        manifest=manifest,
        package=PACKAGE if PACKAGE in manifest.downloads else None,
        megabytes=f"{manifest.downloads[PACKAGE].size / 1e6:.1f}" if PACKAGE in manifest.downloads else "",
        labels=tomllib.loads((TEMPLATES / "labels.toml").read_text(encoding="utf-8")),
    )
    check_page(html)
    return html


def downloads(manifest: Manifest, before: Manifest, read: Read, data: Path) -> dict[str, bytes | None]:
    """The downloads of a manifest: path relative to reports/ -> bytes, None where it stays as it was."""
    made: dict[str, bytes | None] = {}
    if manifest.entries:
        files = [path for path in input_files(data) if path.name not in UNREAD]
        same = manifest.data == before.data and PACKAGE in before.downloads
        named = ((path.relative_to(data).as_posix(), path.read_bytes()) for path in files)
        made[PACKAGE] = None if same else _zip(named)
    for key, entries in _grouped(manifest):
        path, old = f"downloads/{key}.zip", [before.entries.get(entry.name) for entry in entries]
        names = [name for entry in entries for name in entry.files if name.endswith(".csv")]
        same = [one and one.files for one in old] == [
            entry.files for entry in entries
        ] and path in before.downloads
        if names:
            made[path] = (
                None if same else _zip((name.removeprefix(f"{key}/"), read(name) or b"") for name in names)
            )
    return made


def _editions(manifest: Manifest, read: Read) -> Iterator[dict[str, Any]]:
    """The editions of a manifest as the index shows them."""
    room = PICTURE_BYTES
    for key, entries in _grouped(manifest):
        summary: Mapping[str, Any] = next((one.page for one in entries if one.notebook == SUMMARY), {})
        records = {path: one for entry in entries for path, one in entry.files.items()}
        picture, image = summary.get("picture") or {"path": "", "alt": ""}, None
        if picture["path"] in records and records[picture["path"]].size < room:
            body = read(picture["path"]) or b""
            room -= len(body)
            image = "data:image/svg+xml;base64," + base64.b64encode(body).decode("ascii")
        about = {"metrics": 0, **entries[-1].about}
        yield {
            "about": about,
            "language": about["language"],
            "pages": entries,
            "findings": list(summary.get("findings", ())[:FINDINGS]),
            "image": image,
            "alt": picture["alt"],
            "tables": f"downloads/{key}.zip" if f"downloads/{key}.zip" in manifest.downloads else None,
            "rendered": max((one.published[:10] for one in entries if one.published), default=None),
        }


def _grouped(manifest: Manifest) -> Iterable[tuple[str, list[Entry]]]:
    """Key of each edition and its entries."""
    return (
        (key, list(group)) for key, group in groupby(manifest.entries.values(), key=lambda one: one.edition)
    )


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
