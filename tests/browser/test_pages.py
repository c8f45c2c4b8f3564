"""Pages in a real browser: offline, on a phone, in the dark, on paper, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sample_pages import CSV

READABLE = 4.5
BOM = b"\xef\xbb\xbf"
EVERY_PAGE = pytest.mark.parametrize("name", ["en", "zh", "index"])
REPORT_PAGE = pytest.mark.parametrize("name", ["en", "zh"])

FAINT_TEXT = """(least) => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = { checked: 0, faint: [] };
  for (let node; (node = walker.nextNode()); ) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility()) continue;
    const pair = [parse(getComputedStyle(element).color), background(element)].map(luminance);
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    found.checked += 1;
    if (contrast < least) found.faint.push(`${node.textContent.trim()} ${contrast.toFixed(2)}`);
  }
  return found;
}"""
OVERHANGING = """() => [...document.querySelectorAll('body *')]
  .filter((e) => !e.closest('.scroll, .plot, .skip') && e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.outerHTML.slice(0, 80))"""
HEADING_LEVELS = "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]))"


class Visit:
    """A page opened in the browser, with what it asked for and complained of."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = path.as_uri()
        page.goto(self.address)

    def asked_elsewhere(self) -> list[str]:
        """The addresses asked for beyond the file itself and what it carries inside."""
        return [url for url in self.requests if url != self.address and not url.startswith("data:")]


@pytest.fixture
def visit(browser: Browser, pages: Path) -> Iterator[Any]:
    """Opens a page by name, with options of the browser context such as its width or colour scheme."""
    contexts = []

    def opened(name: str, width: int = 1200, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=True, **options)
        contexts.append(context)
        return Visit(context.new_page(), pages / f"{name}.html")

    yield opened
    for context in contexts:
        context.close()


def test_checks_see_a_page_that_breaks_its_promises(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        '<h1>A</h1><h3 style="color:#999">B</h3><p style="width:900px">C</p>'
        '<img src="http://127.0.0.1:9/x.png"><script>console.error("oh")</script>',
        encoding="utf-8",
    )
    visit = Visit(browser.new_page(viewport={"width": 360, "height": 800}), path)
    assert visit.asked_elsewhere() == ["http://127.0.0.1:9/x.png"]
    assert "oh" in visit.complaints
    assert visit.page.evaluate(FAINT_TEXT, READABLE) == {"checked": 3, "faint": ["B 2.85"]}
    assert len(visit.page.evaluate(OVERHANGING)) == 1
    assert not in_order(visit.page.evaluate(HEADING_LEVELS))
    visit.page.close()


@EVERY_PAGE
def test_opens_offline_without_requests_or_complaints(visit: Any, name: str) -> None:
    seen = visit(name)
    assert seen.asked_elsewhere() == []
    assert seen.complaints == []


@EVERY_PAGE
@pytest.mark.parametrize("width", [360, 768, 1024])
def test_fits_the_width(visit: Any, name: str, width: int) -> None:
    page = visit(name, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERHANGING) == []


@REPORT_PAGE
def test_wide_table_scrolls_inside_its_own_region(visit: Any, name: str) -> None:
    region = visit(name, 360).page.locator(".scroll")
    assert region.evaluate("(e) => e.scrollWidth > e.clientWidth")
    region.focus()
    region.press("ArrowRight")
    expect(region).not_to_have_js_property("scrollLeft", 0)


@EVERY_PAGE
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(visit: Any, name: str, scheme: str) -> None:
    found = visit(name, color_scheme=scheme).page.evaluate(FAINT_TEXT, READABLE)
    assert found["checked"] > 20
    assert found["faint"] == []


