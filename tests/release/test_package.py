"""The package: what is in it, and that it is enough wherever it is installed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from grader.course import load_course
from grader.release.contents import public_files
from grader.release.wheel import wheel
from tests.release.jobs import PLAIN_PATH

ROOT = Path(__file__).parents[2]
PIP = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with what `python -m build` makes."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


def _names_in_wheel(data: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_the_wheel_has_the_public_part_of_the_pack_and_nothing_hidden(built):
    names = _names_in_wheel(next(built.glob("*.whl")).read_bytes())
    assert {f"grader/pack/{name}" for name in public_files(load_course(ROOT))} <= names
    assert "grader/release/templates/classroom.yml" in names
    assert not [name for name in names if "solutions" in name or "hidden" in name or name.startswith("tests")]


def test_the_source_distribution_has_nothing_hidden_either(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        names = source.getnames()
    assert any(name.endswith("/exercises/threaded_sum/threaded_sum.py") for name in names)
    assert not [name for name in names if "/solutions" in name or "test_hidden" in name or "/tests/" in name]


def test_the_wheel_of_a_release_has_what_the_built_one_has(built):
    _, made = wheel(public_files(load_course(ROOT)))
    theirs, ours = _names_in_wheel(next(built.glob("*.whl")).read_bytes()), _names_in_wheel(made)
    assert {name for name in ours if ".dist-info/" not in name} == {
        name for name in theirs if ".dist-info/" not in name
    }
    assert {name.rpartition("/")[2] for name in ours if ".dist-info/" in name} >= {"METADATA", "WHEEL", "RECORD"}


@pytest.mark.skipif(not os.environ.get("THREADLAB_ALL"), reason="takes long: make check-all")
@pytest.mark.parametrize("which", ["built", "of a release"])
def test_installed_into_an_empty_environment_it_grades_anywhere(built, tmp_path, which):
    file = next(built.glob("*.whl"))
    if which == "of a release":
        name, data = wheel(public_files(load_course(ROOT)))
        file = tmp_path / name
        file.write_bytes(data)
    venv, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    install = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", str(file)]
    subprocess.run(install, check=True, env={"PATH": PLAIN_PATH, "HOME": os.environ.get("HOME", "/"), **PIP})
    elsewhere.mkdir()
    (elsewhere / "threaded_sum.py").write_bytes((ROOT / "solutions/threaded_sum/threaded_sum.py").read_bytes())
    done = subprocess.run(
        [str(venv / "bin" / "grade"), "threaded_sum.py", "--fail-under", "5"],
        cwd=elsewhere, env={"PATH": PLAIN_PATH}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Score 5 / 5" in done.stdout
