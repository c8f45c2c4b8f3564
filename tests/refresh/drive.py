"""`fazhi` in a test project, as a process of its own: `python drive.py refresh --json`.

The project is at FAZHI_ROOT; files in its package/ stand for the package's own in the keys, so that an edit
of the checkout disturbs no test. FAZHI_PRELOAD says what runs are forked from; see `commanded`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analysis import cli
from analysis.cli import refreshing
from analysis.refresh import orchestration, plan

HEAVY = ("pandas", "numpy", "papermill", "nbconvert", "IPython")


def main() -> None:
    """Runs the command line, and says on standard error what heavy it had to import."""
    package = Path(os.environ["FAZHI_ROOT"], "package")
    for module in (refreshing, orchestration):
        module.read_inputs = lambda data, _=None: plan.read_inputs(data, package)
    try:
        cli.main()
    finally:
        print("heavy:", *(name for name in HEAVY if name in sys.modules), file=sys.stderr)


if __name__ == "__main__":
    main()
