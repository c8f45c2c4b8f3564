"""A page of Zhanjiang 2020 whose outputs are caught."""

from __future__ import annotations

from typing import Any, cast

import pytest
from shown_outputs import Opened, Shown

from analysis.catalog import Language
from analysis.page import Page, open_page, outputs
from analysis.panel import Panel


@pytest.fixture
def opened(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens a page; returns it with the list that its outputs (data, metadata) go to."""

    def open_one(language: str = "en", city: str = "440800", year: int = 2020) -> tuple[Page, Shown]:
        shown: Shown = []

        def display(data: dict[str, Any], *, raw: bool, metadata: dict[str, Any]) -> None:
            assert raw
            shown.append((data, metadata))

        monkeypatch.setattr(outputs, "display", display)
        return open_page("04_other_cities", city, year, cast(Language, language), "guangdong", panel), shown

    return open_one
