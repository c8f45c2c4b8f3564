"""What every page would do first, done once in a process before it forks, and what pages would compute alike.

Nothing here decides what a page shows: a page of a process that was not warmed is the same, only later.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis import figures, narrative, panel, words
from analysis.editions import check_language
from analysis.report import PAGES, open_page

KEPT = 4
"""What was computed for so many cities and years is kept at a time."""


def warm_up() -> None:
    """None; the panel is loaded, to be shared by the pages that find the data as they are now.

    A figure is drawn, because a library's first figure takes far longer than its second.
    """
    panel.latest()
    label = words.label("word", "sources", "zh")
    frame = pd.DataFrame({"label": [label], "value": [1.0], "note": "", "role": "focus"})
    drawing = figures.bars(frame, words=figures.Words(*[label] * 6), axis_label=label)
    text = figures.ChartText(title=label, subtitle=label, alt=f"{label} 1", source=label)
    figures.save_figure(drawing, name="warm", text=text, data=frame, csv_label=label)


def study(*, city: str, year: int, language: str, peers: str) -> Iterator[None]:
    """Does, a step at a time, what the pages of an edition share with each other or in both languages.

    What is computed is kept with the panel that `panel.latest` hands out copies of, for the cities and years
    asked for last; then the templates of the language are compiled.

    Raises:
        InputError: A parameter is not acceptable; as the edition's pages will say.
    """
    whole = panel.shared()
    for page_id, contents in PAGES.items():
        page = open_page(page_id, city=city, year=year, language=language, peers=peers, panel_=whole)
        for make in contents.ahead:
            make(page.context)
            yield
    subjects = [owner for owner in whole.made if isinstance(owner, tuple)]
    for owner in subjects[:-KEPT]:
        del whole.made[owner]
    for _ in narrative.preload(check_language(language)):
        yield
