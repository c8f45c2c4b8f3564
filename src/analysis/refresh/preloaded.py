"""What every run needs, loaded once: importing this module is its work, and only what runs fork from does it.

It is the one module of the package whose import has effects. Libraries are told to start no threads, since a
process with threads cannot be forked safely; the panel is read, and what pages of the listed editions share
is computed (`analysis.page.warm`). An error here is printed and ends nothing: runs then say what is wrong.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Iterator

from analysis.errors import FazhiError

SLIM = os.environ.get("FAZHI_PRELOAD") == "slim"
"""Leaves out what only true pages need, for tests that start many refreshes of trivial notebooks."""
PAGE = () if SLIM else ("pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "analysis.page")
SLOW_AND_OPTIONAL = ("rfc3987_syntax",)
"""What jsonschema uses, if it is there, to check IRIs: 1.7 s."""
WARMED = 4
"""What pages share is computed for so many editions at most; others compute it in their runs."""


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Prints an error instead of raising it; of what a user can mend, the refresh or its runs will speak."""
    try:
        yield
    except FazhiError:
        return
    except Exception:
        traceback.print_exc()


os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")})
gc.disable()  # what modules make stays, so that looking through it again and again is wasted
sys.modules.update(dict.fromkeys(SLOW_AND_OPTIONAL))  # type: ignore[arg-type]
for _name in ("analysis.refresh.run", *PAGE):
    with _reported():
        importlib.import_module(_name)
for _name in SLOW_AND_OPTIONAL:
    sys.modules.pop(_name, None)
with _reported():
    importlib.import_module("analysis.refresh.run").warm_up()
if not SLIM:
    with _reported():
        from analysis import editions, page, panel, project

        for _edition in editions.load(project.editions_file(), panel.shared())[:WARMED]:
            page.warm(_edition)
gc.collect()
gc.freeze()
gc.enable()
