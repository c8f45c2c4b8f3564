"""What a refresh did, what it would do, and who is told: a row a run, an exit code, commands to try again.

No shell runs the command of `--notify`. It is told of failures only, and what becomes of it changes nothing.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from analysis import project
from analysis.errors import InputError
from analysis.refresh.plan import Inputs, Listed, State, plan, read_inputs, standings
from analysis.refresh.publish import Entry, load

GONE = "its edition or notebook is gone"
PATIENCE = 60.0  # seconds for the command of `--notify`


@dataclass(frozen=True)
class Row:
    """One run: its state and why, the seconds it took (cells alone, too), when its page was published."""

    edition: str
    notebook: str
    state: State
    reason: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    published: str = ""
    seconds: float = 0.0
    cell_seconds: float = 0.0

    @property
    def name(self) -> str:
        """Edition and notebook."""
        return f"{self.edition}/{self.notebook}"

    @classmethod
    def of(cls, entry: Entry, state: State, reason: str = "", *took: float) -> Row:
        """The row of a manifest's entry."""
        return cls(entry.edition, entry.notebook, state, reason, entry.parameters, entry.published, *took)


@dataclass(frozen=True)
class Recap:
    """What a refresh did: every run in the plan's order, wall time, notes, the time to load libraries."""

    rows: tuple[Row, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    preload_seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 when everything is fresh now, 1 when some run failed."""
        return int("failed" in self.counts)

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of rows."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def retries(self) -> list[str]:
        """The commands that try again what failed, each once."""
        failed = [row.parameters.items() for row in self.rows if row.state == "failed"]
        commands = (["fazhi refresh", *(f"--{name} {value}" for name, value in one)] for one in failed)
        return list(dict.fromkeys(map(" ".join, commands)))

    def to_json(self) -> str:
        """The recap as one JSON document."""
        derived = {"exit_code": self.exit_code, "counts": self.counts, "retries": self.retries}
        return json.dumps(derived | asdict(self), ensure_ascii=False, indent=1)


def status(editions: Listed, notebooks: Sequence[Path], inputs: Inputs | None = None) -> list[Row]:
    """How every run of these editions stands, then what is published of no other edition or notebook."""
    reports = project.reports_folder()
    entries = load(reports)[0].entries
    runs = plan(editions, notebooks, inputs or read_inputs(project.data_folder()))
    stand = standings(runs, entries, reports)
    rows = [Row.of(entries.get(run.entry.name, run.entry), state, why) for run, state, why in stand]
    gone = sorted(entries.keys() - {row.name for row in rows})
    return rows + [Row.of(entries[name], "orphan", GONE) for name in gone]


def notify_words(command: str) -> list[str]:
    """The words of a command; an `InputError` where it is none, or its program cannot be found."""
    words: list[str] = []
    with suppress(ValueError):
        words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        fix = "write it as in --notify 'mail -s Fazhi me@example.org'."
        raise InputError("--notify must name a program that can be run", command, fix)
    return words


def notify(command: Sequence[str], exit_code: int, recap: str) -> None:
    """Tells a command of a failure: the recap on its input, the code in FAZHI_EXIT; it prints on stderr."""
    if command and exit_code:
        environment = {**os.environ, "FAZHI_EXIT": str(exit_code)}
        how: dict[str, Any] = {"stdout": sys.stderr.fileno(), "env": environment, "timeout": PATIENCE}
        try:
            subprocess.run(command, input=recap.encode(), check=True, **how)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"fazhi: --notify: {error}", file=sys.stderr)
