"""A refresh as a process of its own, for tests that kill it: `python drive.py ROOT [force]`."""

from __future__ import annotations

import sys
from pathlib import Path

from fixture_project import CHINESE, ENGLISH, describe

from analysis.errors import FazhiError
from analysis.refresh import engine, inputs
from analysis.refresh.options import Options
from analysis.refresh.task import Limits


def main(root: Path, *flags: str) -> int:
    """The exit code of a refresh of a test project."""
    options = Options(jobs=2, force="force" in flags, limits=Limits(seconds=60))
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    engine.read_inputs = lambda data: inputs.read_inputs(data, root / "package")
    try:
        recap = engine.refresh(
            [ENGLISH, CHINESE], notebooks, describe, reports=root / "reports", options=options
        )
    except FazhiError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    print(recap.to_json())
    return recap.exit_code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
