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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis import project
from analysis.editions import Edition
from analysis.refresh.keys import Inputs, digest, hash_json

NOTE = "checked.json"


@dataclass(frozen=True)
class Listed:
    """The listed editions in their order, and key -> what the index says of each (`index.describe`)."""

    editions: tuple[Edition, ...]
    about: Mapping[str, Mapping[str, Any]]


def editions(inputs: Inputs) -> Listed:
    """The listed editions, once the data have passed their checks.

    Raises:
        DataError: A row of data/ breaks a rule.
        InputError: editions.toml is missing or malformed, or an entry is not acceptable.
    """
    known = remembered(inputs)
    if known is not None:
        return known
    from analysis import check

    check.require(project.data_folder())
    listed = resolve()
    _remember(inputs, listed)
    return listed


def resolve() -> Listed:
    """The listed editions, resolved with the panel but without a check of its rows.

    Raises:
        DataError, InputError: As `editions`.
    """
    from analysis import editions as resolver
    from analysis import panel
    from analysis.refresh import index

    known = panel.load()
    found = resolver.load(project.editions_file(), known)
    return Listed(found, {one.key: index.describe(one, known) for one in found})


def remembered(inputs: Inputs) -> Listed | None:
    """The listed editions as they were noted, or None where anything they rest on is different now."""
    try:
        note = json.loads((_folder() / NOTE).read_bytes())
        if note["rests_on"] == _rests_on(inputs):
            return Listed(tuple(Edition(**one) for one in note["editions"]), dict(note["about"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _remember(inputs: Inputs, listed: Listed) -> None:
    """Notes editions; a folder that cannot be written is left for the refresh to refuse."""
    note = {"rests_on": _rests_on(inputs), **asdict(listed)}
    draft = _folder() / f"{NOTE}.{os.getpid()}"
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(note, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(draft.with_name(NOTE))
    except OSError:
        draft.unlink(missing_ok=True)


def _rests_on(inputs: Inputs) -> str:
    """The hash of all that the verdict on data and editions depends on."""
    return hash_json([dict(inputs.common), digest(project.editions_file().read_bytes())])


def _folder() -> Path:
    """The state folder of the project's reports."""
    return project.reports_folder().parent / ".refresh"
