"""The controlled world: runs a program's own threads one step at a time, under schedules chosen by fixed seeds.

It needs nothing but the standard library. From the bottom up: `scheduler` (the baton, the choice, virtual time),
`workers` (the real threads), `points` and `relevance` (where a thread can be held up), the modelled modules
(`waitable`, `locks`, `conditions`, `threads`, `queues`, `clock`, `sockets`, `selecting`, `stand_ins`), what is
`refused`, which module a program gets (`modules`), `strategies` (ways to choose), `search` (which schedules to try,
and the shortest that fails), `world` (puts them together), `exploring` (a scenario in, a finding out), `recording`
(the story of a run: `call_sites` and `accesses` see what a thread does, `expressions` and `looks` put it in the
program's words, `event_log` keeps it, `telling` tells it), `scenario` (a test's script).
"""
