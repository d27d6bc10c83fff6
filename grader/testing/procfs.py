"""Reads files of /proc."""

from __future__ import annotations

import os

_AT_ONCE = 1 << 16


def read(path: str) -> str:
    """What a file of /proc holds; without the layers of `open`, since a test reads hundreds of them.

    Raises:
        OSError: there is no such file, or we may not read it.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = b""
        while more := os.read(descriptor, _AT_ONCE):  # whole lines, and not all of them at once
            data += more
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace")
