"""What several tests of the trusted side's end of the wire need."""

from __future__ import annotations

import pytest

FORGER = """
import json
import os
import struct

WIRE = max(int(name) for name in os.listdir("/proc/self/fd"))

def frame(**fields):
    data = json.dumps(fields).encode()
    return struct.pack(">I", len(data)) + data

def send(data):
    wire = max(fd for fd in range(890, 1024) if os.path.exists(f"/proc/self/fd/{fd}"))
    os.write(wire, data)

def run(text):
    send(eval(text))
    return "honest"
"""


@pytest.fixture
def forger() -> str:
    """The text of a program that writes frames itself: `run(text)` sends what the expression gives."""
    return FORGER
