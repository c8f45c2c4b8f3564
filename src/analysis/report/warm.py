"""What every page would do first, done once in a process before it forks.

Nothing here decides what a page shows: a page of a process that was not warmed is the same, only later.
"""

from __future__ import annotations

from analysis import panel


def warm_up() -> None:
    """None; the panel is loaded, to be shared by the pages that find the data as they are now."""
    panel.latest()
