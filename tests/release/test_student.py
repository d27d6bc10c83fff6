"""The students' repository: everything that they need, nothing that they must not have, and only once it is checked."""

from __future__ import annotations

import io
import json
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from grader.course import load_course
from grader.release import ReleaseError
from grader.release.kinds import Request, kinds
from grader.release.leaks import Secrets
from grader.release.making import release
from tests.conftest import run_grade

if TYPE_CHECKING:
    from tests.conftest import Course

ROOT = Path(__file__).parents[2]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "published" / "lab"


@pytest.fixture(scope="module")
def pack_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack that ships, released: what students of this course get."""
    folder = tmp_path_factory.mktemp("published") / "lab"
    release(load_course(ROOT), kinds()["student"], folder, Request())
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- the pack that ships -------------------------------------------------------------------------


def test_it_has_all_that_a_student_needs(pack_release):
    files = _files(pack_release)
    for exercise in load_course(ROOT).exercises:
        for name in (f"{exercise.name}.py", "test_public.py", "exercise.yaml"):
            assert files[f"exercises/{exercise.name}/{name}"] == (exercise.folder / name).read_bytes()
        assert f"handouts/{exercise.name}.md" in files and f"handouts/{exercise.name}.md".encode() in files["README.md"]
    for name in (
        "README.md", "requirements.txt", "course.yaml", ".gitignore", ".editorconfig", ".vscode/settings.json",
        ".devcontainer/devcontainer.json", ".github/workflows/classroom.yml", ".gitlab-ci.yml", ".gitattributes",
    ):  # fmt: skip
        assert name in files


def test_it_has_no_history_and_nothing_of_an_instructors(pack_release):
    names = set(_files(pack_release))
    assert not [name for name in names if name.startswith((".git/", "solutions", "tests")) or "hidden" in name]


def test_no_line_of_a_solution_or_hidden_test_is_in_it(pack_release):
    """A search of its own, blunter than the release's: every line of some length that stub and public tests lack."""
    files = _files(pack_release)
    wheels = [zipfile.ZipFile(io.BytesIO(data)) for name, data in files.items() if name.endswith(".whl")]
    assert len(wheels) == 1
    inner = {name: wheels[0].read(name) for name in wheels[0].namelist()}
    given = {line.strip() for name, data in (files | inner).items() for line in data.decode("latin-1").splitlines()}
    shared = set()
    for path in [*ROOT.glob("exercises/*/*.py"), *ROOT.glob("grader/**/*.py")]:
        shared |= {line.strip() for line in path.read_text().splitlines()}
    secret = set()
    for path in ROOT.glob("solutions/**/*.py"):
        secret |= {line.strip() for line in path.read_text().splitlines() if len(line.strip()) > 25}
    assert len(secret) > 4000
    assert not (secret - shared) & given


