"""Runs a test's script in the controlled world, when the wire says so, and tells what was seen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader import wire
from grader.student.restoring import Kept
from grader.student.values import Values
from grader.student.world.scenario import Codec, Exploration, Outcome
from grader.student.world.world import World, beside

_MOST_BYTES = 300_000
"""Of one frame's worth of runs."""

_kept = Kept()  # before the student's code is there

GUIDED = "guided:"
"""Begins the schedule of a player: the numbers of the threads that were chosen, in order, with dots between them."""


class Explorer:
    """The world of one test; its process ends with the test."""

    def __init__(self, path: str, script: dict[str, Any], values: Values, working: Callable[[], Any]) -> None:
        """Args: path: of the submission's module. script: see `grader.testing.script`. values: encodes and decodes.
        working: called each time when a run has made some thousands of steps more.
        """
        _kept.put_back()
        file = Path(path)
        codec = Codec(values.decode, values.encode, values.encode_error, values.forget_faults)
        world = World(beside(file.parent))
        world.rebuild(file.stem, file)
        world.working = working
        self._open = contextlib.ExitStack()
        self._open.enter_context(world.opened())
        self._world = world
        self._exploration = Exploration(world, file.stem, script, codec)
        self._visible: set[Any] = set()

    def probe(self, spec: dict[str, Any]) -> Callable[..., Any]:
        """The callable that stands for a probe in the run that goes on."""
        play = self._exploration.play
        assert play is not None
        return play.probe(spec)

    def run(self, job: wire.RunWorld) -> wire.Explored:
        """Runs what is asked for."""
        exploration = self._exploration
        story = None
        if job.recorded:
            guided = job.schedule.startswith(GUIDED)
            story, outcome = self._guide(job.schedule) if guided else self._record(job.schedule)
            found = [outcome]
        elif job.schedule:
            found = [exploration.replay(job.schedule)[1]]
        else:
            found = exploration.explore(job.count, _MOST_BYTES)
        observed = [wire.Observed(**vars(outcome)) for outcome in found]
        return wire.Explored(job.id, observed, exploration.tried, exploration.over, exploration.complete, story)

    def _record(self, schedule: str) -> tuple[Any, Outcome]:
        from grader.student.world.recording import Recorded, recorder  # only where a test has failed

        run, outcome = self._exploration.replay(schedule, recorder(self._world.points))
        if not isinstance(run, Recorded):
            return None, outcome
        self._visible = run.visible
        return run.story, outcome

    def _guide(self, schedule: str) -> tuple[Any, Outcome]:
        """Runs what a player's choices make of the program; between two choices lies what the last story told."""
        from grader.student.world.guiding import Guide, Guided, guided

        guide = Guide(self._visible, [int(word) for word in schedule.removeprefix(GUIDED).split(".") if word])
        run, outcome = self._exploration.perform(guide, guided(self._world.points, guide))
        return (run.story if isinstance(run, Guided) else None), outcome
