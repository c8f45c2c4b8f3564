"""The index of a site and its downloads, made from the manifest and published files alone.

English and Chinese stand side by side, without a script; pages that fell behind carry date and reason. The
downloads are the data package as it was used and, for each edition, the data of its figures and tables.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.editions import Edition
from analysis.gazetteer import LANGUAGES
from analysis.refresh.plan import input_files
from analysis.refresh.publish import INDEX, Manifest, Read, record

if TYPE_CHECKING:
    from analysis.panel import Panel

SUMMARY = "01_summary"
PACKAGE = "downloads/fazhi-data.zip"
PICTURE_BYTES = 1_000_000  # of all pictures together; further editions have none


def describe(edition: Edition, panel: Panel) -> dict[str, Any]:
    """What the index says of an edition: the city, its peers and how many have a figure, year, coverage."""
    city, groups = panel.catalog.region(edition.city), panel.catalog.groups
    metrics = panel.facts(edition.city, edition.year)["metric_id"]
    told = metrics[~metrics.str.startswith("context.")]
    about: dict[str, Any] = {"city_en": city.name_en, "city_zh": city.name_zh, "year": edition.year}
    about |= {f"peers_{one}": panel.catalog.group_label(edition.peers, one) for one in LANGUAGES}
    if edition.peers in groups:
        alike = panel.facts(year=edition.year, metrics=sorted(set(told)))["region_code"]
        about["beside"] = len(set(groups[edition.peers]) & set(alike) - {edition.city})
    return about | {"language": edition.language, "facts": len(told), "metrics": int(told.nunique())}


def compose(data: Path, after: Manifest, before: Manifest, read: Read) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest with its downloads, and what is to be written: the index, and downloads not as before."""
    contents, old, made = _contents(after), _contents(before), {}
    kept = {path: one for path, one in before.downloads.items() if contents.get(path, "") == old.get(path)}
    for path in contents.keys() - kept.keys():
        tables = {name.partition("/")[2]: read(name) or b"" for name in contents[path]}
        made[path] = _zip(input_files(data) if path == PACKAGE else tables)
    downloads = kept | {path: record(body) for path, body in made.items()}
    complete = replace(after, downloads=dict(sorted(downloads.items())))
    return complete, {**made, INDEX: render(complete, read).encode()}


def render(manifest: Manifest, read: Read) -> str:
    """The index as one HTML text."""
    from jinja2 import Environment, FileSystemLoader  # slow, and not where all is fresh

    from analysis.refresh import markup

    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    records, room = manifest.records(), PICTURE_BYTES
    for key, entries in groupby(manifest.entries.values(), key=lambda one: one.edition):
        pages = list(entries)
        summary = next((one.page for one in pages if one.notebook == SUMMARY), {})
        path, image = summary.get("picture", {}).get("path"), None
        if path in records and records[path]["size"] < room:
            body = read(path) or b""
            room -= len(body)
            image = "data:image/svg+xml;base64," + base64.b64encode(body).decode("ascii")
        edition = {"key": key, "about": pages[-1].about, "pages": pages, "summary": summary, "image": image}
        groups[key.rpartition("-")[0]].append(edition)
    environment = markup.strict(Environment(loader=FileSystemLoader(markup.TEMPLATES)))
    overview = environment.get_template("overview.html.j2")
    html = overview.render(groups=groups.values(), manifest=manifest, package=PACKAGE)
    markup.check_page(html)
    return html


def _contents(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Path of each download -> what it holds, told apart by hashes: the data, or tables of an edition."""
    found: dict[str, dict[str, Any]] = {PACKAGE: {"data": manifest.data}} if manifest.entries else {}
    for entry in manifest.entries.values():
        tables = {name: one for name, one in entry.files.items() if name.endswith(".csv")}
        if tables:
            found.setdefault(f"downloads/{entry.edition}.zip", {}).update(tables)
    return found


def _zip(files: Mapping[str, bytes]) -> bytes:
    """A zip file with these contents, in order of name, each of the year 1980: the same bytes every time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            package.writestr(entry, body, zipfile.ZIP_DEFLATED)
    return target.getvalue()
