"""Fixtures of the audit: the repository's identities, and a runner over a few rows."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from audit_frames import Row, frame

from analysis import audit
from analysis.catalog import Catalog
from analysis.panel import Panel


@pytest.fixture(scope="session")
def identities(panel: Panel) -> audit.Identities:
    """The identities of the repository."""
    return panel.identities


@pytest.fixture(scope="session")
def catalog(panel: Panel) -> Catalog:
    """The catalogue of the repository."""
    return panel.catalog


@pytest.fixture
def run(identities: audit.Identities, catalog: Catalog) -> Callable[..., pd.DataFrame]:
    """The findings on some rows, by check if one is named."""

    def findings(*rows: Row, check: str = "") -> pd.DataFrame:
        found = audit.findings(frame(*rows), identities, catalog)
        return found[found["check"] == check].reset_index(drop=True) if check else found

    return findings
