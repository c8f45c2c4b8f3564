"""What every page would do first, done once in a process before it forks.

Nothing here decides what a page shows: a page of a process that was not warmed is the same, only later.
"""

from __future__ import annotations

import pandas as pd

from analysis import figures, panel, words


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
