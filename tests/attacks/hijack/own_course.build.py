# tries: a course of its own around the submission: a rubric of a thousand points, and tests that pass
# outcome: N

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    (folder / "course.yaml").write_text("title: Mine\nexercises:\n  - {name: double, points: 1000}\n")
    for top in (folder / "exercises" / "double", folder / "double"):
        top.mkdir(parents=True)
        (top / "double.py").write_text(HONEST)
        (top / "exercise.yaml").write_text("title: Mine\npoints: 1000\ndefines: {double: function}\ngroups: {}\n")
        (top / "test_public.py").write_text("open('/tmp/threadlab-attack-course', 'w').close()\n")
    return folder
