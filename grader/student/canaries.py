"""Attempts from inside the jail: at what must be stopped, and at what must work."""

from __future__ import annotations

import os
import socket
from typing import Any

from grader.student.confining import PR_SET_DUMPABLE, prctl


def stopped(settings: dict[str, Any]) -> dict[str, bool]:
    """Tries what the tier should forbid; for each attempt whether it was stopped."""
    found = {}
    try:
        with open(settings["canary_file"]) as file:
            found["files"] = file.read() != settings["canary_text"]
    except OSError:
        found["files"] = True
    try:
        with socket.create_connection(("127.0.0.1", settings["canary_port"]), timeout=1):
            found["network"] = found["TCP"] = False
    except OSError:
        found["network"] = found["TCP"] = True
    try:
        os.kill(settings["canary_pid"], 0)
        found["processes"] = settings["canary_pid"] == os.getpid()  # ourselves, under the number it has outside
    except PermissionError:
        found["processes"] = False
    except ProcessLookupError:
        found["processes"] = True
    return found


def broken() -> str:
    """Tries, in a process as the student's will be, what every server does; what does not work, or nothing."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = b""
        try:
            prctl(PR_SET_DUMPABLE, 1)
            with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
                pass
        except OSError as error:
            said = f"a server cannot be started or reached: {error}".encode()
        finally:
            os.write(writing, said)
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(pid, 0)
    return told
