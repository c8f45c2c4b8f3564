"""A small notebook in each language with one of everything that a page shows, and an overview."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from analysis.refresh import index
from analysis.refresh.export import FIGURE_MIME, PAGE_MIME, export
from analysis.refresh.publish import Entry, Manifest

CSV = "region_code,城市,rate\n440800,湛江市,5.26\n"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="518" height="252" viewBox="0 0 518 252">'
    '<path d="M0 0h518v252H0z" fill="#fff"/><path d="M90 40h300v30H90z" fill="#12436D"/></svg>'
)
IMAGE = "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode()
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "How does Zhanjiang compare with other cities?",
        "lead": "Nine cities publish a figure that can be compared with one of Zhanjiang’s (湛江市).",
        "kicker": "湛江市 Zhanjiang · 2020",
        "city_name": "Zhanjiang",
        "description": "Zhanjiang beside other cities.",
        "findings": "Key findings",
        "finding": "Zhanjiang received 367 applications for administrative reconsideration (行政复议).",
        "small": "per 100,000 residents",
        "grade": "grade B · 9 cities",
        "audit": "audit",
        "care": "Read with care",
        "received": "Reconsideration received",
        "metrics": "What the metrics mean",
        "evidence": "Evidence",
        "source": "Zhanjiang government, 2021-02-02",
    },
    "zh": {
        "title": "湛江市与其他城市相比如何？",
        "lead": "有九座城市公布了可与湛江市比较的数字。凡未说明基数或期间的，只列出数值，不作排名。",
        "kicker": "湛江市 · 2020年度",
        "city_name": "湛江市",
        "description": "湛江市与其他城市的比较。",
        "findings": "主要发现",
        "finding": "湛江市新收行政复议申请367宗，在公布数字的9座城市中排倒数第二。",
        "small": "每10万常住人口",
        "grade": "B级 · 9座城市",
        "audit": "核对",
        "care": "谨慎解读",
        "received": "新收行政复议申请",
        "metrics": "指标说明",
        "evidence": "证据",
        "source": "湛江市政府，2021-02-02",
    },
}


def sample_context(language: str) -> dict[str, Any]:
    """The place of the sample page, the second of three."""
    titles = [
        ("before.html", "02_a_name_without_any_space_to_break_at"),
        (f"{language}.html", WORDS[language]["title"]),
        ("after.html", "Audit"),
    ]
    return {
        "edition": f"440800-2020-guangdong-{language}",
        "language": language,
        "stem": "03_other_cities",
        "pages": titles,
        "position": 2,
        "other_language": "zh.html" if language == "en" else "en.html",
        "index": "index.html",
        "data_version": "2026.11",
        "notebook": "notebooks/03_other_cities.ipynb",
    }


def render_page(notebook: NotebookNode, language: str) -> str:
    """The page of a notebook at the place of the sample page."""
    context = sample_context(language)
    _, files = export(notebook, context)
    return files[f"{context['edition']}/{context['stem']}.html"].decode()


def sample_notebook(language: str) -> NotebookNode:
    """An executed notebook with one of everything that a page shows."""
    words = WORDS[language]
    header = {name: words[name] for name in ("title", "lead", "kicker", "city_name", "description")}
    return new_notebook(
        cells=[
            _shown(PAGE_MIME, header | {"page_id": "other_cities", "language": language, "year": 2020}),
            _shown("text/markdown", _findings(words)),
            _shown(FIGURE_MIME, _figure(words), {"text/html": f'<img alt="x" src="{IMAGE}">'}),
            _shown("text/markdown", _metric_cards(words)),
            _shown("text/html", _evidence(words)),
        ]
    )


def sample_index() -> str:
    """The overview of one city in two languages, one page of it stale and one missing."""
    entries = [entry for language in WORDS for entry in _entries(language)]
    editions = {entry.edition for entry in entries}
    downloads = {f"downloads/{one}.zip": dict(sha256="", size=9) for one in editions}
    downloads[index.PACKAGE] = dict(sha256="", size=2_000_000)
    manifest = Manifest(
        refreshed="2026-11-22T00:00", revision="0123abc", data_version="2026.11", downloads=downloads
    )
    return index.render(manifest.with_entries(entries), lambda path: SVG.encode())


def _entries(language: str) -> list[Entry]:
    words, key = WORDS[language], f"440800-2020-guangdong-{language}"
    names = {
        "city_en": "Zhanjiang",
        "city_zh": "湛江市",
        "peers_en": "Guangdong cities",
        "peers_zh": "广东各市",
    }
    about = {**names, "year": 2020, "language": language, "facts": 105, "metrics": 80}
    picture = {"path": f"{key}/figures/received.svg", "alt": words["finding"]}
    page = {"title": words["title"], "findings": [words["finding"], words["lead"]], "picture": picture}
    files = {picture["path"]: dict(sha256="", size=900)}
    made = Entry(key, "01_summary", {}, "k", {}, "2026-11-22T00:00", 12.3, page, about, files)
    stale = replace(
        made,
        notebook="02_report",
        failure=dict(when="2026-11-20T00:00", reason="the process died", key="k"),
    )
    return [made, stale, Entry(key, "03_over_time", {}, about=about)]


def _shown(mime: str, body: Any, beside: Mapping[str, str] = MappingProxyType({})) -> NotebookNode:
    data = {mime: body, "text/plain": "repr", **beside}
    return new_code_cell(
        "report.show()", outputs=[new_output("display_data", data=data, metadata={"fazhi": "x"})]
    )


def _findings(words: dict[str, str]) -> str:
    card = '<li><span class="big">{big}<small>{small}</small></span><span>{finding}{note} {grade}</span></li>'
    note = '<sup><a href="#e1">1</a> <a href="#e2">2</a></sup>'
    plain = f'<span class="grade grade-b">{words["grade"]}</span>'
    audit = f'<span class="grade grade-audit">{words["audit"]}</span>'
    cards = [
        card.format(big="5.3", note=note, grade=plain, small=words["small"], finding=words["finding"]),
        card.format(big="268 ≠ 272", note="", grade=audit, small=words["small"], finding=words["finding"]),
    ]
    joined = "\n".join(cards)
    return (
        f'## {words["findings"]}\n\n<ul class="findings">\n{joined}\n</ul>\n\n## {words["received"]}\n\n'
        f"{words['finding']}\n\n### {words['care']}\n\n- {words['lead']}\n"
    )


def _figure(words: dict[str, str]) -> dict[str, str]:
    return {
        "name": "received",
        "title": words["finding"],
        "subtitle": words["small"],
        "alt": words["finding"] + " (bar)",
        "source": words["source"],
        "csv": CSV,
        "csv_label": "Data (CSV)",
    }


def _metric_cards(words: dict[str, str]) -> str:
    card = (
        f"<summary>{words['received']}</summary><dl><dt>{words['grade']}</dt><dd>{words['finding']}</dd></dl>"
    )
    return (
        f'## {words["metrics"]}\n\n<details open>{card}</details>\n<details id="closed">{card}</details>\n\n'
        f"## {words['evidence']}\n"
    )


def _evidence(words: dict[str, str]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in ("#", "A", "B", "C", "D"))
    link = f'<a href="https://www.example.org/zwgk/content/post_1400000.html">{words["source"]}</a>'
    rows = "".join(
        f'<tr id="e{number}"><th>{number}</th><td>{words["received"]}</td><td class="n">367</td>'
        f'<td>新收行政复议申请367宗</td><td>{link} <span class="warn">{words["audit"]}</span></td></tr>'
        for number in range(1, 30)
    )
    head = f"<caption>{words['evidence']}</caption><thead><tr>{heads}</tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>"
