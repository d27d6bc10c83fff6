"""What threads of the world wait on, whatever it is: an object with a number, and what may be waited for."""

from __future__ import annotations

import _thread
from typing import Any

from grader.student.world.active import active


class Waitable:
    """An object of the world: it has a number, the same in each run of a schedule.

    Attributes that the real class lacks begin with `_world_`: a subclass of the program's may use any other name.
    """

    _world_number = 0
    """Until it is made: a subclass may forget to call `__init__`."""

    def __init__(self) -> None:
        run = active.run
        self._world_number = run.number()
        if run is active.setup:
            active.setup.made.append(self)

    def to_first_state(self) -> None:
        """Puts an object that outlives runs into its first state."""

    def __hash__(self) -> int:
        return self._world_number  # an address would give sets another order in each run

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._world_number}>"


_FREE = _thread.allocate_lock()
"""A real lock that nobody holds: it says what is wrong with arguments, in the words of the Python that runs."""


def check_wait(blocking: Any, seconds: Any) -> None:
    """Refuses what a real lock would refuse to wait for."""
    _FREE.acquire(blocking, seconds)
    _FREE.release()
