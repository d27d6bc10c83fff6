"""What the zygote finds open, and what shut."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from grader.student import canaries


def tried(tmp_path: Path, **given: Any) -> dict[str, bool]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (tmp_path / "canary").write_text("canary")
        settings = {
            "canary_file": str(tmp_path / "canary"),
            "canary_text": "canary",
            "canary_port": listener.getsockname()[1],
            "canary_pid": os.getppid(),
        }
        return canaries.stopped(settings | given)


def test_canaries_find_what_is_open(tmp_path: Path) -> None:
    assert tried(tmp_path) == dict.fromkeys(["files", "network", "TCP", "processes"], False)


def test_canaries_find_what_is_shut(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = tried(tmp_path, canary_file="/nowhere", canary_port=closed.getsockname()[1], canary_pid=2**22 + 1)
    assert found == dict.fromkeys(["files", "network", "TCP", "processes"], True)


def test_a_process_that_has_our_own_number_is_ourselves(tmp_path: Path) -> None:
    """A grader that is process 1 of its container has the number that the zygote has in its jail."""
    assert tried(tmp_path, canary_pid=os.getpid())["processes"]
