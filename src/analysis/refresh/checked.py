"""The editions of editions.toml, resolved and on checked data, remembered from one refresh to the next.

Checking every row and resolving every name takes pandas and seconds. What passed is noted in the state
folder, with what the index says of each edition and a hash of everything the verdict rests on: all of data/,
editions.toml, the package's source and its libraries. Any difference, or a note that cannot be read, and
everything is checked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analysis import project
from analysis.editions import Edition
from analysis.refresh import index
from analysis.refresh.plan import Inputs, hash_json
from analysis.refresh.publish import digest

Listed = Mapping[Edition, Mapping[str, Any]]
"""The listed editions in their order, and what the index says of each (`index.describe`)."""


def editions(inputs: Inputs, checking: bool = True) -> Listed:
    """The listed editions, once the data have passed their checks, which `checking` asks for.

    Raises:
        DataError: A row of data/ breaks a rule.
        InputError: editions.toml is missing or malformed, or an entry is not acceptable.
    """
    known = remembered(inputs)
    if known is not None:
        return known
    from analysis import check, panel
    from analysis import editions as resolver

    if checking:
        check.require(project.data_folder())
    loaded = panel.load()
    listed = {one: index.describe(one, loaded) for one in resolver.load(project.editions_file(), loaded)}
    if checking:
        note = {"rests_on": _rests_on(inputs), "editions": [[asdict(one), listed[one]] for one in listed]}
        draft = _note().with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # a folder that cannot be written is left for the refresh to refuse
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
            draft.replace(_note())
        with suppress(OSError):  # what a full disk left
            draft.unlink(missing_ok=True)
    return listed


def remembered(inputs: Inputs) -> Listed | None:
    """The listed editions as they were noted, or None where anything they rest on is different now."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(_note().read_bytes())
        if note["rests_on"] == _rests_on(inputs):
            return {Edition(**one): about for one, about in note["editions"]}
    return None


def _rests_on(inputs: Inputs) -> str:
    """The hash of all that the verdict on data and editions depends on."""
    return hash_json([dict(inputs.common), digest(project.editions_file().read_bytes())])


def _note() -> Path:
    return project.reports_folder().parent / ".refresh/checked.json"
