"""What every run needs, loaded once: importing this module is its work, and only the process that runs fork from does.

It is the one module of the package whose import has effects. Libraries are told to start no threads, since a process
with threads cannot be forked safely; the panel is read, and what the pages of the listed editions share is computed
(`analysis.page.warm`, where there is one). An error here is printed and ends nothing: runs then say what is wrong.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator

from analysis.errors import FazhiError

LIBRARIES = ("OPENBLAS", "OMP", "MKL", "NUMEXPR")
MODULES = ("analysis.refresh.run",)
PAGE = ("pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "analysis.page")
SLIM = os.environ.get("FAZHI_PRELOAD") == "slim"
"""Leaves out what only true pages need, for tests that start many refreshes of trivial notebooks."""
SLOW_AND_OPTIONAL = ("rfc3987_syntax",)
"""What jsonschema uses, if it is there, to check IRIs: 1.7 s."""
WARMED = 4
"""What pages share is computed for so many editions at most; others compute it in their runs."""


def load() -> None:
    """Imports and warms all that runs share."""
    os.environ.update({f"{name}_NUM_THREADS": "1" for name in LIBRARIES})
    gc.disable()  # what modules make stays, so that looking through it again and again is wasted
    for name in SLOW_AND_OPTIONAL:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in MODULES if SLIM else (*MODULES, *PAGE):
        with reported():
            importlib.import_module(name)
    for name in SLOW_AND_OPTIONAL:
        sys.modules.pop(name, None)
    with reported():
        from analysis.refresh import run

        run.warm_up()
    if not SLIM:
        with reported():
            _read_panel()
    gc.collect()
    gc.freeze()
    gc.enable()


def _read_panel() -> None:
    """Reads the panel and computes what the pages of the first listed editions share."""
    from analysis import editions, panel, project

    shared = panel.shared()
    warm: Callable[..., object] | None = getattr(sys.modules.get("analysis.page"), "warm", None)
    if warm is None:
        return
    for edition in editions.load(project.editions_file(), shared)[:WARMED]:
        warm(edition)


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Prints an error instead of raising it; of what a user can mend, the refresh or its runs will speak."""
    try:
        yield
    except FazhiError:
        return
    except Exception:
        traceback.print_exc()


load()
