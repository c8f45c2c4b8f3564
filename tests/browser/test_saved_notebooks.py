"""The pages of the saved notebooks in a real browser: nothing asked for, in order, within the width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page
from sample_pages import render_page
from test_pages import HEADING_LEVELS, OVERHANGING, Visit, in_order

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = [*sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")), "metrics"]
EVERY_NAME = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page of each saved notebook."""
    made = tmp_path_factory.mktemp("saved")
    for name in NAMES:
        book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        (made / f"{name}.html").write_text(render_page(book, "en"), encoding="utf-8")
    return made


@pytest.fixture(params=[360, 1280])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A blank page of a phone's and of a desk's width, without a network."""
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    yield context.new_page()
    context.close()


@EVERY_NAME
def test_it_is_whole_in_order_and_within_the_width(page: Page, folder: Path, name: str) -> None:
    visit = Visit(page, folder / f"{name}.html")
    assert visit.asked_elsewhere() == []
    assert visit.complaints == []
    assert page.locator("script").count() == 0
    assert in_order(page.evaluate(HEADING_LEVELS))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERHANGING) == []
    assert page.evaluate("[...document.images].every((i) => i.alt.trim() && i.naturalWidth)")


@EVERY_NAME
def test_every_mark_leads_to_a_row_of_the_evidence(page: Page, folder: Path, name: str) -> None:
    page.goto((folder / f"{name}.html").as_uri())
    unfound = "!document.querySelector(a.getAttribute('href'))"
    lost = f"[...document.querySelectorAll('sup a')].filter((a) => {unfound})"
    assert page.evaluate("document.querySelectorAll('sup a').length") > 0
    assert page.evaluate(f"{lost}.length") == 0
    page.locator("sup a").first.click()
    assert page.evaluate("document.querySelector(':target').matches('tr')")
    assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 800