def test_its_files_say_what_their_readers_can_read(pack_release):
    assert (
        json.loads((pack_release / ".devcontainer/devcontainer.json").read_text())["build"]["dockerfile"]
        == "Dockerfile"
    )
    for name in ("settings.json", "tasks.json", "extensions.json"):
        json.loads((pack_release / ".vscode" / name).read_text())
    for name in (".github/workflows/classroom.yml", ".gitlab-ci.yml"):
        assert isinstance(yaml.safe_load((pack_release / name).read_text()), dict)
    assert (pack_release / "requirements.txt").read_text().splitlines()[-1].startswith("./wheels/threadlab-")
    assert stat.S_IMODE((pack_release / ".github/confine.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((pack_release / "README.md").stat().st_mode) == 0o644


def test_no_blank_of_a_template_is_left(pack_release):
    for name, data in _files(pack_release).items():
        if not name.startswith(("exercises/", "handouts/", "wheels/")):
            assert not [word for word in data.decode().split() if word[:1] == "@" == word[-1:]], name


def test_a_students_own_tests_find_their_module(pack_release, tmp_path):
    shutil.copytree(pack_release, tmp_path / "lab")
    own = tmp_path / "lab" / "exercises" / "threaded_sum" / "test_threaded_sum.py"
    own.write_text("from threaded_sum import threaded_sum\n\ndef test_it_is_there():\n    assert threaded_sum\n")
    command = [sys.executable, "-m", "pytest", "-q", str(own)]
    done = subprocess.run(command, cwd=tmp_path / "lab", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "test_threaded_sum.py" in (pack_release / "README.md").read_text()


# --- any course ----------------------------------------------------------------------------------


def test_what_was_checked_is_told(course: Course, target):
    done = course.run("release", target)
    assert (done.status, done.errors) == (0, "")
    assert "lines of what students must not have is in it" in done.output
    assert "its stubs get 0 of 1 public points" in done.output
    assert "the references get 1 of 1 from its public tests" in done.output


def test_the_same_course_gives_the_same_bytes(course: Course, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    assert course.run("release", one).status == 0 == course.run("release", other).status
    assert _files(one) == _files(other)


def test_a_folder_with_anything_in_it_is_left_alone(course: Course, target):
    target.mkdir(parents=True)
    (target / "README.md").write_text("mine")
    done = course.run("release", target)
    assert done.status == 2 and "is not empty; name another folder, or write over it with --force" in done.errors
    assert _files(target) == {"README.md": b"mine"}


def test_force_writes_over_and_keeps_what_is_besides(course: Course, target):
    (target / ".git").mkdir(parents=True)
    (target / ".git" / "HEAD").write_text("ref")
    (target / "README.md").write_text("mine")
    assert course.run("release", target, "--force").status == 0
    assert (target / ".git" / "HEAD").read_text() == "ref" and (target / "README.md").read_text() != "mine"


def test_what_is_left_beside_a_release_is_searched_too(course: Course, target):
    target.mkdir(parents=True)
    (target / "old.py").write_bytes((course.root / "solutions" / "double" / "double.py").read_bytes())
    done = course.run("release", target, "--force")
    assert done.status == 2 and "old.py:" in done.errors and "has a line of solutions/double/double.py" in done.errors
    assert [path.name for path in target.iterdir()] == ["old.py"]


@pytest.mark.parametrize("where", [".", "..", "solutions", "exercises/double", "handouts/new"])
def test_the_course_itself_is_never_written_over(course: Course, where):
    before = _files(course.root)
    done = course.run("release", where, "--force", cwd=course.root)
    assert done.status == 2 and "belongs to the course itself" in done.errors
    assert _files(course.root) == before


def test_a_file_in_the_way_is_named(course: Course, tmp_path):
    (tmp_path / "file").touch()
    done = course.run("release", tmp_path / "file")
    assert done.status == 2 and "is a file; name a folder" in done.errors


SHORT = ["quantities = sorted(given)", "largest = quantities.pop()", "answer(largest, given)"]


@pytest.mark.parametrize(
    "lines", [["thread = threading.Thread(target=lambda: found.append(work(number)))"], ["", *SHORT, ""]]
)
def test_a_secret_in_a_handout_stops_the_release(course: Course, target, lines):
    (course.root / "solutions" / "double" / "more.py").write_text("    " + "\n\n        ".join(SHORT))
    (course.root / "handouts").mkdir()
    (course.root / "handouts" / "double.md").write_text("# Hints\n\n" + "\n".join(f"    {line}" for line in lines))
    done = course.run("release", target)
    assert (
        done.status == 2 and "handouts/double.md:" in done.errors and "has a line of solutions/double/" in done.errors
    )
    assert not target.exists()


def test_an_idiom_is_no_secret(course: Course, target):
    (course.root / "handouts").mkdir()
    (course.root / "handouts" / "double.md").write_text("    import threading\n    thread.start()\n    thread.join()\n")
    assert course.run("release", target).status == 0


def test_a_secret_in_an_archive_is_found_too():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("inner.txt", "nothing\n  the_answer_is_forty_two = compute_it(slowly)\n")
    secrets = Secrets({"solutions/a.py": b"\nthe_answer_is_forty_two = compute_it(slowly)\n"}, {})
    assert [str(leak) for leak in secrets.leaks({"x.whl": stream.getvalue()})] == [
        "x.whl/inner.txt:2 has a line of solutions/a.py:2"
    ]


def test_what_the_stub_has_too_is_no_secret():
    line = b"def double_of_what_a_thread_works_out(number, work):\n"
    assert len(Secrets({"s.py": b"import threading\n" + line}, {"stub.py": b"  " + line})) == 0
    assert len(Secrets({"s.py": b"import threading\n" + line}, {})) == 1


def test_a_stub_with_the_solution_in_it_stops_the_release(course: Course, target):
    (course.root / "exercises" / "double" / "double.py").write_text(
        (course.root / "solutions" / "double" / "double.py").read_text()
    )
    done = course.run("release", target)
    assert done.status == 2 and "exercises/double/double.py is no stub" in done.errors
    assert not target.exists()


def test_public_tests_that_the_reference_fails_stop_the_release(course: Course, target):
    tests = course.root / "exercises" / "double" / "test_public.py"
    tests.write_text(tests.read_text().replace("== 8", "== 9"))
    done = course.run("release", target)
    assert done.status == 2 and "the reference of double fails the public test test_twice" in done.errors
    assert not target.exists()


def test_an_exercise_that_is_not_listed_stays_where_it_is(course: Course, target):
    (course.root / "exercises" / "draft").mkdir()
    (course.root / "exercises" / "draft" / "exam.md").write_text("not yet")
    assert course.run("release", target).status == 0
    assert not (target / "exercises" / "draft").exists()


def test_a_link_is_refused_by_name(course: Course, target):
    (course.root / "exercises" / "double" / "data.txt").symlink_to("/etc/hostname")
    done = course.run("release", target)
    assert done.status == 2 and "exercises/double/data.txt is no regular file" in done.errors


def test_the_requirement_may_be_another(course: Course, target):
    assert course.run("release", target, "--requirement", "threadlab==1.2").status == 0
    assert (target / "requirements.txt").read_text().splitlines()[-1] == "threadlab==1.2"
    assert not (target / "wheels").exists()


def test_a_students_copy_cannot_be_searched_and_says_so(course: Course, target, tmp_path):
    course.run("release", tmp_path / "first")
    done = run_grade("release", target, "--course", tmp_path / "first", cwd=tmp_path)
    assert done.status == 0 and "solutions are not here" in done.output


def test_sealed_tests_lie_in_it_where_asked(course: Course, target, tmp_path):
    course.run("seal", tmp_path / "tests.sealed", "--new-key", tmp_path / "key")
    assert course.run("release", target, "--sealed", tmp_path / "tests.sealed").status == 0
    assert (target / "tests.sealed").read_bytes() == (tmp_path / "tests.sealed").read_bytes()
    wrong = course.run("release", target, "--force", "--sealed", tmp_path / "key")
    assert wrong.status == 2 and "is not a sealed file" in wrong.errors


def test_a_key_in_the_environment_puts_no_sealed_tests_into_students_hands(course: Course, target):
    done = run_grade("release", target, "--course", course.root, cwd=course.root, THREADLAB_SEAL_KEY="00" * 32)
    assert done.status == 0 and not (target / "tests.sealed").exists()


def test_a_folder_that_cannot_be_made_is_named(course: Course):
    with pytest.raises(ReleaseError, match="cannot be written"):
        release(load_course(course.root), kinds()["student"], Path("/proc/nowhere/lab"), Request())
