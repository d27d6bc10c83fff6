"""How a submission's module is executed, and what is said of the names that it defines."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.student import compiled as compiling
from grader.student.compiled import Compiled
from grader.student.loading import faults_of, load
from grader.testing.outcomes import RuleBroken

if TYPE_CHECKING:
    from tests.conftest import Labs


def module(source: str) -> types.ModuleType:
    made = types.ModuleType("made")
    exec(source, vars(made))
    return made


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass",
        "f = lambda: 1",
        "f = print",
        "import functools; f = functools.partial(print)",
        "class C:\n    def __call__(self): pass\nf = C()",
        "def f():\n    def g():\n        yield\n    return g",
        "def f(): return (x for x in ())",
    ],
)
def test_whatever_can_be_called_is_a_function(source: str) -> None:
    assert faults_of(module(source), {"f": "function"}) == []


@pytest.mark.parametrize(
    ("source", "fault", "seen"),
    [
        ("f = 1", "not callable", "int"),
        ("f = None", "not callable", "NoneType"),
        ("class f: pass", "a class", "type"),
        ("async def f(): pass", "async", "function"),
        ("async def f(): yield", "async", "function"),
        ("def f(): yield", "generator", "function"),
        ("def f(): yield from ()", "generator", "function"),
        ("f = lambda: (yield)", "generator", "function"),
    ],
)
def test_what_cannot_be_meant_is_told(source: str, fault: str, seen: str) -> None:
    assert faults_of(module(source), {"f": "function"}) == [{"name": "f", "fault": fault, "seen": seen}]


def test_a_class_must_be_one() -> None:
    assert faults_of(module("class C: pass"), {"C": "class"}) == []
    assert faults_of(module("def C(): pass"), {"C": "class"}) == [
        {"name": "C", "fault": "not a class", "seen": "function"}
    ]


def test_a_name_that_is_missing_is_told_with_those_that_are_there() -> None:
    found = faults_of(module("def duoble(): pass\n_hidden = 1\nimport os"), {"double": "function", "os": "class"})
    assert found[0] == {"name": "double", "fault": "missing", "seen": "duoble os"}
    assert found[1]["fault"] == "not a class"


# --- in a process of its own -----------------------------------------------------------------------


def test_names_and_file_are_as_in_a_plain_import(lab: Labs) -> None:
    program = lab(
        "import sys\ndef run():\n    return [__name__, __file__, sys.modules[__name__].run is run, sys.argv]\n"
    )
    name, file, is_module, argv = program.student.run()
    assert (name, is_module, argv) == ("program", True, [""])
    assert file.endswith("/program.py")


def test_files_beside_it_can_be_imported_and_hide_nothing(lab: Labs) -> None:
    bench = lab.bench("""
        import importlib
        import helper
        import random, statistics

        def run():
            return [helper.VALUE, hasattr(random, "Random"), hasattr(statistics, "mean")]
    """)
    for name, text in (("helper", "VALUE = 7"), ("random", "1 / 0"), ("statistics", "1 / 0")):
        (bench.file.parent / f"{name}.py").write_text(text)
        (bench.file.parent / f"{name}.py").chmod(0o644)
    with bench.student() as student:
        assert student.run() == [7, True, True]


def test_a_syntax_error_in_another_file_is_told_as_that_files(lab: Labs) -> None:
    bench = lab.bench("x = 1\nimport helper\n")
    (bench.file.parent / "helper.py").write_text("a = 1\nb = 2\nc = = 3\n")
    (bench.file.parent / "helper.py").chmod(0o644)
    with (
        pytest.raises(RuleBroken, match=r"^helper.py line 3: SyntaxError: invalid syntax\n    c = = 3\n        \^$"),
        bench.student(),
    ):
        pass


def test_nothing_is_written_beside_it(lab: Labs) -> None:
    bench = lab.bench("import helper\ndef run():\n    return helper.VALUE\n")
    (bench.file.parent / "helper.py").write_text("VALUE = 7")
    (bench.file.parent / "helper.py").chmod(0o644)
    with bench.student() as student:
        assert student.run() == 7
    assert sorted(path.name for path in bench.file.parent.iterdir()) == ["helper.py", "program.py"]


IMPORTS = {
    "raise RuntimeError('on purpose')": "program.py cannot be imported: RuntimeError: on purpose (program.py "
    "line 2: `raise RuntimeError('on purpose')`)",
    "import numpyy": "program.py cannot be imported: ModuleNotFoundError: No module named 'numpyy' (program.py "
    "line 2: `import numpyy`); only the standard library is there",
    "import sys; sys.exit(0)": "program.py calls `sys.exit()` while it is imported (program.py line 2: `import "
    "sys; sys.exit(0)`); only define things at the top level",
    "x = input('name? ')": "program.py asks for keyboard input with `input()` while it is imported (program.py "
    "line 2: `x = input('name? ')`)",
    "raise SyntaxError('by hand')": "program.py cannot be imported: SyntaxError: by hand (program.py line 2: "
    "`raise SyntaxError('by hand')`)",
    "exec('1 +')": "program.py cannot be imported: SyntaxError: invalid syntax (<string>, line 1) (program.py "
    "line 2: `exec('1 +')`)",
    "def f(:": "program.py line 2: SyntaxError: invalid syntax\n    def f(:\n          ^",
    "if x:\ny = 1": "program.py line 3: IndentationError: expected an indented block after 'if' statement on "
    "line 2\n    y = 1\n    ^",
    "x = '\ty' 3": "program.py line 2: SyntaxError: invalid syntax\n    x = '   y' 3\n               ^",
    "import os; os._exit(0)": "Your program ended itself during `import program` with exit status 0 before it "
    "answered (`os._exit`?); return or raise instead",
    "import os; os.kill(os.getpid(), 9)": "Your program was ended by SIGKILL during `import program`",
}


@pytest.mark.parametrize("line", IMPORTS, ids=range(len(IMPORTS)))
def test_an_import_that_fails_is_told_with_its_line(lab: Labs, line: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        lab(f"import os\n{line}\n")
    assert broken.value.reason == IMPORTS[line]
    assert broken.value.evidence["during"] == "import"


def test_an_import_that_fails_is_not_tried_again(lab: Labs) -> None:
    bench = lab.bench("import os\nopen('/tmp/tried', 'a').write('x')\nraise ValueError(1)\n")
    for _ in range(2):
        with pytest.raises(RuleBroken, match="ValueError: 1"), bench.student():
            pass
    bench.file.write_text("")  # were it executed, it could be now
    with pytest.raises(RuleBroken, match="ValueError: 1"), bench.student():
        pass


def test_a_name_that_is_missing_is_told_with_the_nearest(lab: Labs) -> None:
    with pytest.raises(RuleBroken, match=r"^program.py defines no `double`; did you mean `duoble`\?$"):
        lab("def duoble(): pass\nx = 1\n", {"double": "function"})
    with pytest.raises(RuleBroken, match=r"^program.py defines no `double`$"):
        lab("x = 1\n", {"double": "function"})
    with pytest.raises(RuleBroken, match="`double` is declared with `async def`; a plain function"):
        lab("async def double(): pass\n", {"double": "function"})


def test_a_module_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    file = tmp_path / "program_compiled_once.py"
    file.write_text("def answer():\n    return 41 + 1\n")
    compiled = Compiled()
    code = compiled.of(str(file))
    file.write_text("answer = None  # what is here now is not looked at any more")
    made = load(str(file), compiled)
    assert compiled.of(str(file)) is code
    assert made.answer() == 42
    assert made.answer.__code__.co_filename == str(file)
    assert made.answer.__code__.co_firstlineno == 1


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:",
        b"x = 0 is 0",  # a warning, which is to be seen in each test
        b"'\xff'",
        b"a\0b",
        b"x = " + b"(" * 1000 + b")" * 1000,
        b"#" * (1 << 19),
        b"x = " + b"+".join([b"-y"] * 30_000),
    ],
)
def test_what_does_not_compile_at_once_is_left_to_the_test(tmp_path: Path, source: bytes) -> None:
    file = tmp_path / "program.py"
    file.write_bytes(source)
    assert Compiled().of(str(file)) == b""


def test_a_compiler_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> None:
        while True:
            pass

    monkeypatch.setattr(compiling, "compile", endless, raising=False)
    (tmp_path / "program.py").write_text("")
    assert Compiled().of(str(tmp_path / "program.py")) == b""


def test_a_compiler_gets_no_more_memory_than_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "program.py"
    file.write_text("")
    for mib, made in ((16, True), (256, False)):
        monkeypatch.setattr(compiling, "compile", lambda *_, mib=mib, **__: len(bytearray(mib << 20)), raising=False)
        assert bool(Compiled().of(str(file))) is made


def test_warnings_of_the_compiler_are_seen(lab: Labs) -> None:
    program = lab("def run():\n    return 0 is 0\n")
    assert program.student.run() is True
    program.student.end()
    assert b'SyntaxWarning: "is" with' in program.student.output
