"""Miniature packs, each with one thing wrong: every problem is told with file, line and remedy."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import pytest

from grader.course import CourseError, find_course, load_course, load_exercise, pack_digest, rule_table

COURSE = """\
title: A little course
exercises:
  - {name: adder, points: 4}
"""
EXERCISE = """\
title: Add two numbers
points: 4
defines: {add: function}
limits: {cpu_seconds: 0.5, files: 64}
rules:
  the-sum: "Returns the sum."
  no-threads: "Starts no thread."
hints:
  the-sum: What does `+` do?
  no-threads: ["Who runs it?", Count the threads.]
groups:
  correctness:
    points: 3
    tests:
      test_small: 1
      test_large: 2
  blocking:
    points: 1
    tests: {test_quiet: 1}
"""
PUBLIC = """\
from grader.testing import rule


@rule("the-sum")
def test_small(student):
    assert student.add(1, 2) == 3
"""
HIDDEN = """\
import pytest
from grader import testing
from grader.testing import rule


@pytest.mark.parametrize("n", [1, 2])
@rule("the-sum")
def test_large(student, n):
    assert student.add(n, 10**9) == n + 10**9


@testing.rule("no-threads", "the-sum")
def test_quiet(student):
    assert student.threads == 0
"""
YAML = "exercises/adder/exercise.yaml"
PUBLIC_FILE = "exercises/adder/test_public.py"
HIDDEN_FILE = "solutions/adder/test_hidden.py"


class Pack:
    """A course in a folder, whose files a test changes before they are read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("course.yaml", COURSE)
        self.write(YAML, EXERCISE)
        self.write("exercises/adder/adder.py", "def add(a, b):\n    raise NotImplementedError\n")
        self.write(PUBLIC_FILE, PUBLIC)
        self.write(HIDDEN_FILE, HIDDEN)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is not in {name} exactly once"
        self.write(name, text.replace(old, new))

    def remove(self, name: str) -> None:
        path = self.root / name
        for below in sorted(path.rglob("*"), reverse=True):
            below.rmdir() if below.is_dir() else below.unlink()
        path.rmdir() if path.is_dir() else path.unlink()

    def problems(self) -> list[str]:
        with pytest.raises(CourseError) as caught:
            load_course(self.root)
        return str(caught.value).splitlines()


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "course")


# --- what is read ----------------------------------------------------------------------------


def test_course_is_read(pack: Pack) -> None:
    course = load_course(pack.root)
    assert (course.title, course.root) == ("A little course", pack.root)
    assert [exercise.name for exercise in course.exercises] == ["adder"]


def test_exercise_is_read(pack: Pack) -> None:
    adder = load_course(pack.root).exercise("adder")
    assert (adder.title, adder.points, adder.defines) == ("Add two numbers", 4, {"add": "function"})
    assert adder.rules == {"the-sum": "Returns the sum.", "no-threads": "Starts no thread."}
    assert [(group.name, group.points) for group in adder.groups] == [("correctness", 3), ("blocking", 1)]


def test_hint_may_be_one_text_or_a_list(pack: Pack) -> None:
    hints = load_course(pack.root).exercise("adder").hints
    assert hints == {"the-sum": ("What does `+` do?",), "no-threads": ("Who runs it?", "Count the threads.")}


def test_only_limits_given_are_there_and_counts_are_ints(pack: Pack) -> None:
    limits = load_course(pack.root).exercise("adder").limits
    assert limits == {"cpu_seconds": 0.5, "files": 64}
    assert isinstance(limits["files"], int)


def test_limits_and_hints_may_be_left_out(pack: Pack) -> None:
    head, _, tail = EXERCISE.partition("hints:")
    pack.write(YAML, head.replace("limits: {cpu_seconds: 0.5, files: 64}\n", "") + tail[tail.index("groups:") :])
    adder = load_course(pack.root).exercise("adder")
    assert (adder.limits, adder.hints) == ({}, {})


def test_exercise_knows_its_files(pack: Pack) -> None:
    adder = load_course(pack.root).exercise("adder")
    assert adder.folder == pack.root / "exercises/adder"
    assert adder.stub == pack.root / "exercises/adder/adder.py"
    assert adder.public_tests == pack.root / PUBLIC_FILE
    assert adder.solution == pack.root / "solutions/adder"
    assert adder.hidden_tests == pack.root / HIDDEN_FILE


