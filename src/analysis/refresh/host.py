"""The process that runs, or kernels, are started from, and that takes them down with it.

Warm, it imports what they need, stays single-threaded, and forks: a child has the libraries before its first
line and shares their memory; between requests it works ahead (`preload.Ahead`). Cold, or where the imports
started threads (a fork would copy only one of them), it forks and executes a fresh interpreter. Either way
each child is a process group of its own, started on a connection: the child's exit is reported on it, and
when its other end closes, the group is killed. When the host's own standard input closes, every group is
killed and the host ends. So nothing outlives a refresh, even one ended by SIGKILL.

It serves one user on a socket in a private directory and refuses nothing it is asked; POSIX only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from analysis.refresh.preload import Ahead, Role, preload, thread_count

REQUEST_LIMIT = 1 << 20


def _die_with_parent(parent: int) -> None:
    """Asks Linux to kill this process when the host dies; elsewhere the kernel's own poller does."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _data_size() -> int:
    """Bytes of data this process has mapped; 0 where the system does not say."""
    sizes = Path("/proc/self/statm")
    return int(sizes.read_text().split()[5]) * resource.getpagesize() if sizes.is_file() else 0


def _limit(megabytes: int) -> None:
    """Limits the memory this process may take, beyond what it shares with the host it comes from."""
    if megabytes:
        limit = (megabytes << 20) + _data_size()
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _reseed() -> None:
    """Gives a fork its own random numbers, as a fresh interpreter would have."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _become_kernel(arguments: list[str]) -> None:
    """Turns this process into an IPython kernel."""
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=arguments[arguments.index("ipykernel_launcher") + 1 :])


def _become_run(arguments: list[str]) -> None:
    """Turns this process into a run of one notebook."""
    from analysis.refresh import run

    folder, address = arguments[-2:]
    run.main(Path(folder), address)


ROLES = {"kernel": _become_kernel, "run": _become_run}


class Host:
    """Starts children on request, reports their exits, and kills those whose connection closes."""

    def __init__(self, listener: socket.socket, warm: bool) -> None:
        self.listener = listener
        self.warm = warm
        self.ahead = Ahead()
        self.children: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)

    def serve(self) -> None:
        """Serves until standard input closes, then kills every child."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, "control")
        self.selector.register(self.listener, selectors.EVENT_READ, "listener")
        self.selector.register(self.wake_read, selectors.EVENT_READ, "wake")
        try:
            while self._step():
                pass
        finally:
            for pid in self.children:
                _kill_group(pid)

    def _step(self) -> bool:
        """Handles what is ready, else works ahead; False when standard input has closed."""
        ready = self.selector.select(0 if self.ahead.pending else None)
        if not ready:
            self.ahead.step()
            self.warm = self.warm and thread_count() == 1
        for key, _ in ready:
            if key.data == "control" and not os.read(sys.stdin.fileno(), 1024):
                return False
            if key.data == "listener":
                self._accept()
            elif key.data == "wake":
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake_read, 1024)
                self._reap()
            elif isinstance(key.data, int):
                self._hang_up(key.data)
        return True

    def _accept(self) -> None:
        """Takes one connection, reads its request and starts the child."""
        connection, _ = self.listener.accept()
        connection.settimeout(5)
        try:
            request = json.loads(connection.makefile("rb").readline(REQUEST_LIMIT))
            self.ahead.want(request.get("ahead", ()))
            pid = os.fork()
            if pid == 0:
                self._child(connection, request)
        except (OSError, ValueError) as error:
            print(f"a request failed: {error}", file=sys.stderr, flush=True)
            connection.close()
            return
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self.children[pid] = connection
        self.selector.register(connection, selectors.EVENT_READ, pid)
        with contextlib.suppress(OSError):  # whoever asked is gone: that is seen, and the child killed, next
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")

    def _hang_up(self, pid: int) -> None:
        """Kills a child whose other end has closed; it is reaped like any other."""
        self.selector.unregister(self.children[pid])
        _kill_group(pid)

    def _reap(self) -> None:
        """Reports the exit of every child that has ended, and kills what it left of its group."""
        for pid in list(self.children):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                continue
            _kill_group(pid)
            _, status = os.waitpid(pid, 0)
            connection = self.children.pop(pid)
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(connection)
            with contextlib.suppress(OSError):
                connection.sendall(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode() + b"\n")
            connection.close()

    def _child(self, connection: socket.socket, request: Mapping[str, Any]) -> NoReturn:
        """Becomes what was asked for, in the process just forked; never returns."""
        code = 1
        try:
            parent = os.getppid()
            self._let_go(connection)
            _prepare(request, parent)
            if self.warm and not request["cold"]:
                _reseed()
                ROLES[request["role"]](request["arguments"])
                code = 0
            else:
                os.execve(request["arguments"][0], request["arguments"], dict(os.environ))
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(code)

    def _let_go(self, connection: socket.socket) -> None:
        """Closes, in a child, what belongs to the host."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.selector.close()
        for one in (self.listener, connection, *self.children.values()):
            one.close()
        os.close(self.wake_read)
        os.close(self.wake_write)


def _prepare(request: Mapping[str, Any], parent: int) -> None:
    """Sets up a child: its group, limits, folder, environment and standard streams."""
    os.setpgid(0, 0)
    _die_with_parent(parent)
    _limit(request["megabytes"])
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _kill_group(pid: int) -> None:
    """Kills a child with all of its process group; nothing happens when all are gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main(address: str, role: Role, kernels: str) -> None:
    """Serves one role on a socket at this address; says on standard output when it is ready, and how."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    missing = preload(role) if kernels == "warm" else []
    threads = thread_count()
    if kernels == "warm" and threads > 1:
        reason = f"preloading started {threads - 1} threads"
        os.execv(sys.executable, [sys.executable, "-P", "-m", "analysis.refresh.host", address, role, reason])
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen(256)
        print(json.dumps({"kernels": kernels, "missing": missing}), flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        Host(listener, kernels == "warm").serve()


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
