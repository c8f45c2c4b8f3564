"""What a host loads before it forks, and what it computes in advance while nobody asks it for a process.

Runs and kernels are forked from hosts of their own, which load side by side: a run needs no pandas, a kernel
no papermill. What a host works ahead is what pages would compute alike; a page that comes before it is ready
computes it itself, so nothing that a page shows depends on it.
"""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

Role = Literal["run", "kernel"]
PRELOADED: dict[Role, tuple[str, ...]] = {
    "run": ("analysis.refresh.run",),
    "kernel": (
        "ipykernel.kernelapp",
        "ipykernel.debugger",
        "ipykernel.ipkernel",
        "ipykernel.zmqshell",
        "IPython.core.completerlib",
        "IPython.core.debugger",
        "IPython.core.logger",
        "IPython.core.oinspect",
        "IPython.extensions.storemagic",
        "sqlite3",
        "tornado.platform.asyncio",
        "matplotlib.pyplot",
        "matplotlib_inline.backend_inline",
        "pandas",
        "analysis.report.warm",
    ),
}
"""What a warm host imports: the machinery of a run, or a kernel and what every notebook imports.

A module that has a function `warm_up` gets it called, so that no child has to do that work."""
STUDY = "analysis.report.warm"
"""Whose `study` says, step by step, what can be computed ahead for the pages of an edition."""
SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
REMEMBERED = 8
"""So many editions are waited for and remembered at most."""
SLOW_AND_OPTIONAL = ("rfc3987_syntax", "debugpy")
"""What jsonschema (to check IRIs) and ipykernel (to debug) use if it is there: 1.7 s and, a kernel, 0.7 s."""


def preload(role: Role) -> list[str]:
    """What of `PRELOADED` could not be imported (its error shows in runs); the rest is imported and warm."""
    missing = []
    gc.disable()  # what modules make stays, so that looking through it again and again is wasted
    for name in SLOW_AND_OPTIONAL:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in PRELOADED[role]:
        try:
            importlib.import_module(name)
        except Exception:
            traceback.print_exc()
            missing.append(name)
    for name in SLOW_AND_OPTIONAL:
        del sys.modules[name]
    for name in PRELOADED[role]:
        try:
            getattr(sys.modules.get(name), "warm_up", lambda: None)()
        except Exception:
            traceback.print_exc()
    gc.freeze()
    gc.enable()
    return missing


def thread_count() -> int:
    """Threads of this process; 1 where the system does not say."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


class Ahead:
    """What a host has yet to compute for editions whose pages were asked for, one short step at a time."""

    def __init__(self, study: Callable[..., Iterator[object]] | None = None) -> None:
        self._study = study or getattr(sys.modules.get(STUDY), "study", None)
        self._wanted: deque[Mapping[str, Any]] = deque(maxlen=REMEMBERED)
        self._seen: deque[Mapping[str, Any]] = deque(maxlen=REMEMBERED)
        self._steps: Iterator[object] | None = None

    @property
    def pending(self) -> bool:
        """Whether there is a step to take."""
        return self._steps is not None or bool(self._wanted)

    def want(self, editions: Sequence[Mapping[str, Any]]) -> None:
        """Notes the parameters of editions, those first whose pages come first; what is known is not news."""
        new = [one for one in editions if one not in self._seen] if self._study else []
        self._seen.extend(new)
        self._wanted.extend(new)

    def step(self) -> None:
        """Takes one step; an error ends the edition's steps, since its pages will say what is wrong."""
        assert self._study is not None
        try:
            if self._steps is None:
                self._steps = self._study(**self._wanted.popleft())
            next(self._steps)
        except StopIteration:
            self._steps = None
            gc.collect()
            gc.freeze()
        except Exception:
            traceback.print_exc()
            self._steps = None
