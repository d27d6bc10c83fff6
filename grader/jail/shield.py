"""Keeps our own processes from being read or traced by the student's, where both are the same user's."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def shield() -> None:
    """From now on nobody but root may trace this process or read its memory, environment or files in `/proc`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
