"""What runs inside the student process: the zygote, the harness of one test, the probes.

Imports nothing of `grader` but `grader.wire`, because nothing else is there.
"""
