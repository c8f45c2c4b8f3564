"""What is computed ahead changes no page, is all that pages share, and is bounded."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest

from analysis import narrative, panel, project, report
from analysis.errors import InputError
from analysis.panel import Panel
from analysis.report import warm

EDITION = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong"}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Panel:
    """The panel that `latest` hands out copies of, of which nothing has been made."""
    fresh = panel.load()
    monkeypatch.setattr(panel, "shared", lambda: fresh)
    return fresh


def shown(page_id: str, whole: Panel) -> list[object]:
    """Everything that the notebook of a page shows in the other language than was studied."""
    page = report.open_page(page_id, **{**EDITION, "language": "zh"}, panel_=whole)
    cells = nbformat.read(project.notebooks_folder() / f"{page_id}.ipynb", 4).cells
    calls = [cell.source for cell in cells if cell.cell_type == "code" and cell.source.startswith("page.")]
    return [eval(call, {"page": page})._repr_mimebundle_() for call in calls]


def made(whole: Panel) -> Iterator[tuple[object, str]]:
    """Owner and name of everything that is kept with a panel, and with the rows of one city."""
    for owner, values in whole.made.items():
        for name, value in values.items():
            yield owner, name
            if isinstance(value, Panel):
                yield from (((owner, "its own rows"), inner) for _, inner in made(value))


def test_a_parameter_that_pages_would_refuse_is_refused(kept: Panel) -> None:
    with pytest.raises(InputError, match="language"):
        list(warm.study(**{**EDITION, "language": "de"}))
    with pytest.raises(InputError, match="2031"):
        next(warm.study(**{**EDITION, "year": 2031}))


def test_only_the_last_editions_are_kept(kept: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "PAGES", {"metrics": report.PAGES["metrics"]})
    for year in range(2017, 2017 + warm.KEPT + 1):
        kept.once(("440800", year, "guangdong"), "a", lambda: None)
    list(warm.study(**EDITION))
    subjects = [owner for owner in kept.made if isinstance(owner, tuple)]
    assert len(subjects) == warm.KEPT
    assert ("440800", 2017, "guangdong") not in subjects


@pytest.mark.slow
def test_pages_find_all_they_share_and_show_the_same(kept: Panel) -> None:
    steps = len(list(warm.study(**EDITION)))
    assert steps > sum(1 for _ in narrative.preload("en")), "templates alone were prepared"
    before = set(made(kept))
    bare = panel.load()
    for page_id in report.PAGES:
        outputs = shown(page_id, kept)
        assert outputs == shown(page_id, bare), page_id
        assert set(made(kept)) == before, page_id
