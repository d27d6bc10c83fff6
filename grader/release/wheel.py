"""The running grader as a wheel, the same bytes each time: a release brings it along to be installed from.

So a student's CI gets the very grader that made the release, and nobody else's package that has its name.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Collection
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.intake_copy import digest_of
from grader.release import ReleaseError
from grader.release.contents import Files

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: threadlab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_MODE = 0o100644 << 16


def wheel(pack: Files) -> tuple[str, bytes]:
    """The grader's package with a course's public part as its data.

    Args:
        pack: what `grade` finds where there is no other course.

    Returns:
        the file's name, and its content.

    Raises:
        ReleaseError: the grader was not installed, so that its name and requirements are not known.
    """
    try:
        installed = distribution("threadlab")
    except PackageNotFoundError:
        raise ReleaseError("threadlab is not installed, only lying here; install it: pip install .") from None
    files = {f"grader/{name}": data for name, data in _package().items()}
    files |= {f"grader/pack/{name}": data for name, data in pack.items()}
    version = f"{grader.__version__}+{digest_of(files)[-8:]}"  # pip takes what has another content for another version
    about = f"threadlab-{version}.dist-info"
    files |= {f"{about}/{name}": text.encode() for name, text in _metadata(installed, version).items()}
    files[f"{about}/RECORD"] = _record(files, f"{about}/RECORD")
    return f"threadlab-{version}-py3-none-any.whl", archive(files)


def archive(files: Files, executable: Collection[str] = ()) -> bytes:
    """A zip archive that depends on nothing but its content: sorted, without times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE | (0o111 << 16 if name in executable else 0)
            zipped.writestr(entry, files[name])
    return stream.getvalue()


def _package() -> Files:
    top = Path(grader.__file__).parent
    found = (path.relative_to(top) for path in top.rglob("*") if path.is_file())
    kept = (path for path in found if "__pycache__" not in path.parts and path.parts[0] != "pack")
    return {path.as_posix(): (top / path).read_bytes() for path in kept}


def _metadata(installed: Distribution, version: str) -> dict[str, str]:
    given = {name: installed.read_text(name) for name in ("METADATA", "entry_points.txt", "licenses/LICENSE")}
    found = {name: text for name, text in given.items() if text} | {"WHEEL": _WHEEL}
    found["METADATA"] = re.sub(r"(?m)^Version: .*$", f"Version: {version}", found["METADATA"], count=1)
    return found


def _record(files: Files, own_name: str) -> bytes:
    lines = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    return "\n".join([*lines, f"{own_name},,", ""]).encode()