def test_dark_scheme_is_dark(visit: Any) -> None:
    grounds = [
        visit("en", color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds == ["rgb(255, 255, 255)", "rgb(22, 25, 28)"]


@EVERY_PAGE
def test_headings_are_in_order(visit: Any, name: str) -> None:
    levels = visit(name).page.evaluate(HEADING_LEVELS)
    assert levels.count(1) == 1
    assert in_order(levels)


@REPORT_PAGE
def test_pictures_show_and_have_alt_text(visit: Any, name: str) -> None:
    pictures = visit(name).page.evaluate("[...document.images].map((i) => [i.alt.trim(), i.naturalWidth])")
    assert pictures
    assert all(alt and width for alt, width in pictures)


@REPORT_PAGE
def test_data_behind_a_figure_downloads(visit: Any, name: str, tmp_path: Path) -> None:
    page = visit(name).page
    with page.expect_download() as waiting:
        page.locator("figure .src a[download]").click()
    download = waiting.value
    assert download.suggested_filename == "received.csv"
    download.save_as(tmp_path / "received.csv")
    assert (tmp_path / "received.csv").read_bytes() == BOM + CSV.encode("utf-8")


@REPORT_PAGE
def test_contents_lead_to_the_headings_and_mark_the_place(visit: Any, name: str) -> None:
    page = visit(name).page
    links = page.locator(".contents a")
    headings = page.locator("main h2").all_inner_texts()
    assert links.all_inner_texts() == headings
    for link in links.all():
        link.click()
        target = page.evaluate("document.querySelector(':target').textContent")
        assert target == link.inner_text()
        assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 800


@REPORT_PAGE
def test_evidence_row_stands_out_when_a_note_leads_to_it(visit: Any, name: str) -> None:
    page = visit(name).page
    ground = "(e) => getComputedStyle(e.querySelector('td')).backgroundColor"
    plain = page.locator("#e2").evaluate(ground)
    page.locator('sup a[href="#e2"]').click()
    assert page.locator("#e2").evaluate("(e) => e.matches(':target')")
    assert page.locator("#e2").evaluate(ground) != plain
    assert page.locator("#e3").evaluate(ground) == plain
    assert page.evaluate("document.querySelector('#e2').getBoundingClientRect().bottom") < 800


def test_languages_and_neighbours_are_one_click_away(visit: Any) -> None:
    page = visit("en").page
    page.locator("a.other").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator("a[rel=prev]").get_attribute("href") == "before.html"
    assert page.locator("a[rel=next]").get_attribute("href") == "after.html"
    page.locator("a.home").click()
    assert page.locator("h1").count() == 1
    assert page.url.endswith("index.html")


@pytest.mark.parametrize("width", [360, 1200])
def test_list_of_pages_is_there_once_at_any_width(visit: Any, width: int) -> None:
    lists = visit("en", width).page.locator("nav.pages")
    assert sum(shown.is_visible() for shown in lists.all()) == 1


@EVERY_PAGE
def test_keyboard_skips_to_the_content(visit: Any, name: str) -> None:
    page = visit(name).page
    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    assert box
    assert box["y"] >= 0, "the skip link shows itself when it is focused"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@REPORT_PAGE
def test_focus_is_visible(visit: Any, name: str) -> None:
    page = visit(name).page
    page.locator(".contents a").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@REPORT_PAGE
def test_paper_has_content_and_addresses_but_no_navigation(visit: Any, name: str) -> None:
    page = visit(name).page
    page.emulate_media(media="print")
    assert not any(nav.is_visible() for nav in page.locator("nav, .bar, .skip").all())
    assert page.locator("#closed dl").evaluate("(e) => e.checkVisibility() && e.offsetHeight > 0")
    after = "(e) => getComputedStyle(e, '::after').content"
    shown = page.locator("#e1 a").evaluate(after)
    assert "https://www.example.org/zwgk/content/post_1400000.html" in shown
    assert page.locator("figure").evaluate("(e) => getComputedStyle(e).breakInside") == "avoid"


@EVERY_PAGE
def test_prints_to_pdf(visit: Any, name: str) -> None:
    pdf = visit(name).page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf, "A4"


def in_order(levels: list[int]) -> bool:
    """Whether no heading is more than one level below the one before it."""
    return all(later <= earlier + 1 for earlier, later in zip([0, *levels], levels, strict=False))
