"""The package stays small: what a folder may hold at most, and no drawing library or page module comes
back."""

from __future__ import annotations

from collections import Counter

import pytest
from repository import PACKAGE, modules

GONE = ("figures", "report", "narrative", "store.py")
"""What was deleted: pages are notebooks, charts are seaborn's, sentences stand in notebooks."""


def sizes() -> Counter[str]:
    """Lines of Python by folder; single modules count as `.`."""
    found: Counter[str] = Counter()
    for path in modules():
        parts = path.relative_to(PACKAGE).parts
        found[parts[0] if len(parts) > 1 else "."] += len(path.read_text("utf-8").splitlines())
    return found


@pytest.mark.parametrize("name", GONE)
def test_what_was_deleted_stays_away(name: str) -> None:
    assert not (PACKAGE / name).exists()
