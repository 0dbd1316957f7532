"""How much memory a process holds."""

from __future__ import annotations

import resource
import sys


def peak() -> float:
    """The most memory this process ever held, in MiB; Linux counts it in KiB, macOS in bytes."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
