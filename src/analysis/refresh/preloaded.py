"""What every run needs, loaded once: importing this module is its work, and only what runs fork from does it.

It is the one module of the package whose import has effects. Libraries are told to start no threads, since a
process with threads cannot be forked safely; what any run would do first is done; the panel is read, and what
pages of the listed editions share is computed (`analysis.page.warm`). An error here is printed and ends
nothing: runs then say what is wrong.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from analysis.errors import FazhiError

SLIM = os.environ.get("FAZHI_PRELOAD") == "slim"
"""Leaves out what only true pages need, for tests that start many refreshes of trivial notebooks."""
PAGE = () if SLIM else ("pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "analysis.page")
SLOW_AND_OPTIONAL = "rfc3987_syntax"
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


def warm_up() -> None:
    """Does once what each run would do first: schemas, templates, a first cell."""
    import nbformat
    import papermill

    from analysis.refresh import engine, export

    fields = ("page_id", "title", "lead", "kicker", "city_name", "description", "language", "year")
    words = {export.PAGE_MIME: dict.fromkeys(fields, "-")}
    shown = f"display({words}, raw=True, metadata={{'fazhi': 'head'}})"
    v4: Any = nbformat.v4
    cells = [v4.new_code_cell("city = 1", metadata={"tags": ["parameters"]}), v4.new_code_cell(shown)]
    kernel = {"name": "python3", "language": "python", "display_name": "-"}
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    papermill.engines.papermill_engines.register(engine.NAME, engine.InProcessEngine)
    done = papermill.execute_notebook(made, None, {"city": 2}, engine_name=engine.NAME, progress_bar=False)
    context = {"edition": "-", "stem": "-", "pages": [["-", "-"]], "position": 1, "other_language": None}
    for language in export.LANGUAGES:
        done.cells[-1].outputs[0].data[export.PAGE_MIME]["language"] = language
        export.export(done, {**context, "language": language, "index": "-", "data_version": "-"})


os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")})
gc.disable()  # what modules make stays, so that looking through it again and again is wasted
sys.modules[SLOW_AND_OPTIONAL] = None  # type: ignore[assignment]
for _name in ("analysis.refresh.run", *PAGE):
    with _reported():
        importlib.import_module(_name)
del sys.modules[SLOW_AND_OPTIONAL]
with _reported():
    warm_up()
if not SLIM:
    with _reported():
        from analysis import editions, page, panel, project

        for _edition in editions.load(project.editions_file(), panel.shared())[:WARMED]:
            page.warm(_edition)
gc.collect()
gc.freeze()
gc.enable()
