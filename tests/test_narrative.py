"""Every section and figure has its words in both languages; a value that is missing is an error."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import jinja2
import pytest

from analysis import narrative
from analysis.catalog import LANGUAGES, Language
from analysis.errors import FazhiError
from analysis.report import PAGES

FOLDER = Path(str(resources.files("analysis"))) / "narrative"
REPORT = "".join(path.read_text("utf-8") for path in (FOLDER.parent / "report").glob("*.py"))
"""The sources that name templates; that each figure finds its words is seen where the pages are rendered."""
BANNED = {
    "en": re.compile(r"\b(wrong|false|cheat\w*|lied|better|worse)\b", re.IGNORECASE),
    "zh": re.compile(r"造假|错误|更好|更差"),
}


def names(language: str) -> set[str]:
    """The templates of a language, by page and section."""
    return {str(path.relative_to(FOLDER / language)) for path in (FOLDER / language).rglob("*.j2")}


def test_a_section_without_template_is_an_error() -> None:
    with pytest.raises(FazhiError, match="must have a template") as caught:
        narrative.render("en", "01_report_profile", "conclusions")
    assert "01_report_profile/conclusions (en)" in caught.value.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_that_was_not_given_is_an_error(language: Language) -> None:
    with pytest.raises(FazhiError, match="may print only what it is given") as caught:
        narrative.render(language, "01_report_profile", "title")
    assert "title.md.j2" in caught.value.message


def test_a_preloaded_template_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {name.removeprefix("en/") for name in narrative.preload("en")} == names("en")
    monkeypatch.setattr(jinja2.Environment, "compile", None)
    assert narrative.render("en", "metrics", "title")
    assert narrative.render("en", "metrics", "use", facts=0).startswith("no figure yet")


def test_both_languages_have_the_same_templates() -> None:
    assert names("en") == names("zh")
    assert len(names("en")) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page_id", PAGES)
def test_every_section_has_its_template_and_none_is_idle(page_id: str, language: str) -> None:
    contents = PAGES[page_id]
    common = {path.name.removesuffix(".md.j2") for path in (FOLDER / language / "common").iterdir()}
    own = {path.name.removesuffix(".md.j2") for path in (FOLDER / language / page_id).iterdir()}
    needed = ({"title", "lead"} | set(contents.sections)) - {"head"}
    assert needed - own - common == set()
    figures = {f"{kind}_{name}" for name in contents.figures for kind in ("figure", "absent")}
    named = {name for name in own if f'"{name}"' in REPORT or f'"{name.removeprefix("figure_")}"' in REPORT}
    assert own - needed - figures - named == set(), "a template that no section or figure uses"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_accuses_or_praises(language: Language) -> None:
    found = {
        path.name: words
        for path in (FOLDER / language).rglob("*.j2")
        if (words := BANNED[language].findall(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figures_words_are_title_subtitle_and_alternative(language: Language) -> None:
    for path in (FOLDER / language).rglob("figure_*.j2"):
        parts = [part for part in re.split(r"\n{2,}", path.read_text("utf-8").strip()) if part.strip()]
        assert len(parts) == 3, path.name
