"""The expressions of `grammar.toml`, compiled once: what is a figure, what is none, and words around it.

An analyst adds measure words, dates or hotline names there and no Python. It refuses nothing: a wrong line
stops the import with the error of `re` or `tomllib`, and its test.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources

_RAW = tomllib.loads(resources.files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8"))
UNITS = {group: tuple(words.split()) for group, words in _RAW["units"].items()}
"""The measure words by group: case, measure, duration."""
_MEASURES = sorted({unit for units in UNITS.values() for unit in units}, key=lambda unit: (-len(unit), unit))
_PARTS = _RAW["parts"] | {"UNIT": "|".join(_MEASURES)}


def _compiled(words: str) -> re.Pattern[str]:
    """An expression with its {PARTS} put in, those of parts too."""
    while (filled := re.sub(r"\{([A-Z]+)\}", lambda part: _PARTS[part[1]], words)) != words:
        words = filled
    return re.compile(words, re.VERBOSE)


SKIP = _compiled("|".join(_RAW["skip"].values()))
"""What only looks like a figure: dates, ordinals of meetings, document, telephone and record numbers."""
FIGURE, CONTEXT, PARAGRAPH, TABLE, STRUCTURE = (
    {name: _compiled(words) for name, words in _RAW[group].items()}
    for group in ("figure", "context", "paragraph", "table", "structure")
)
