"""Other facts for a page than the panel has, so that a test can say what depends on them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.report.context import Context


def put(context: Context, facts: pd.DataFrame) -> None:
    """Gives the page other facts, on a panel of which nothing has been computed."""
    context.panel = replace(context.panel)
    context._made["facts"] = facts
