"""Hashes of plain values and of files, the same whatever the order they are met in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.refresh.manifest import digest


def hash_json(value: Any) -> str:
    """The SHA-256 of a plain value, the same whatever the order of its mappings."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return digest(text.encode())


def hash_files(folder: Path, files: Iterable[Path]) -> str:
    """The SHA-256 over names (relative to the folder) and bytes of files, in order of name."""
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def input_files(folder: Path) -> list[Path]:
    """The files below a folder that can be inputs: nothing hidden, no byte code."""
    return [
        path
        for path in folder.rglob("*")
        if path.suffix != ".pyc"
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]
