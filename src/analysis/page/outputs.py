"""The outputs of a notebook that reach its page, as MIME bundles: the contract between notebook and export.

A table is text for comparison and accessible HTML for readers, a figure is HTML with its picture for
JupyterLab and a bundle of words and data for the page. It refuses cells without words.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
from IPython.display import display
from markdown_it import MarkdownIt

from analysis.errors import InputError

HEAD_MIME = "application/vnd.fazhi.page+json"
FIGURE_MIME = "application/vnd.fazhi.figure+json"


def show(kind: str, bundle: dict[str, Any], **more: str) -> None:
    """Shows one output; its metadata say what kind it is, so that the export knows it for ours."""
    metadata = {"fazhi": kind, **{f"fazhi_{name}": value for name, value in more.items()}}
    display(bundle, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


def inline_html(text: str) -> str:
    """A line of Markdown as HTML; marks of evidence stay."""
    return str(MarkdownIt("commonmark", {"html": True}).renderInline(text))


def figure_bundle(svg: bytes, **words: str) -> dict[str, Any]:
    """A figure as an output: words and data for the page, and HTML that holds the picture once.

    The words are name, title, subtitle, alt, source, csv and csv_label.
    """
    title, subtitle, alt, source = (escape(words[name]) for name in ("title", "subtitle", "alt", "source"))
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    caption = f"<figcaption><b>{title}</b><br>{subtitle}</figcaption>"
    html = f'<figure>{caption}<img alt="{alt}" src="{address}"><p>{source}</p></figure>'
    return {FIGURE_MIME: words, "text/html": html, "text/plain": words["alt"]}


def table_bundle(
    name: str, caption: str, frame: pd.DataFrame,
    *, numeric: Sequence[str] = (), html: Sequence[str] = (), attributes: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """A table of text as an output; its name is the class of the HTML table.

    Columns in `numeric` are set flush right, the cells of those in `html` are HTML and left out of the text;
    `attributes` are those of each row, as HTML.

    Raises:
        InputError: A cell has no words.
    """
    blank = frame.isna() | (frame == "")
    if blank.any(axis=None):
        where = ", ".join(str(column) for column, lacks in blank.any().items() if lacks)
        raise InputError("Each cell of a table must hold words or a number", f"{name}: {where}", "fill it.")
    head, columns = "", [list(attributes) or [""] * len(frame)]
    for place, column in enumerate(frame):
        # the cells of the first column name their row
        tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
        kind = ' class="n"' if column in numeric else ""
        head += f'<th scope="col"{kind}>{escape(str(column))}</th>'
        texts = frame[column].astype(str).map(str if column in html else escape)
        columns.append([f"<{tag}{scope}{kind}>{text}</{tag}>" for text in texts])
    body = "".join(f"<tr{own}>{''.join(cells)}</tr>" for own, *cells in zip(*columns, strict=True))
    parts = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    plain = frame.drop(columns=list(html)).to_string(index=False)
    return {
        "text/html": f'<table class="{escape(name)}">{parts}</table>',
        "text/plain": f"{caption}\n{plain}",
    }
