# tries: to hide a race from the controlled world in code that is made of text, by exec, eval and compile
# exercise: twice
# outcome: F
# fails: test_two_callers_at_once
import threading

last = {"number": 0}
exec("def keep(number):\n    last['number'] = number\n    return last['number']\n", globals())
twice = eval("lambda number: 2 * keep(number)")


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return twice(found[0])
