"""The Unix socket on which a cell asks its zygote: one request, one answer; file descriptors travel, too."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from typing import Any

_SECONDS = 30.0
"""A zygote runs no student code: one that is silent for so long is broken."""

_WHOLE_MESSAGES = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM

_MOST_AT_ONCE = 100
"""Sockets in one answer; Linux lets 253 descriptors travel together."""


class JailError(Exception):
    """The jail itself failed: the grader's fault, never the student's."""


class Control:
    """Both ends of the socket, until the zygote has its own."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, _WHOLE_MESSAGES)

    def tell(self, settings: dict[str, Any]) -> None:
        """Sends what a zygote waits for first; one that has not started does not answer either."""
        with contextlib.suppress(OSError):
            self._ours.send(json.dumps(settings).encode())

    def receive(self, most_descriptors: int = 0) -> tuple[dict[str, Any], list[int]]:
        """The next thing that the zygote says, and the descriptors that come with it.

        Raises:
            JailError: it says nothing more.
        """
        self._ours.settimeout(_SECONDS)
        try:
            data, descriptors, _, _ = socket.recv_fds(self._ours, 65_536, most_descriptors)
        except OSError as error:
            raise JailError(f"the zygote does not answer: {error}") from None
        if not data:
            raise JailError("the zygote has ended")
        return json.loads(data), descriptors

    def request(self, descriptors: list[int] | None = None, **fields: Any) -> dict[str, Any]:
        """Asks for something, and gives the answer.

        Raises:
            JailError: there is none.
        """
        self._send(fields, descriptors or [])
        return self.receive()[0]

    def request_sockets(self, count: int) -> list[socket.socket]:
        """Fresh TCP sockets, made by the zygote.

        Raises:
            JailError: it makes none.
        """
        made: list[socket.socket] = []
        while len(made) < count:
            wanted = min(_MOST_AT_ONCE, count - len(made))
            self._send({"do": "sockets", "count": wanted}, [])
            _, descriptors = self.receive(_MOST_AT_ONCE)
            if len(descriptors) != wanted:
                raise JailError("the zygote passed no sockets")
            made += [socket.socket(fileno=descriptor) for descriptor in descriptors]
        return made

    def close(self) -> None:
        """Closes it: the zygote ends."""
        self._ours.close()
        self.theirs.close()

    def _send(self, fields: dict[str, Any], descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._ours, [json.dumps(fields).encode()], descriptors)
        except OSError as error:
            raise JailError(f"the zygote is gone: {error}") from None