def test_points_and_group_of_a_test(pack: Pack) -> None:
    adder = load_course(pack.root).exercise("adder")
    assert (adder.test_points("test_large"), adder.group_of("test_quiet")) == (2, "blocking")
    with pytest.raises(KeyError):
        adder.test_points("test_unknown")


def test_rules_are_read_from_decorators_without_running_the_tests(pack: Pack) -> None:
    pack.write(PUBLIC_FILE, "raise SystemExit\n" + PUBLIC)
    adder = load_course(pack.root).exercise("adder")
    assert adder.rules_of("test_small") == ("the-sum",)
    assert adder.rules_of("test_large") == ("the-sum",)
    assert adder.rules_of("test_quiet") == ("no-threads", "the-sum")


def test_names_of_public_and_hidden_tests(pack: Pack) -> None:
    adder = load_course(pack.root).exercise("adder")
    assert adder.public_test_names() == ("test_small",)
    assert adder.hidden_test_names() == ("test_large", "test_quiet")


def test_rule_table_names_the_tests_of_each_rule(pack: Pack) -> None:
    pack.change(YAML, "rules:\n", "rules:\n  unchecked: Nobody looks.\n")
    table = rule_table(load_course(pack.root))
    assert table == {
        "adder": {
            "unchecked": [],
            "the-sum": ["test_small", "test_large", "test_quiet"],
            "no-threads": ["test_quiet"],
        }
    }


def test_unknown_exercise_is_told_with_a_near_match(pack: Pack) -> None:
    with pytest.raises(CourseError, match=r'no exercise "ader"; did you mean "adder"\?'):
        load_course(pack.root).exercise("ader")


