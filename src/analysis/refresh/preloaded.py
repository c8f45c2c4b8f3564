"""What every run needs, loaded once: importing this module is its work, and only what runs fork from does it.

The panel is read, and what pages of the first listed editions share is computed (`analysis.page.warm`). An
error here ends nothing: it is printed, or, if a user can mend it, left for the refresh or its runs to say.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import time
import traceback

import psutil

from analysis.errors import FazhiError

SLIM = os.environ.get("FAZHI_PRELOAD") == "slim"  # for tests that start many refreshes of trivial notebooks
PAGE = () if SLIM else ("pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "analysis.page")
SLOW_AND_OPTIONAL = "rfc3987_syntax"  # 1.7 s; jsonschema uses it to check IRIs, if it is there
WARMED = 4  # editions at most; others compute what their pages share in their runs

# a process with threads cannot be forked safely
os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")})
gc.disable()  # what modules make stays, so that looking through it again and again is wasted
sys.modules[SLOW_AND_OPTIONAL] = None  # type: ignore[assignment]
try:
    for _name in ("analysis.refresh.run", *PAGE):
        importlib.import_module(_name)
    import nbformat

    from analysis.refresh import engine

    _book = nbformat.from_dict({"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]})  # type: ignore[no-untyped-call]
    with engine.cells_shell(_book) as _shell:
        _shell.run(_book.cells[0], 0)  # what the first cell of each run would do: schemas, a shell
    if not SLIM:
        from analysis import editions, page, panel, project

        for _edition in editions.load(project.editions_file(), panel.shared())[:WARMED]:
            page.warm(_edition)
except FazhiError:  # the refresh or its runs will speak of it
    pass
except Exception:
    traceback.print_exc()
del sys.modules[SLOW_AND_OPTIONAL]
gc.collect()
gc.freeze()
gc.enable()
SECONDS = time.time() - psutil.Process().create_time()
