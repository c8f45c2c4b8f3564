"""Who is told of a failure, of what, and what becomes of it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from fixture_project import KEEP

from analysis.cli import refreshing
from analysis.errors import InputError


@pytest.mark.parametrize("command", ["", "  ", "mail 'unclosed", "no-such-program-here --x"])
def test_what_is_no_command_is_refused(command: str) -> None:
    with pytest.raises(InputError, match="--notify"):
        refreshing.notify_words(command)


def test_no_shell_reads_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    marker = tmp_path / "made"
    words = refreshing.notify_words(f"{sys.executable} -c pass '; touch {marker}' $(touch {marker}) | cat")
    refreshing.tell_failure(words, 1, "{}")
    assert not marker.exists()
    assert capfd.readouterr().err == ""


def test_the_recap_and_the_exit_code_reach_the_command(tmp_path: Path) -> None:
    words = refreshing.notify_words(shlex.join([sys.executable, "-c", KEEP, str(tmp_path / "told")]))
    refreshing.tell_failure(words, 143, '{"rows": "湛江"}')
    assert (tmp_path / "told").read_text() == '143{"rows": "湛江"}'


@pytest.mark.parametrize(
    ("words", "said"),
    [([sys.executable, "-c", "raise SystemExit(3)"], "exit status 3"), (["/"], "Permission denied")],
)
def test_a_command_that_fails_is_a_sentence_and_no_exception(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    refreshing.tell_failure(words, 1, "{}")
    told = capfd.readouterr().err
    assert told.startswith("fazhi: --notify: ")
    assert said in told


def test_a_command_that_does_not_read_or_end_is_left(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(refreshing, "PATIENCE", 0.5)
    refreshing.tell_failure([sys.executable, "-c", "import time; time.sleep(60)"], 1, "x" * 1_000_000)
    assert "timed out after 0.5 seconds" in capfd.readouterr().err
