"""The hosts of a workshop, seen from outside: started, awaited, started again should one die, ended.

Both share one address; the socket of each is the address with its role. A host ends when its standard input
closes, so none outlives the process that started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import FazhiError
from analysis.refresh.child import socket_of
from analysis.refresh.preload import SINGLE_THREADED, Role

END_SECONDS = 10


class HostProcess:
    """One host: a process in the workshop's private folder.

    Attributes:
        ready: Whether it has loaded its libraries and listens.
        used: "warm", "cold", or why a host that should be warm is not.
        ready_seconds: How long it took to be ready.
    """

    def __init__(self, program: Sequence[str], role: Role, address: str, kernels: str) -> None:
        self.role = role
        self.ready = False
        self.used = kernels
        self.ready_seconds = 0.0
        self._log = Path(address).with_name(f"{role}.log")
        self._launched = time.monotonic()
        path = Path(socket_of(address, role))
        path.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *program, str(path), role, kernels],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **SINGLE_THREADED, "IPYTHONDIR": str(self._log.with_name("ipython"))},
                start_new_session=True,
            )

    @property
    def lost(self) -> bool:
        """Whether it was ready once and has ended."""
        return self.ready and self.process.poll() is not None

    def wait(self, seconds: float) -> None:
        """Waits until it is ready.

        Raises:
            FazhiError: It ended before, or took longer than so many seconds and was killed.
        """
        if self.ready:
            return
        assert self.process.stdout is not None
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            answer = self.process.stdout.readline()
        finally:
            timer.cancel()  # of an interrupted wait, too: Python ends only when its timers have
        if not answer:
            said = self._log.read_text(errors="replace").split("\n")
            last = next((line for line in reversed(said) if line.strip()), None)
            raise FazhiError("The process that runs are started from must come up", last)
        self.ready = True
        self.ready_seconds = time.monotonic() - self._launched
        self.used = json.loads(answer)["kernels"]

    def stop_loading(self) -> None:
        """Kills it unless it is ready, so that nobody waits for it any longer."""
        if not self.ready:
            self.process.kill()

    def close(self) -> None:
        """Ends it with everything it has started; a host that still loads is killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stop_loading()
        self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
