"""A process started by the host, seen from the process that asked for it.

The connection is the leash: the host reports the exit on it, and kills the child when it closes.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from typing import Any

ANSWER_SECONDS = 60.0
"""Seconds to wait for a host's answer: between two requests it works ahead, a step at a time, and a step that
reads a panel of national size takes seconds."""


def socket_of(address: str, role: str) -> str:
    """The path of the socket on which the host of a role takes requests."""
    return f"{address}.{role}"


class Child:
    """A process the host started for us, with the methods of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, host: str, request: Mapping[str, Any], timeout: float = ANSWER_SECONDS) -> None:
        """Asks the host of the request's role, at an address, for a child.

        Raises:
            OSError: The host cannot be reached or cannot start one.
        """
        self.returncode: int | None = None
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(timeout)
        self.connection.connect(socket_of(host, request["role"]))
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        self.stream = self.connection.makefile("rb")
        answer = self.stream.readline()
        if not answer:
            raise OSError("the host could not start a process")
        self.pid: int = json.loads(answer)["pid"]
        self.connection.settimeout(None)

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs; -9 when the host is gone."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: It has not ended in time.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self.connection], [], [], timeout)[0]:
            answer = b""
            with contextlib.suppress(OSError):
                answer = self.stream.readline()
            self.returncode = json.loads(answer)["exit"] if answer else -signal.SIGKILL
            self.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to the child's process group."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def terminate(self) -> None:
        """Asks the child to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the child with all of its group."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Lets go of the child: the host kills it if it still runs."""
        self.stream.close()
        self.connection.close()


def wait_until(deadline: float, child: Child) -> int | None:
    """The exit code of a child, or None if it still runs at the deadline (monotonic seconds)."""
    try:
        return child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None
