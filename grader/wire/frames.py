"""Frames: a 4-byte big-endian length and that many bytes of JSON, which are one message.

Lengths are checked before memory is taken, and whatever is no message is a `WireError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from grader.wire.messages import FromStudent, Message, ToStudent

MAX_FRAME = 1 << 20
"""The longest frame in bytes, its length not counted."""


class WireError(Exception):
    """The other side sent something that is not a frame of this protocol."""


_encoder = msgspec.json.Encoder()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {
    ToStudent: msgspec.json.Decoder(ToStudent),
    FromStudent: msgspec.json.Decoder(FromStudent),
}


def pack(message: Message) -> bytes:
    """The frame of `message`.

    Raises:
        WireError: the message does not fit into a frame or cannot be written as JSON.
    """
    try:
        body = _encoder.encode(message)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise WireError(f"message cannot be sent: {error}") from None
    if len(body) > MAX_FRAME:
        raise WireError(f"frame of {len(body)} bytes; at most {MAX_FRAME} are allowed")
    return len(body).to_bytes(4, "big") + body


def unpack(body: bytes, kind: Any) -> Any:
    """The message of kind `ToStudent` or `FromStudent` in the body of a frame.

    Raises:
        WireError: it is none.
    """
    try:
        return _decoders[kind].decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise WireError(f"not a message: {error}") from None


def body_length(header: bytes) -> int:
    """The length in bytes that a 4-byte header announces.

    Raises:
        WireError: it is more than `MAX_FRAME`.
    """
    length = int.from_bytes(header, "big")
    if length > MAX_FRAME:
        raise WireError(f"frame of {length} bytes announced; at most {MAX_FRAME} are allowed")
    return length


class Assembler:
    """Puts frames together from bytes as they come, for a side that must never block."""

    def __init__(self, kind: Any) -> None:
        """Args: kind: `ToStudent` or `FromStudent`, what the frames hold."""
        self._kind = kind
        self._buffer = bytearray()
        self._broken = ""

    def feed(self, data: bytes) -> Iterator[Any]:
        """Takes more bytes and yields each message that is complete.

        Raises:
            WireError: a frame too long, or not a message; from then on, whatever comes.
        """
        if self._broken:
            raise WireError(self._broken)
        self._buffer += data
        try:
            yield from self._complete()
        except WireError as error:  # where the next frame would begin, nobody knows
            self._broken = str(error)
            self._buffer.clear()
            raise

    def _complete(self) -> Iterator[Any]:
        while len(self._buffer) >= 4:
            length = body_length(bytes(self._buffer[:4]))
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield unpack(body, self._kind)

    @property
    def partial(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)
