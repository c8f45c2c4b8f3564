"""Who a city is set beside: all of its level, its province, a named group, or its nearest neighbours.

A group is a list of region codes of the level of the focus, the focus among them where it is a member; it
says nothing of who reports. It refuses unknown names, a group without a region of that level, and nearest
neighbours where context is known of too few.
"""

from __future__ import annotations

from analysis import words
from analysis.compare.levels import same_province
from analysis.compare.neighbours import COUNT, nearest, neighbours
from analysis.errors import InputError
from analysis.panel import Panel


def group(panel: Panel, name: str, focus: str, year: int) -> tuple[str, ...]:
    """The region codes of a comparator group.

    Args:
        panel: The whole panel.
        name: `all`, `province`, `nearest`, or a group of data/peer_groups.csv.
        focus: The region that is compared.
        year: The year, on which nearest neighbours depend.

    Raises:
        InputError: There is no such group, none of it is of the level of the focus, the focus lies in no
            province, or neighbours cannot be told; the message says why.
    """
    panel.catalog.check_group(name)
    if name == "all":
        regions = panel.catalog.regions
        return tuple(code for code, region in regions.items() if region.level == regions[focus].level)
    if name == "province":
        return same_province(panel, focus)
    return _nearest(panel, focus, year) if name == "nearest" else panel.catalog.peers(name, focus)


def _nearest(panel: Panel, focus: str, year: int) -> tuple[str, ...]:
    table = nearest(panel, focus, year, COUNT)
    found = neighbours(table)
    if not found:
        reasons = ", ".join(words.label("reason", code, "en") for code in table["reasons"].iloc[0])
        raise InputError(
            "Nearest neighbours need population, gross regional product and divisions of ten regions",
            f"{focus} in {year}: {reasons}",
            "choose the peers province, all or a group of data/peer_groups.csv.",
        )
    return (focus, *found)
