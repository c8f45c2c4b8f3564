"""The page of metrics in a real browser: a link opens the card it leads to, offline, and paper shows all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page
from sample_pages import sample_context
from test_pages import HEADING_LEVELS, OVERHANGING, in_order

from analysis import report
from analysis.panel import Panel
from analysis.refresh.page import render_page

METRIC = "reconsideration.received"
OPEN = (
    "(id) => document.getElementById(id).querySelector('dl').checkVisibility({contentVisibilityAuto: true})"
)
LANGUAGE = pytest.mark.parametrize("language", ["en", "zh"])


@pytest.fixture(scope="module")
def folder(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of metrics of Zhanjiang 2020 in each language."""
    made = tmp_path_factory.mktemp("metrics")
    for language in ("en", "zh"):
        page = report.open_page(
            "metrics", city="440800", year=2020, language=language, peers="guangdong", panel_=panel
        )
        shown = [page.head(), page.text("index"), page.table("domains"), page.text("cards")]
        shown += [page.text("evidence"), page.evidence(), page.sources()]
        bundles = [item._repr_mimebundle_() for item in shown]
        cells = [new_code_cell("page", outputs=[new_output("display_data", data=data)]) for data in bundles]
        html = render_page(new_notebook(cells=cells), sample_context(language))
        (made / f"{language}.html").write_text(html, encoding="utf-8")
    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A blank page without a network."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, offline=True)
    yield context.new_page()
    context.close()


@LANGUAGE
def test_cards_are_folded_until_a_link_leads_to_one(page: Page, folder: Path, language: str) -> None:
    page.goto((folder / f"{language}.html").as_uri())
    shut = "document.querySelectorAll('details dl').length > 190 && !document.querySelector('details[open]')"
    assert page.evaluate(shut)
    assert page.evaluate(f"({OPEN})('{METRIC}')") is False
    page.locator(f'a[href="#{METRIC}"]').first.click()
    assert page.evaluate(f"({OPEN})('{METRIC}')") is True
    box = page.locator(f"[id='{METRIC}']").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 800
    assert box["height"] > 200


@LANGUAGE
def test_it_opens_offline_in_order_and_within_a_phones_width(page: Page, folder: Path, language: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto((folder / f"{language}.html").as_uri())
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
    assert in_order(page.evaluate(HEADING_LEVELS))
    assert page.evaluate(OVERHANGING) == []
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]


def test_on_paper_every_card_is_open(page: Page, folder: Path) -> None:
    page.goto((folder / "en.html").as_uri())
    page.emulate_media(media="print")
    closed = "[...document.querySelectorAll('details dl')].filter((e) => !e.offsetHeight).length"
    assert page.evaluate(closed) == 0