def test_loaded_data_is_frozen(pack: Pack) -> None:
    course = load_course(pack.root)
    for item in (course, course.exercises[0], course.exercises[0].groups[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            item.name = "other"  # type: ignore[union-attr,misc]


# --- finding -----------------------------------------------------------------------------------


def test_course_is_found_from_a_folder_or_a_file_below(pack: Pack) -> None:
    assert find_course(pack.root) == pack.root
    assert find_course(pack.root / "exercises/adder") == pack.root
    assert find_course(pack.root / PUBLIC_FILE) == pack.root


def test_nearest_course_is_found(pack: Pack) -> None:
    pack.write("exercises/adder/course.yaml", COURSE)
    assert find_course(pack.root / PUBLIC_FILE) == pack.root / "exercises/adder"


def test_no_course_is_found_where_there_is_none(pack: Pack) -> None:
    assert find_course(Path(pack.root.anchor)) is None


def test_one_exercise_alone_finds_its_solution(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    pack.remove("course.yaml")
    monkeypatch.chdir(pack.root / "exercises/adder")
    assert load_exercise(Path()) == load_exercise(pack.root / "exercises/adder")
    assert load_exercise(Path()).hidden_tests == pack.root / HIDDEN_FILE


def test_one_exercise_alone_tells_its_problems(pack: Pack) -> None:
    pack.change(YAML, "title:", "tittle:")
    with pytest.raises(CourseError, match=f'{YAML}:1: unknown key "tittle"; did you mean "title"[?]'):
        load_exercise(pack.root / "exercises/adder")


# --- YAML ----------------------------------------------------------------------------------------


def test_unknown_key_is_told_with_a_near_match(pack: Pack) -> None:
    pack.change(YAML, "limits:", "limit:")
    assert pack.problems() == [f'{YAML}:4: unknown key "limit"; did you mean "limits"?']


def test_unknown_key_like_no_other_is_told_with_all_that_are_known(pack: Pack) -> None:
    pack.change("course.yaml", "points: 4}", "points: 4, xyz: 1}")
    assert pack.problems() == ['course.yaml:3: unknown key "exercises[0].xyz"; known: name, points']


def test_unknown_key_inside_is_told_with_the_way_to_it(pack: Pack) -> None:
    pack.change(YAML, "points: 1\n    tests: {", "points: 1\n    test: {")
    assert pack.problems() == [
        f'{YAML}:17: missing key "groups.blocking.tests"; add it',
        f'{YAML}:19: unknown key "groups.blocking.test"; did you mean "tests"?',
        f'{HIDDEN_FILE}:13: test "test_quiet" is not listed; give it points in a group of {YAML}',
    ]


def test_missing_key_is_told(pack: Pack) -> None:
    pack.change(YAML, "title: Add two numbers\n", "")
    assert pack.problems() == [f'{YAML}:1: missing key "title"; add it']


def test_key_given_twice_is_told(pack: Pack) -> None:
    pack.change(YAML, "points: 4\n", "points: 4\ntitle: Again\n")
    assert pack.problems() == [f'{YAML}:3: "title" is given twice (first on line 1); remove or rename one']


def test_test_given_twice_in_a_group_is_told(pack: Pack) -> None:
    pack.change(YAML, "test_small: 1\n", "test_small: 1\n      test_small: 1\n")
    assert pack.problems() == [
        f'{YAML}:16: "groups.correctness.tests.test_small" is given twice (first on line 15); remove or rename one'
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: Add two numbers", "title: 12", '1: "title" must be text; found the number 12; put it in quotes: "12"'),
        ("title: Add two numbers", "title:", '1: "title" must be text; found nothing'),
        ("title: Add two numbers", "title: ' '", '1: "title" is empty; fill it in'),
        ("title: Add two numbers", "title: {a: b}", '1: "title" must be text; found a mapping'),
        (
            "{add: function}",
            "[add]",
            '3: "defines" must be a mapping of "key: value"; found a list',
        ),
        (
            "What does `+` do?",
            "yes",
            '9: "hints.the-sum" must be text; found the truth value yes; put it in quotes: "yes"',
        ),
        ('["Who runs it?", Count the threads.]', "[]", '10: "hints.no-threads" is empty; fill it in or leave it out'),
        ('["Who runs it?", Count the threads.]', "[ok, [1]]", '10: "hints.no-threads[1]" must be text; found a list'),
        (
            "test_large: 2",
            "test_large: two",
            '16: "groups.correctness.tests.test_large" must be a finite number such as 2 or 0.5; found the text "two"',
        ),
        (
            "limits: {cpu_seconds: 0.5, files: 64}",
            "limits: {}",
            '4: "limits" is empty; fill it in or leave it out',
        ),
        ("hints:\n", "hints:\n  1: x\n", '9: a key must be text; found the number 1; put it in quotes: "1"'),
    ],
)
def test_wrong_type_is_told_with_what_is_expected(pack: Pack, old: str, new: str, told: str) -> None:
    pack.change(YAML, old, new)
    assert pack.problems() == [f"{YAML}:{told}"]


def test_list_is_expected_of_the_exercises(pack: Pack) -> None:
    pack.write("course.yaml", "title: x\nexercises: adder\n")
    assert pack.problems() == ['course.yaml:2: "exercises" must be a list; found the text "adder"']


def test_syntax_error_is_told_with_line_and_column(pack: Pack) -> None:
    pack.change(YAML, '"Returns the sum."', "Returns: the sum.")
    (problem,) = pack.problems()
    assert problem.startswith(f"{YAML}:6: YAML syntax, column 19: mapping values are not allowed here; check ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ":1: file is empty; fill it in"),
        (b"title: a\nx: \xff\n", ":2: not UTF-8 text; save the file as UTF-8"),
        (b"title: a\nx: \x07\n", ":2: character '\\x07' is not allowed in YAML; remove it"),
        (b"[" * 5000, ":1: nested too deeply; remove brackets"),
        (b'title: "\\UFFFFFFFF"', ":1: an escape in double quotes names no character; remove it"),
        (b"- a", ':1: file must be a mapping of "key: value"; found a list'),
    ],
)
def test_file_that_is_no_yaml_mapping_is_told(pack: Pack, content: bytes, told: str) -> None:
    (pack.root / "course.yaml").write_bytes(content)
    assert pack.problems() == [f"course.yaml{told}"]


def test_all_problems_are_told_together_sorted_by_place(pack: Pack) -> None:
    pack.change("course.yaml", "title", "tittle")
    pack.change(YAML, "{add: function}", "{add: method}")
    pack.change(YAML, "files: 64", "files: -1")
    pack.change(PUBLIC_FILE, '@rule("the-sum")\n', "")
    assert [problem.split(": ")[0] for problem in pack.problems()] == [
        "course.yaml:1",
        "course.yaml:1",
        f"{YAML}:3",
        f"{YAML}:4",
        f"{PUBLIC_FILE}:4",
    ]


def test_problems_are_data_too(pack: Pack) -> None:
    pack.change(YAML, "title:", "tittle:")
    with pytest.raises(CourseError) as caught:
        load_course(pack.root)
    assert {(problem.file, problem.line) for problem in caught.value.problems} == {(YAML, 1)}


# --- points ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ("-2", "is -2; points must not be negative"),
        ("1.9", "is 1.9; points must be a multiple of 0.25"),
        (".inf", "must be a finite number such as 2 or 0.5; found the number .inf"),
        (".nan", "must be a finite number such as 2 or 0.5; found the number .nan"),
        ("9" * 400, f"must be a finite number such as 2 or 0.5; found the number {'9' * 400}"),
        ("010", "must be a finite number such as 2 or 0.5; found the number 010"),
        ("'2'", 'must be a finite number such as 2 or 0.5; found the text "2"'),
    ],
)
def test_bad_points_are_told_and_no_sum_with_them(pack: Pack, points: str, told: str) -> None:
    pack.change(YAML, "test_large: 2", f"test_large: {points}")
    assert pack.problems() == [f'{YAML}:16: "groups.correctness.tests.test_large" {told}']


