"""The script of a test in the controlled world: what is called, by which threads, with which probes. It is data."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from grader.testing.values import Codec


class Later:
    """What a step of the script will give, once it is run."""

    def __init__(self, script: Script, number: int, name: str) -> None:
        self._script = script
        self.number = number
        self.name = name

    def __getattr__(self, method: str) -> Callable[..., Later]:
        if method.startswith("_") or method == "probe_spec":
            raise AttributeError(method)
        return lambda *args, **kwargs: self._script.step(method, args, kwargs, on=self)

    def __repr__(self) -> str:
        return self.name


class WorldProbe:
    """A callable of the script, which the student's code calls; see `Script.probe`."""

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name

    def probe_spec(self) -> dict[str, Any]:
        """What stands for it on the wire."""
        return {"t": "probe", "id": self.number, "name": self.name, "world": True, "exit_held": False}

    def __repr__(self) -> str:
        return self.name


class Script:
    """The steps of each thread of a script, as they are written down."""

    def __init__(self, codec: Codec) -> None:
        """Args: codec: for the values in it."""
        self._codec = codec
        self._actors: list[list[dict[str, Any]]] = [[]]
        self._here = self._actors[0]
        self._probes: list[dict[str, Any]] = []
        self._steps = 0

    def probe(
        self,
        name: str = "probe",
        returns: Any = None,
        answers: list[tuple[Any, Any]] | None = None,
        how: str = "",
        takes: float | str | list[tuple[Any, float]] = 0,
        cores: bool = True,
    ) -> WorldProbe:
        """A callable to hand to the student's code.

        Args:
            name: for messages.
            returns: what it returns; a `fault` is raised.
            answers: pairs of a first argument and what is returned (or raised) for it.
            how: "sum" returns the sum of its argument, "tag" returns b"<...>" around it; `answers` come first.
            takes: units of virtual time; a number, "each" for one unit per item of its argument, or pairs of a
                first argument and units. In that time it uses one core of the machine.
            cores: False: it waits without using a core, as a fetch over the network does.
        """
        encode = self._codec.encode
        self._probes.append({
            "name": name,
            "returns": encode(returns),
            "answers": [[encode(key), encode(value)] for key, value in answers or []],
            "how": how,
            "takes": [[encode(key), units] for key, units in takes] if isinstance(takes, list) else takes,
            "cores": cores,
        })  # fmt: skip
        return WorldProbe(len(self._probes) - 1, name)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Later:
        """The module's `name` is called and waited for."""
        return self.step(name, args, kwargs)

    def make(self, name: str, *args: Any, **kwargs: Any) -> Later:
        """An instance of the module's class `name` is made; its methods can be called: `server.start()`."""
        return self.step(name, args, kwargs, keep=True)

    @contextlib.contextmanager
    def thread(self, name: str = "") -> Iterator[None]:
        """What is written inside happens in a thread of its own, beside all that comes after it."""
        actor = len(self._actors)
        self._actors.append([])
        self._here.append({"do": "start", "actor": actor, "name": name or f"caller {actor}"})
        before, self._here = self._here, self._actors[actor]
        yield
        self._here = before

    def join(self) -> None:
        """Waits until all threads of the script that have been written down so far have come to their end."""
        self._here.append({"do": "join"})

    def client(
        self, address: Later, *sends: bytes, hangs_up: bool = False, goes_on: bytes = b"", pause: float = 0
    ) -> Later:
        """A client connects to `address`, sends each piece, and reads until the server closes.

        Use it inside `world.thread()`, or the script waits for it. `Ran.client` tells what became of it.

        Args:
            address: what the server's call gave.
            sends: the pieces.
            hangs_up: it does not read, and hangs up at once.
            goes_on: it does not read yet, and sends this again and again, 50 times in a unit of time and 2,000 times
                in all, until the server closes the connection for good.
            pause: units of time that it lets pass before each piece but the first, and before it reads.
        """
        later = self._later("client")
        self._here.append({
            "do": "client",
            "out": later.number,
            "address": address.number,
            "sends": [piece.decode("latin-1") for piece in sends],
            "hangs_up": hangs_up,
            "goes_on": goes_on.decode("latin-1"),
            "pause": pause,
        })  # fmt: skip
        return later

    def step(self, name: str, args: Any, kwargs: Any, on: Later | None = None, keep: bool = False) -> Later:
        """Writes down a call of `name`, or of a method of what `on` will be."""
        later = self._later(name)
        self._here.append({
            "do": "call",
            "out": later.number,
            "name": name,
            "on": None if on is None else on.number,
            "args": [self._given(item) for item in args],
            "kwargs": {key: self._given(item) for key, item in kwargs.items()},
            "keep": keep,
            "joins": not keep,
        })  # fmt: skip
        return later

    def as_data(self) -> dict[str, Any]:
        """What has been written down so far, for the wire."""
        return {"actors": self._actors, "probes": self._probes}

    @property
    def probe_names(self) -> list[str]:
        """The names of its probes, by number."""
        return [probe["name"] for probe in self._probes]

    def _later(self, name: str) -> Later:
        self._steps += 1
        return Later(self, self._steps - 1, name)

    def _given(self, value: Any) -> Any:
        if isinstance(value, Later):
            return {"t": "later", "v": value.number}
        return self._codec.encode(value)
