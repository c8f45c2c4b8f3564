"""Kernels that the host process starts: a provisioner and a kernel manager for jupyter_client.

The transport is IPC in a private directory: no port can be taken by another kernel that starts at the
same time, and nobody else can listen. Only the interpreter's own kernel is started, whatever kernel a
notebook's metadata names, so that a page never depends on what is installed beside it.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.refresh.child import Child

KERNEL_NAME = "python3"


@dataclass(frozen=True)
class HostAddress:
    """Where the host listens, and a private folder for what its children leave.

    Attributes:
        socket: Path of the host's socket.
        folder: Folder for connection files, IPC sockets and logs.
    """

    socket: str
    folder: Path


class HostProvisioner(LocalProvisioner):
    """Starts kernels through the host; all else is as for a local kernel."""

    host: HostAddress
    cold: bool
    megabytes: int

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
        }
        child = Child(self.host.socket, request)
        self.process = child  # type: ignore[assignment]
        self.pid = self.pgid = child.pid
        return self.connection_info


class HostKernelManager(AsyncKernelManager):
    """Manages one kernel of the host, over IPC in the host's private folder."""

    def __init__(self, host: HostAddress, cold: bool = False, megabytes: int = 0) -> None:
        identity = uuid.uuid4().hex[:8]
        super().__init__(
            kernel_name=KERNEL_NAME,
            kernel_id=identity,
            transport="ipc",
            connection_file=str(host.folder / f"{identity}.json"),
        )
        self.provisioner = HostProvisioner(kernel_id=identity, kernel_spec=self.kernel_spec, parent=self)
        self.provisioner.host = host
        self.provisioner.cold = cold
        self.provisioner.megabytes = megabytes