def test_quarters_of_points_add_up(pack: Pack) -> None:
    pack.change(YAML, "test_large: 2", "test_large: 2.25")
    pack.change(YAML, "test_small: 1", "test_small: 0.75")
    assert load_course(pack.root).exercise("adder").test_points("test_large") == 2.25


def test_tests_that_do_not_add_up_to_their_group_are_told(pack: Pack) -> None:
    pack.change(YAML, "test_large: 2", "test_large: 2.5")
    assert pack.problems() == [
        f'{YAML}:13: "groups.correctness.points" is 3, but the points of its tests add up to 3.5; make them equal'
    ]


def test_groups_that_do_not_add_up_to_the_exercise_are_told(pack: Pack) -> None:
    pack.change("course.yaml", "points: 4", "points: 5")
    pack.change(YAML, "points: 4", "points: 5")
    assert pack.problems() == [f'{YAML}:2: "points" is 5, but the points of its groups add up to 4; make them equal']


def test_points_other_than_the_courses_are_told(pack: Pack) -> None:
    pack.change("course.yaml", "points: 4", "points: 25")
    assert pack.problems() == [f'course.yaml:3: "exercises[0].points" is 25, but {YAML}:2 says 4; make them equal']


# --- the tests listed and the tests defined --------------------------------------------------------


def test_test_listed_in_two_groups_is_told(pack: Pack) -> None:
    pack.change(YAML, "{test_quiet: 1}", "{test_quiet: 0.5, test_small: 0.5}")
    assert pack.problems() == [
        (
            f'{YAML}:19: "groups.blocking.tests.test_small" lists a test a second time (first on line 15); '
            "take one away or rename it"
        )
    ]


def test_listed_test_that_no_file_defines_is_told_with_a_near_match(pack: Pack) -> None:
    pack.change(HIDDEN_FILE, "def test_large", "def test_larger")
    assert pack.problems() == [
        (
            f'{YAML}:16: "groups.correctness.tests.test_large" lists a test that no file defines; '
            'did you mean "test_larger"?'
        ),
        f'{HIDDEN_FILE}:8: test "test_larger" is not listed; give it points in a group of {YAML}',
    ]


def test_test_below_the_top_level_is_not_defined(pack: Pack) -> None:
    pack.change(HIDDEN_FILE, "@testing.rule", "class Tests:\n  @testing.rule")
    pack.change(HIDDEN_FILE, "def test_quiet(student):\n    assert", "  def test_quiet(self, student):\n    assert")
    (problem,) = pack.problems()
    assert "test_quiet" in problem
    assert problem.endswith("lists a test that no file defines; define it or take it off the list")


def test_defined_test_that_is_not_listed_is_told(pack: Pack) -> None:
    pack.write(PUBLIC_FILE, PUBLIC + '\n\n@rule("the-sum")\nasync def test_more(student):\n    pass\n')
    assert pack.problems() == [f'{PUBLIC_FILE}:10: test "test_more" is not listed; give it points in a group of {YAML}']


def test_listed_name_that_is_no_tests_is_told(pack: Pack) -> None:
    pack.change(YAML, "{test_quiet: 1}", "{test_quiet: 1, sums up: 0}")
    assert pack.problems() == [
        (
            f'{YAML}:19: "groups.blocking.tests.sums up" is no name of a test; '
            'write a function\'s name that begins with "test_"'
        )
    ]


