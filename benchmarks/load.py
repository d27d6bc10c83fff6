"""Busy loops beside a measurement: processes that do nothing but use a CPU."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

_LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(1_000_000): pass"


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Runs `count` busy loops for the length of the block; they also end with this process."""
    running = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
