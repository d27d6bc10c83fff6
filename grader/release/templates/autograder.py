#!/usr/bin/env python3
"""Classroom 50's entry point: grades the student's checkout and leaves `result.json` and `release-body.md` in it.

Beside this file lie the grader (a wheel) and the hidden tests, sealed. Their key comes from THREADLAB_SEAL_KEY, or from
the file that THREADLAB_SEAL_KEY_FILE names; without a key the public tests alone are run, and the release says so.
Standard library only. Exit status 0 whatever the score; 1 where nothing could be graded, which the runner then reports.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KEY, KEY_FILE = "THREADLAB_SEAL_KEY", "THREADLAB_SEAL_KEY_FILE"
KEPT = {
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "CI", "GITHUB_ACTIONS"),
    *("CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER", "SUBMISSION_TAG"),
    *("COMMIT_URL", "RELEASE_URL", "REVIEW_URL"),
}
"""All that what is started here needs to know; tokens stay here, and the key is for the grader alone."""
RESULT, BODY = "result.json", "release-body.md"


def main() -> int:
    """Grades the current folder; the exit status."""
    bundle, checkout = Path(__file__).resolve().parent, Path.cwd()
    with tempfile.TemporaryDirectory(dir=os.environ.get("RUNNER_TEMP") or None, prefix="threadlab-") as name:
        work = Path(name)
        subprocess.run(["bash", str(bundle / "confine.sh")], env=environment(), check=False)
        python = install(bundle, work)
        status = subprocess.run(
            [str(python.parent / "grade"), "run", str(submission_in(checkout)), *course(bundle, python),
             "--report", f"classroom50={work / RESULT}", "--report", f"markdown={work / BODY}"],
            cwd=work, env=environment(KEY), check=False,
        ).returncode  # fmt: skip
        if status not in (0, 3) or not (work / RESULT).is_file():
            print(f"autograder: nothing could be graded (grade ended with {status})")
            return 1
        for file in (RESULT, BODY):
            replace(work / file, checkout / file)
    return 0


def install(bundle: Path, work: Path) -> Path:
    """A virtual environment with the grader; its interpreter."""
    venv, wheel = work / "venv", next(bundle.glob("threadlab-*.whl"))
    python = venv / "bin" / "python"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], check=False, env=environment())
    if made.returncode == 0:
        pip = [str(python), "-I", "-m", "pip", "install", *quiet]
    else:  # a Debian without python3-venv: what it lacks is pip for the new environment
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], check=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", *quiet]
    subprocess.run([*pip, f"{wheel}[seal]"], check=True, env=environment(), cwd=work)
    return python


def environment(*more: str) -> dict[str, str]:
    """The variables that a program gets which is started here."""
    kept = KEPT.union(more)
    return {name: value for name, value in os.environ.items() if value and (name in kept or name.startswith("PIP_"))}


def submission_in(checkout: Path) -> Path:
    """Where the student's files are: in `exercises`, as they were released, or at the top."""
    exercises = checkout / "exercises"
    return exercises if exercises.is_dir() and not exercises.is_symlink() else checkout


def course(bundle: Path, python: Path) -> list[str]:
    """What to grade with: the sealed tests where there is a key for them, else the public part within the grader.

    Never what lies in the checkout, where a student may have changed it.
    """
    key_file = os.environ.get(KEY_FILE, "")
    if os.environ.get(KEY) or key_file:
        return ["--sealed", str(bundle / "tests.sealed"), *(["--key-file", key_file] if key_file else [])]
    print(f"autograder: {KEY} is not set, so that only the public tests are run")
    where = [str(python), "-I", "-c", "import grader; print(grader.__path__[0])"]
    package = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    return ["--course", str(Path(package, "pack"))]


def replace(made: Path, target: Path) -> None:
    """Puts a file in the place of whatever a student has put there, without following it."""
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    shutil.copyfile(made, target)


if __name__ == "__main__":
    sys.exit(main())
