"""Measures how long it takes from `git clone` of a release to points, the hidden tests sealed, pip's cache warm.

    python benchmarks/release.py [--times 3]

Seals and releases the pack, solves it with the references, and then does what a fresh machine would: clones the
repository, makes a virtual environment, installs what `requirements.txt` says, grades with the sealed tests. Prints
the seconds of each part.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
_DEMANDED_SECONDS = 30.0


def main() -> None:
    """Prints the table; exit status 1 if points are missing or the demanded time is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        repository = _published(folder)
        _points_from_clone(repository, folder)  # fills pip's cache
        runs = [_points_from_clone(repository, folder) for _ in range(times)]
    for part in runs[0]:
        print(f"{part:<22} {statistics.median(run[part] for run in runs):6.2f} s")
    total = statistics.median(sum(run.values()) for run in runs)
    print(f"{'from clone to points':<22} {total:6.2f} s (demanded: at most {_DEMANDED_SECONDS:g})")
    sys.exit(total > _DEMANDED_SECONDS)


def _published(folder: Path) -> Path:
    """A student's repository with the references in it, and `tests.sealed` and `key` beside it."""
    grade = [sys.executable, "-m", "grader.cli"]
    repository = folder / "repository"
    for arguments in (
        ["seal", str(folder / "tests.sealed"), "--new-key", str(folder / "key")],
        ["release", str(repository), "--sealed", str(folder / "tests.sealed")],
    ):
        subprocess.run([*grade, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    for stub in repository.glob("exercises/*/*.py"):
        if stub.stem == stub.parent.name:
            shutil.copy(ROOT / "solutions" / stub.stem / stub.name, stub)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "work"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    return repository


def _points_from_clone(repository: Path, folder: Path) -> dict[str, float]:
    """Seconds of each part, on a machine that has nothing yet."""
    clone = folder / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    result, key = folder / "result.json", folder / "key"
    parts: dict[str, list[str]] = {
        "git clone": ["git", "clone", "-q", str(repository), str(clone)],
        "virtual environment": [sys.executable, "-m", "venv", ".venv"],
        "pip install": [".venv/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", "requirements.txt"],
        "grade": [".venv/bin/grade", "run", "--sealed", "tests.sealed", "--key-file", str(key), "--json", str(result)],
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    seconds = {}
    for part, command in parts.items():
        start = time.monotonic()
        cwd = clone if clone.exists() else folder
        subprocess.run(command, cwd=cwd, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds[part] = time.monotonic() - start
    score = json.loads(result.read_bytes())["score"]
    if score != 100:
        sys.exit(f"the references got {score} points")
    return seconds


if __name__ == "__main__":
    main()
