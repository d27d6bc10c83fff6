"""A small model of a CI machine: runs the steps of a workflow's job as shell scripts, with GitHub's files about.

Actions (`uses:`) are played by a few lines each; what is between `${{ }}` is looked up, not evaluated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
PLAIN_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


@dataclass
class Job:
    """One job of a workflow on a machine that has nothing but a shell, Python and git."""

    folder: Path
    """For the runner's own files and the workspace."""
    repository: Path
    """What `actions/checkout` checks out."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What expressions give, such as `secrets.X`; all others are empty."""
    path: str = PLAIN_PATH
    left_out: tuple[str, ...] = ()
    """Names of steps that are not run."""
    log: str = ""
    """Standard output and standard error of all steps."""

    def __post_init__(self) -> None:
        self.workspace = self.folder / "workspace"
        self.files = {name: self.folder / name for name in ("output", "step_summary", "env", "path")}
        (self.folder / "temp").mkdir(parents=True, exist_ok=True)
        for file in self.files.values():
            file.touch()

    def run(self, workflow: Path, name: str) -> Job:
        """Runs all steps of the job of that name; an AssertionError if one fails."""
        for step in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"][name]["steps"]:
            if step["name"] in self.left_out:
                continue
            if "uses" in step:
                self._play(step["uses"].partition("@")[0], step.get("with", {}))
            else:
                self.script(step["run"], step.get("env", {}))
        return self

    def script(self, text: str, variables: Mapping[str, str] | None = None) -> None:
        """Runs a script as a runner does; an AssertionError if it fails."""
        script = self.folder / "step.sh"
        script.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env=self.environment() | {key: self._evaluate(value) for key, value in (variables or {}).items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.log += done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, f"status {done.returncode} of:\n{text}\n{self.log[-3000:]}"

    def environment(self) -> dict[str, str]:
        """What a step finds in its environment, tokens included."""
        return {
            "PATH": self.path,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_TOKEN": "token-of-the-job",
            "ACTIONS_RUNTIME_TOKEN": "token-of-the-runtime",
            "RUNNER_TEMP": str(self.folder / "temp"),
            **{f"GITHUB_{name.upper()}": str(file) for name, file in self.files.items()},
            # Where pip finds packages on this machine; an image has that in its configuration.
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
        }

    def check_out(self) -> None:
        """Clones the repository into the workspace."""
        clone = ["git", "clone", "--quiet", str(self.repository), str(self.workspace)]
        subprocess.run(clone, check=True, env={"PATH": PLAIN_PATH, "HOME": str(self.folder)})

    def told(self) -> str:
        """Everything that anybody could read of the job: its log, and the files that it leaves."""
        texts = [file.read_bytes().decode("utf-8", "replace") for file in self.folder.glob("*") if file.is_file()]
        return "\n".join([self.log, *texts])

    def _evaluate(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.values.get(found[1], ""), text)

    def _play(self, action: str, options: Mapping[str, object]) -> None:
        """What an action does, as far as it matters here."""
        if action == "actions/checkout":
            self.check_out()
        elif action == "actions/setup-python":
            venv = self.folder / "python"
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            self.path = f"{venv / 'bin'}:{self.path}"
        elif action == "actions/upload-artifact":
            kept = self.workspace / self._evaluate(str(options["path"]))
            copy = shutil.copytree if kept.is_dir() else shutil.copy
            copy(kept, self.folder / f"artifact-{kept.name}")
        else:
            raise AssertionError(f"this model has no action {action}")


def until(happens: Callable[[], Any]) -> Any:
    """Waits for what must come, and gives it; a deadline ends what never would."""
    end = time.monotonic() + 60
    while not (found := happens()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.001)
    return found


def commit(folder: Path) -> None:
    """Puts what is in a folder under version control, as whoever publishes or hands in would."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    first = [] if (folder / ".git").exists() else [["git", "init", "--quiet"]]
    for command in (*first, ["git", "add", "--all"], ["git", *identity, "commit", "--quiet", "-m", "work"]):
        subprocess.run(command, cwd=folder, check=True)
