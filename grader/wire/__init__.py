"""What the trusted pytest process and the student process say to each other, and how it is written.

`messages` (what can be said), `frames` (a message as bytes), `values` (a program's value as data in a message). Nothing
here trusts the other side: unknown fields and tags are refused, and every fault in a frame is a `WireError`. The
student process has nothing of `grader` but this and `grader.student`.
"""

from __future__ import annotations

from grader.wire.frames import MAX_FRAME, Assembler, WireError, body_length, pack, unpack
from grader.wire.messages import (
    Answer,
    Asked,
    AskLines,
    AskStacks,
    AskStarted,
    Began,
    Exiting,
    Explored,
    Fetch,
    Frame,
    FromStudent,
    Invoke,
    Keep,
    Lines,
    Load,
    Message,
    Observed,
    OpenWorld,
    Raised,
    ReleaseExit,
    Returned,
    RunWorld,
    Stacks,
    Started,
    ThreadStack,
    ToStudent,
    Working,
    asks,
    begins,
)
from grader.wire.values import MAX_DEPTH, decode, encode, measure

__all__ = [
    "MAX_DEPTH",
    "MAX_FRAME",
    "Answer",
    "AskLines",
    "AskStacks",
    "AskStarted",
    "Asked",
    "Assembler",
    "Began",
    "Exiting",
    "Explored",
    "Fetch",
    "Frame",
    "FromStudent",
    "Invoke",
    "Keep",
    "Lines",
    "Load",
    "Message",
    "Observed",
    "OpenWorld",
    "Raised",
    "ReleaseExit",
    "Returned",
    "RunWorld",
    "Stacks",
    "Started",
    "ThreadStack",
    "ToStudent",
    "WireError",
    "Working",
    "asks",
    "begins",
    "body_length",
    "decode",
    "encode",
    "measure",
    "pack",
    "unpack",
]
