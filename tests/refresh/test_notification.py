"""Who is told of a failure, of what, and what becomes of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from fixture_project import KEEP

from analysis.errors import InputError
from analysis.refresh import recap


@pytest.mark.parametrize("command", ["", "  ", "mail 'unclosed", "no-such-program-here --x"])
def test_what_is_no_command_is_refused(command: str) -> None:
    with pytest.raises(InputError, match="--notify"):
        recap.notify_words(command)


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    marker = tmp_path / "made"
    words = recap.notify_words(f"{sys.executable} -c pass '; touch {marker}' $(touch {marker}) | cat")
    assert recap.notify(words, 1, "{}") == ""
    assert not marker.exists()


def test_the_recap_and_the_exit_code_reach_the_command(tmp_path: Path) -> None:
    words = recap.notify_words(shlex.join([sys.executable, "-c", KEEP, str(tmp_path / "told")]))
    assert recap.notify(words, 143, '{"rows": "湛江"}') == ""
    assert (tmp_path / "told").read_text() == '143{"rows": "湛江"}'


def test_a_command_that_fails_is_a_sentence_and_no_exception() -> None:
    assert recap.notify([sys.executable, "-c", "raise SystemExit(3)"], 1, "{}").endswith("ended with 3")
    assert "could not be run" in recap.notify(["/"], 1, "{}")


def test_a_command_that_does_not_read_or_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recap, "PATIENCE", 0.5)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert "did not end" in recap.notify(sleep, 1, "x" * 1_000_000)
