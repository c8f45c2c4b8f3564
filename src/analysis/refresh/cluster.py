"""Runs on a Dask cluster: the same function as on one machine, called in the cluster's worker processes.

A worker that dies takes its runs with it, and the scheduler gives them to another. Only the client publishes.
Refused is a worker whose checkout differs from the client's: the page's key would be a lie.
"""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from distributed import Client, Worker, WorkerPlugin, get_worker
from distributed.comm.addressing import get_address_host_port

from analysis import project
from analysis.errors import InputError
from analysis.refresh.plan import read_inputs
from analysis.refresh.pool import Outcome, Pool, Submit, Task

PATIENCE = 10  # seconds a scheduler has to answer


class RunPool(WorkerPlugin):
    """What a worker keeps while it serves: a pool of its own, closed when the worker goes."""

    name = "fazhi"

    def setup(self, worker: Worker) -> None:
        """Makes the pool; its libraries are loaded with the first run."""
        # Dask's nanny starts daemons, whom multiprocessing forbids children; ours end with the worker
        multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
        self.pool = Pool()

    def teardown(self, worker: Worker) -> None:
        """Ends what runs."""
        self.pool.close()


def render(expected: dict[str, str], task: Task) -> Outcome:
    """The outcome of a run on this worker, by its own notebook, if its checkout is as `expected`."""
    found, worker = shared_parts(), get_worker()
    if different := sorted(part for part, key in expected.items() if found.get(part) != key):
        return Outcome(f"the worker {worker.name} has other {', '.join(different)} than the client")
    here = project.notebooks_folder() / Path(task.notebook).name
    pool: Pool = worker.plugins[RunPool.name].pool  # type: ignore[attr-defined]
    return pool.render(replace(task, notebook=str(here)))


def shared_parts() -> dict[str, str]:
    """The parts of a key that all runs share, in the checkout of this process."""
    return dict(read_inputs(project.data_folder()).common)


@contextmanager
def cluster_workers(address: str) -> Iterator[Submit]:
    """The workers of the cluster whose scheduler is at an address, as in tcp://10.0.0.1:8786.

    Raises:
        InputError: Nothing answers at the address, or the cluster has no worker.
    """
    try:
        with socket.create_connection(get_address_host_port(address), PATIENCE):
            pass
        client = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        rule, fix = "A scheduler must answer at the address", "start a `dask scheduler`, or leave it out."
        raise InputError(rule, f"{address}: {error}", fix) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            fix = f"start one on each machine: `dask worker {address}`."
            raise InputError("A cluster must have a worker", address, fix)
        client.register_plugin(RunPool())
        executor = client.get_executor(pure=False, retries=2)  # type: ignore[no-untyped-call]
        try:
            yield partial(executor.submit, render, shared_parts())
        finally:
            with suppress(OSError, RuntimeError, CancelledError):
                executor.shutdown(wait=False)
                client.unregister_worker_plugin(RunPool.name)  # type: ignore[no-untyped-call]
