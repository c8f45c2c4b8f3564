"""What a notebook shows, and the only way onto a page: head, sentences, findings, figures, tables, evidence.

A notebook opens its page in one cell, and shows each part with one call. Bad parameters are refused in that
first cell, in the words in which a refresh refuses them.
"""

from __future__ import annotations

from analysis.page.page import CITY_PAGES, Page, open_page, warm

__all__ = ["CITY_PAGES", "Page", "open_page", "warm"]
