"""`exec`, `eval` and `compile` in the world: they do what the real ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs


def test_names_are_found_where_the_real_ones_find_them(programs: Programs) -> None:
    programs.same("""
        import builtins

        total = 1

        def within(a):
            b = 2
            exec("b = 3; total = 4")
            see((a, b, total, eval("a + b + total"), sorted(eval("dir()"))))

        class Made:
            exec("x = 5")
            run = exec

        def scenario():
            within(1)
            see((Made.x, total))
            exec("total = 6", globals())
            see(total)
            space, local = {}, {}
            exec("y = 1\\ndef f(): return y", space)
            see((space["f"](), sorted(space) == ["__builtins__", "f", "y"]))
            exec("z = y + 1", space, local)
            see((local, "z" in space))
            Made().run("w = 1", space)
            see(space["w"])
            see([eval(text) for text in ("1 + 1", " 2 + 2", b"3 + 3")])
            see(list(map(eval, ["1", "2"])))
            see(eval(compile("total + 1", "text", "eval")))
            see(eval("[n for n in range(3)]", {"range": range, "__builtins__": {}}))
            see(builtins.eval("total"))
            see(sorted(eval("locals()", {}, {"k": 1})))
    """)


def test_faults_are_those_of_the_real_ones(programs: Programs) -> None:
    programs.same("""
        def scenario():
            see(lambda: exec("1 +"))
            see(lambda: eval("x = 1"))
            see(lambda: eval("nobody"))
            see(lambda: exec(1))
            see(lambda: eval(None))
            see(lambda: exec("1", 2))
            see(lambda: compile("1", "text", "other"))
            see(lambda: exec("1 / 0"))
            see(lambda: compile("1 /", "text", "exec"))
    """)


def test_how_text_is_compiled_is_inherited(programs: Programs) -> None:
    source = """
        from __future__ import annotations

        def scenario():
            space = {}
            exec("def f(x: nobody): pass", space)
            see(space["f"].__annotations__)
            exec(compile("def g(x: nobody): pass", "text", "exec"), space)
            see(space["g"].__annotations__)
            see(lambda: exec(compile("def g(x: nobody): pass", "text", "exec", 0, True), space))
    """
    assert programs.values(source)[:2] == [{"x": "nobody"}] * 2
    assert programs.values(source.replace("from __future__ import annotations", "").replace("nobody", "int"))[0] == {
        "x": int
    }


def test_ever_new_texts_are_executed_all_the_same(programs: Programs) -> None:
    assert programs.values("""
        def scenario():
            see(sum(eval(f"{n} + 1") for n in range(500)))
    """) == [125_250]


def test_a_run_is_the_same_again_once_a_text_is_known(programs: Programs) -> None:
    source = """
        import threading

        total = 0

        def add():
            exec("total += 1", globals())

        def scenario():
            threads = [threading.Thread(target=add) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """
    runs = programs.under(source, ["-", "lockstep:1:0", "-", "lockstep:1:0", "-"])
    assert [seen.fault for seen in runs] == [("", "")] * 5
    assert runs[0].account == runs[2].account == runs[4].account
    assert runs[1].account == runs[3].account
