"""Whether bytes are a Python source at all, before anything tries to run them."""

from __future__ import annotations

import codecs
import io
import tokenize

_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# Decoded to itself by every encoding that sources are written in, and not by those that escape or
# pack text; some of the latter take quadratic time, which a submission must not be able to ask for.
_PLAIN = bytes(code for code in range(32, 127) if code != ord("\\")) + b"\\u0041.xn--p1ai"


def source_problem(data: bytes) -> str:
    """What keeps `data` from being a Python source, to be read after the file's name; empty if nothing does."""
    if not data:
        return "is empty; write your solution into it"
    for mark, name in _WIDE_MARKS.items():
        if data.startswith(mark):
            return f"is saved as {name}; save it as UTF-8"
    if b"\0" in data:
        return f"is no text: {_place(data, data.index(0))} is a NUL byte; save it as plain text in UTF-8"
    return _encoding_problem(data)


def _encoding_problem(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except (SyntaxError, ValueError):
        # Either the first lines are not UTF-8, or what they declare is of no use.
        return _decoding_problem(data, "utf-8") or "declares an encoding that Python does not know; save it as UTF-8"
    if not _is_plain(encoding):
        return "declares an encoding that is not for source files; save it as UTF-8"
    return _decoding_problem(data, encoding)


def _is_plain(encoding: str) -> bool:
    try:
        return _PLAIN.decode(encoding) == _PLAIN.decode("ascii")
    except (LookupError, ValueError):
        return False


def _decoding_problem(data: bytes, encoding: str) -> str:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        # The codec that takes off a byte order mark does not count it.
        start = error.start + (len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0)
        name = "UTF-8" if encoding.startswith("utf-8") else f"{encoding}, which it declares"
        return f"is not {name}: {_place(data, start)} is 0x{data[start]:02x}; save it as UTF-8"
    return ""


def _place(data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"the byte at offset {offset} (line {line})"
