"""`fazhi` in a test project, as a process of its own: `python drive.py refresh --json`.

The project is at FAZHI_ROOT; files in its package/ stand for the package's own in the keys, so that an edit
of the checkout disturbs no test. HOST chooses what runs are forked from: the address of a host that already
runs, `slim` for a host of its own with the libraries of a trivial notebook only, or nothing for a true one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analysis import cli
from analysis.cli import refreshing
from analysis.refresh import host, inputs, preload, workshop

HEAVY = ("pandas", "numpy", "papermill", "nbconvert")
SLIM = tuple(name for name in preload.PRELOADED["kernel"] if name.split(".")[0] in ("IPython", "ipykernel"))


class BorrowedHost(workshop.Workshop):
    """A workshop whose host is somebody else's."""

    def launch(self) -> None:
        """Nothing: the host runs."""

    def start(self) -> str:
        """The address of the host."""
        return os.environ["HOST"]


class SlimHost(workshop.Workshop):
    """A workshop with a host that preloads little."""

    program = (__file__, "host")


def main() -> None:
    """Runs the command line, and says on standard error what heavy it had to import."""
    package = Path(os.environ["FAZHI_ROOT"], "package")
    refreshing.read_inputs = lambda data: inputs.read_inputs(data, package)
    if chosen := os.environ.get("HOST"):
        workshop.Workshop = SlimHost if chosen == "slim" else BorrowedHost  # type: ignore[misc]
    try:
        cli.main()
    finally:
        print("heavy:", *(name for name in HEAVY if name in sys.modules), file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1] == "host":
        preload.PRELOADED["kernel"] = SLIM
        host.main(*sys.argv[2:])
    else:
        main()
