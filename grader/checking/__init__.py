"""`grade check`: are the tests of a course right?

| module | what it does |
|---|---|
| `check` | the main path: start reading here |
| `known`, `headers` | known submissions, and what their verdicts must be |
| `mutants`, `tree`, `thread_operators`, `other_operators` | references with one thing wrong |
| `killing`, `judgements` | what becomes of a mutant, and which ones no test can kill |
| `gradings`, `servers` | hundreds of gradings without hundreds of starts |
| `conditions` | busy loops, and one CPU for all |
| `model`, `table`, `progress` | what came of it, for programs and for people |
"""
