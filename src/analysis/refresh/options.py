"""How a refresh goes about its work: how many runs at a time, in which kernels, within which limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.refresh.task import Limits
from analysis.refresh.workshop import Kernels


@dataclass(frozen=True)
class Options:
    """How a refresh goes about it.

    Attributes:
        jobs: Runs at the same time; 0 for as many as there are cores.
        force: Run what is fresh, too.
        kernels: warm (forked from a preloaded process) or cold.
        limits: What each run may take.
        wait: Seconds to wait for another refresh to end.
        prune: Remove what is published and not in the plan: the editions given are all there are.
    """

    jobs: int = 0
    force: bool = False
    kernels: Kernels = "warm"
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    prune: bool = False
