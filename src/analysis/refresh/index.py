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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.refresh.keys import input_files
from analysis.refresh.publish import Entry, Manifest, Read, record

if TYPE_CHECKING:
    from analysis.editions import Edition
    from analysis.panel import Panel

TEMPLATES = Path(__file__).parent / "templates/fazhi"
SUMMARY, FINDINGS = "01_summary", 5
PACKAGE = "downloads/fazhi-data.zip"
PICTURE_BYTES = 1_000_000
"""The index holds pictures up to this size together; of further editions it holds none."""


def describe(edition: Edition, panel: Panel) -> dict[str, Any]:
    """What the index says of an edition: the city, its peers and how many have a figure, year, coverage."""
    city, label = panel.catalog.region(edition.city), panel.catalog.group_label
    metrics = panel.facts(edition.city, edition.year)["metric_id"]
    told = metrics[~metrics.str.startswith("context.")]
    names = {"city_en": city.name_en, "city_zh": city.name_zh}
    peers = {"peers_en": label(edition.peers, "en"), "peers_zh": label(edition.peers, "zh")}
    if edition.peers in panel.catalog.groups:
        alike = panel.facts(year=edition.year, metrics=sorted(set(told)))["region_code"]
        beside = len(set(panel.catalog.groups[edition.peers]) & set(alike) - {edition.city})
        peers["peers_en"] += f", {beside} of them with a figure on the same metrics"
        peers["peers_zh"] += f"，其中{beside}个有相同指标的数字"
    coverage = {"facts": len(told), "metrics": int(told.nunique())}
    return {**names, "year": edition.year, **peers, "language": edition.language, **coverage}


def compose(data: Path, after: Manifest, before: Manifest, read: Read) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest with its downloads, and what is to be written: the index, and downloads not as before."""
    kept, made = {}, {}
    for path, same, contents in _downloads(data, after, before, read):
        if same and path in before.downloads:
            kept[path] = before.downloads[path]
        else:
            made[path] = _zip(contents)
    downloads = kept | {path: record(body) for path, body in made.items()}
    complete = replace(after, downloads=dict(sorted(downloads.items())))
    return complete, {**made, "index.html": render(complete, read).encode()}


def render(manifest: Manifest, read: Read) -> str:
    """The index as one HTML text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow, and not where all is fresh

    from analysis.refresh.markup import check_page, inline_markdown

    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in _editions(manifest, read):
        groups[tuple(one["about"][name] for name in ("city_en", "year", "peers_en"))].append(one)
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["inline"] = inline_markdown
    html = environment.get_template("overview.html.j2").render(
        groups=[sorted(group, key=lambda one: str(one["language"])) for group in groups.values()],
        manifest=manifest,
        package=PACKAGE if PACKAGE in manifest.downloads else None,
        megabytes=f"{manifest.downloads[PACKAGE]['size'] / 1e6:.1f}" if PACKAGE in manifest.downloads else "",
        labels=tomllib.loads((TEMPLATES / "labels.toml").read_text(encoding="utf-8")),
    )
    check_page(html)
    return html


def _downloads(
    data: Path, after: Manifest, before: Manifest, read: Read
) -> Iterator[tuple[str, bool, Iterator[tuple[str, bytes]]]]:
    """Path of each download, whether its contents are the same as before, and its files."""
    if after.entries:
        files = ((path.relative_to(data).as_posix(), path.read_bytes()) for path in input_files(data))
        yield PACKAGE, after.data == before.data, files
    for key, entries in _grouped(after):
        old = [before.entries.get(one.name) for one in entries]
        same = [one and one.files for one in old] == [one.files for one in entries]
        names = [name for one in entries for name in one.files if name.endswith(".csv")]
        if names:
            tables = ((name.removeprefix(f"{key}/"), read(name) or b"") for name in names)
            yield f"downloads/{key}.zip", same, tables


def _editions(manifest: Manifest, read: Read) -> Iterator[dict[str, Any]]:
    """The editions of a manifest as the index shows them."""
    room = PICTURE_BYTES
    for key, entries in _grouped(manifest):
        summary: Mapping[str, Any] = next((one.page for one in entries if one.notebook == SUMMARY), {})
        picture, image = summary.get("picture") or {"path": "", "alt": ""}, None
        sizes = {path: one["size"] for entry in entries for path, one in entry.files.items()}
        if sizes.get(picture["path"], room) < room:
            body = read(picture["path"]) or b""
            room -= len(body)
            image = "data:image/svg+xml;base64," + base64.b64encode(body).decode("ascii")
        about = {"metrics": 0, **entries[-1].about}
        tables = f"downloads/{key}.zip"
        yield {
            "about": about,
            "language": about["language"],
            "pages": entries,
            "findings": list(summary.get("findings", ())[:FINDINGS]),
            "image": image,
            "alt": picture["alt"],
            "tables": tables if tables in manifest.downloads else None,
            "rendered": max((one.published[:10] for one in entries if one.published), default=None),
        }


def _grouped(manifest: Manifest) -> Iterator[tuple[str, list[Entry]]]:
    """Key of each edition and its entries."""
    for key, group in groupby(manifest.entries.values(), key=lambda one: one.edition):
        yield key, list(group)


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file with these contents, in order of name, each of the year 1980: the same bytes every time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            package.writestr(entry, body)
    return target.getvalue()
