"""What the outputs of a page are to its tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.page import Page

Shown = list[tuple[dict[str, Any], dict[str, Any]]]
"""Data and metadata of each output, in order."""
Opened = Callable[..., tuple[Page, Shown]]
"""Opens a page; gives it with the list that its outputs go to."""
