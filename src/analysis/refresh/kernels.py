"""Kernels that the host process starts: a provisioner and a kernel manager for jupyter_client.

The transport is IPC in a private directory: no port can be taken by another kernel that starts at the
same time, and nobody else can listen. Only the interpreter's own kernel is started, whatever kernel a
notebook's metadata names, so that a page never depends on what is installed beside it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.refresh.child import Child

KERNEL_NAME = "python3"
KERNEL_SPEC = KernelSpec(
    argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    display_name="Python 3",
    language="python",
)
"""The interpreter's own kernel; nobody looks for it in the folders where kernels are installed."""
ANSWER_SECONDS = 1.0
"""Seconds after which a kernel that has not answered is asked again, if it still lives."""
PUBLISH_SECONDS = 0.05
"""Seconds after its answer within which a kernel's own word of it should be heard; else it is asked again."""
CONNECT_MILLISECONDS = 10
"""Time after which a channel that found no kernel yet tries again; ZeroMQ would take 100 ms."""
EXIT_SECONDS = 0.5
"""Seconds to wait for a kernel that was killed."""


@dataclass(frozen=True)
class HostAddress:
    """Where the hosts listen, and a private folder for what their children leave.

    Attributes:
        socket: The address that the hosts' sockets have in common.
        folder: Folder for connection files, IPC sockets and logs.
    """

    socket: str
    folder: Path


class HostProvisioner(LocalProvisioner):
    """Starts kernels through the host; all else is as for a local kernel."""

    host: HostAddress
    cold: bool
    megabytes: int
    ahead: Sequence[Mapping[str, Any]]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """The connection information of a kernel that the host has started."""
        environment = {
            name: text for name, text in kwargs.get("env", {}).items() if os.environ.get(name) != text
        }
        request = {
            "role": "kernel",
            "cold": self.cold,
            "arguments": cmd,
            "folder": str(kwargs.get("cwd") or Path.cwd()),
            "environment": environment,
            "log": str(self.host.folder / "kernel.log"),
            "megabytes": self.megabytes,
            "ahead": self.ahead,
        }
        child = Child(self.host.socket, request)
        self.process = child  # type: ignore[assignment]
        self.pid = self.pgid = child.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kills the kernel and waits a moment, so that the manager need not (it looks every 0.1 s)."""
        await super().kill(restart)
        deadline = time.monotonic() + EXIT_SECONDS
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(EXIT_SECONDS / 100)


class HostKernelClient(AsyncKernelClient):
    """Talks to a kernel; it is ready as soon as both its channels were heard, not a fixed time later."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Waits until the kernel has answered on the shell channel and fallen idle on the iopub channel.

        After that no output of a cell can be lost, and nothing of the kernel's start is left to read.

        Raises:
            RuntimeError: The kernel died, or did not answer in time.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        while not await self._answers(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it answered")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel did not answer in {timeout} s")

    async def _answers(self, request: str) -> bool:
        """Whether the reply to a request and the end of its work are heard soon."""
        try:
            reply = await self.get_shell_msg(timeout=ANSWER_SECONDS)
            while reply["parent_header"].get("msg_id") != request:
                reply = await self.get_shell_msg(timeout=ANSWER_SECONDS)
            while True:
                said = await self.get_iopub_msg(timeout=PUBLISH_SECONDS)
                ended = said["content"].get("execution_state") == "idle"
                if ended and said["parent_header"].get("msg_id") == request:
                    return True
        except Empty:
            return False


class HostKernelManager(AsyncKernelManager):
    """Manages one kernel of the host, over IPC in the host's private folder."""

    kernel_spec = KERNEL_SPEC

    def __init__(
        self,
        host: HostAddress,
        cold: bool = False,
        megabytes: int = 0,
        ahead: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        identity = uuid.uuid4().hex[:8]
        super().__init__(
            kernel_name=KERNEL_NAME,
            kernel_id=identity,
            transport="ipc",
            connection_file=str(host.folder / f"{identity}.json"),
            client_factory=HostKernelClient,
        )
        self.context.setsockopt(zmq.RECONNECT_IVL, CONNECT_MILLISECONDS)
        self.provisioner = HostProvisioner(kernel_id=identity, kernel_spec=self.kernel_spec, parent=self)
        self.provisioner.host = host
        self.provisioner.cold = cold
        self.provisioner.megabytes = megabytes
        self.provisioner.ahead = ahead