def test_test_defined_in_both_files_is_told(pack: Pack) -> None:
    pack.write(HIDDEN_FILE, HIDDEN + '\n\n@rule("the-sum")\ndef test_small(student):\n    pass\n')
    assert pack.problems() == [
        f'{HIDDEN_FILE}:18: test "test_small" is defined twice (first in {PUBLIC_FILE}:5); rename one'
    ]


def test_test_without_a_rule_is_told(pack: Pack) -> None:
    pack.change(PUBLIC_FILE, '@rule("the-sum")', "@rule()")
    assert pack.problems() == [
        f'{PUBLIC_FILE}:5: test "test_small" checks no rule; put @rule("...") with an id of exercise.yaml above it'
    ]


def test_unknown_rule_of_a_test_is_told_with_a_near_match(pack: Pack) -> None:
    pack.change(HIDDEN_FILE, '"no-threads", "the-sum"', '\n    "no-threads",\n    "the-sums",\n')
    assert pack.problems() == [
        f'{HIDDEN_FILE}:14: test "test_quiet" checks the unknown rule "the-sums"; did you mean "the-sum"?'
    ]


def test_rule_that_is_not_written_out_is_told(pack: Pack) -> None:
    pack.change(HIDDEN_FILE, '"no-threads", "the-sum"', '"no-threads", *MORE')
    assert pack.problems() == [f'{HIDDEN_FILE}:12: @rule takes ids in quotes, such as @rule("some-id"); write them out']


def test_hint_for_an_unknown_rule_is_told(pack: Pack) -> None:
    pack.change(YAML, "  the-sum: What", "  xyz: What")
    assert pack.problems() == [
        f'{YAML}:9: "hints.xyz" is a hint for an unknown rule; add the rule to "rules" or correct its id'
    ]


def test_syntax_error_in_tests_is_told_with_its_line(pack: Pack) -> None:
    pack.change(HIDDEN_FILE, "def test_quiet(student):", "def test_quiet(student:")
    (problem,) = pack.problems()
    assert problem.startswith(f"{HIDDEN_FILE}:13: Python syntax: ")


def test_null_bytes_in_tests_are_told(pack: Pack) -> None:
    pack.write(PUBLIC_FILE, PUBLIC + "\0")
    (problem,) = pack.problems()
    assert problem.startswith(f"{PUBLIC_FILE}:1: Python syntax: ")


def test_odd_escape_in_tests_is_nobodys_business(pack: Pack) -> None:
    pack.write(PUBLIC_FILE, PUBLIC + "\nODD = '\\d'\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_course(pack.root)


# --- limits and definitions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("memory_mb: 5", 'unknown key "limits.memory_mb"; did you mean "memory_mib"?'),
        ("files: 0", '"limits.files" is 0; a limit must be greater than 0 and at most 1000000'),
        ("cpu_seconds: -0.5", '"limits.cpu_seconds" is -0.5; a limit must be greater than 0 and at most 1000000'),
        ("processes: 2000000", '"limits.processes" is 2e+06; a limit must be greater than 0 and at most 1000000'),
        ("output_kib: 1.5", '"limits.output_kib" is 1.5; write a whole number, without a decimal point'),
        (
            "idle_seconds: long",
            '"limits.idle_seconds" must be a finite number such as 2 or 0.5; found the text "long"',
        ),
    ],
)
def test_bad_limit_is_told(pack: Pack, limits: str, told: str) -> None:
    pack.change(YAML, "{cpu_seconds: 0.5, files: 64}", f"{{{limits}}}")
    assert pack.problems() == [f"{YAML}:4: {told}"]


@pytest.mark.parametrize(
    ("defines", "told"),
    [
        ("{add: method}", '"defines.add" is "method"; write "function" or "class"'),
        (
            "{add-up: class}",
            '"defines.add-up" names nothing that Python code could define; write the name of a function or class',
        ),
    ],
)
def test_bad_definition_is_told(pack: Pack, defines: str, told: str) -> None:
    pack.change(YAML, "{add: function}", defines)
    assert pack.problems() == [f"{YAML}:3: {told}"]


# --- files and folders ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["course.yaml", YAML, PUBLIC_FILE])
def test_missing_file_is_told(pack: Pack, name: str) -> None:
    pack.remove(name)
    assert pack.problems() == [f"{name}: file is missing; create it, or restore it from the release"]


def test_folder_in_place_of_a_file_is_told(pack: Pack) -> None:
    pack.remove(YAML)
    (pack.root / YAML).mkdir()
    assert pack.problems() == [f"{YAML}: is not a file; create it, or restore it from the release"]


