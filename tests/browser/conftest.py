"""A browser, and the pages it opens: rendered from a small notebook in each language."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sample_pages import WORDS, render_page, sample_index, sample_notebook

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser of this machine; the test is skipped where there is none."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser found; one of {', '.join(BROWSERS)} must be on the PATH")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages en.html, zh.html and the overview index.html."""
    folder = tmp_path_factory.mktemp("pages")
    for language in WORDS:
        html = render_page(sample_notebook(language), language)
        (folder / f"{language}.html").write_text(html, encoding="utf-8")
    (folder / "index.html").write_text(sample_index(), encoding="utf-8")
    return folder