def test_missing_stub_is_told_where_the_solution_is(pack: Pack) -> None:
    pack.remove("exercises/adder/adder.py")
    assert pack.problems() == [
        "exercises/adder/adder.py: file is missing; every exercise needs its stub, of the folder's name (adder.py)"
    ]


def test_missing_folder_is_told_with_a_near_match(pack: Pack) -> None:
    pack.change("course.yaml", "adder", "ader")
    assert pack.problems() == [
        'course.yaml:3: "exercises[0].name" is "ader", but the folder exercises/ader is missing; did you mean "adder"?'
    ]


def test_exercise_listed_twice_is_told(pack: Pack) -> None:
    pack.write("course.yaml", COURSE + "  - {name: adder, points: 4}\n")
    assert pack.problems() == ['course.yaml:4: "exercises[1].name" is "adder" a second time; list each exercise once']


def test_name_that_leads_elsewhere_is_refused(pack: Pack) -> None:
    pack.change("course.yaml", "adder", "../exercises/adder")
    assert pack.problems() == [
        (
            'course.yaml:3: "exercises[0].name" is "../exercises/adder"; '
            "an exercise's name must be a Python name, as `threaded_sum` is"
        )
    ]


# --- a student's copy ------------------------------------------------------------------------------------


@pytest.fixture
def student_copy(pack: Pack) -> Pack:
    pack.remove("solutions")
    return pack


def test_students_copy_knows_the_hidden_tests_by_name_only(student_copy: Pack) -> None:
    adder = load_course(student_copy.root).exercise("adder")
    assert (adder.solution, adder.hidden_tests) == (None, None)
    assert adder.hidden_test_names() == ("test_large", "test_quiet")
    assert adder.rules_of("test_large") == ()


def test_solution_without_hidden_tests_is_as_a_students_copy(pack: Pack) -> None:
    pack.remove(HIDDEN_FILE)
    assert load_course(pack.root).exercise("adder").hidden_tests is None


def test_tests_that_a_student_adds_are_left_alone(student_copy: Pack) -> None:
    student_copy.write(PUBLIC_FILE, PUBLIC + "\n\ndef test_of_my_own(student):\n    pass\n")
    assert load_course(student_copy.root).exercise("adder").public_test_names() == ("test_small",)


def test_listed_tests_of_a_students_copy_are_checked(student_copy: Pack) -> None:
    student_copy.change(PUBLIC_FILE, "the-sum", "the-som")
    assert student_copy.problems() == [
        f'{PUBLIC_FILE}:4: test "test_small" checks the unknown rule "the-som"; did you mean "the-sum"?'
    ]


def test_students_copy_may_lack_the_stub(student_copy: Pack) -> None:
    student_copy.remove("exercises/adder/adder.py")
    assert load_course(student_copy.root).exercise("adder").name == "adder"


# --- the digest --------------------------------------------------------------------------------------------


def test_digest_stays_the_same_elsewhere(pack: Pack, tmp_path: Path) -> None:
    digest = pack_digest(load_course(pack.root))
    assert digest == pack_digest(load_course(Pack(tmp_path / "other").root))
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64


@pytest.mark.parametrize("name", ["course.yaml", YAML, PUBLIC_FILE, HIDDEN_FILE, "exercises/adder/adder.py"])
def test_digest_changes_with_a_byte_of_a_file(pack: Pack, name: str) -> None:
    before = pack_digest(load_course(pack.root))
    pack.write(name, (pack.root / name).read_text(encoding="utf-8") + "# more\n")
    assert pack_digest(load_course(pack.root)) != before


def test_digest_changes_with_a_name(pack: Pack) -> None:
    pack.write("exercises/adder/data.txt", "")
    before = pack_digest(load_course(pack.root))
    pack.remove("exercises/adder/data.txt")
    pack.write("exercises/adder/date.txt", "")
    assert pack_digest(load_course(pack.root)) != before


@pytest.mark.parametrize(
    "name",
    [
        "exercises/adder/__pycache__/adder.pyc",
        "exercises/.DS_Store",
        "exercises/adder/.cache/x",
        "solutions/adder/adder.py",
    ],
)
def test_digest_leaves_out_what_decides_no_mark(pack: Pack, name: str) -> None:
    before = pack_digest(load_course(pack.root))
    pack.write(name, "x")
    assert pack_digest(load_course(pack.root)) == before
