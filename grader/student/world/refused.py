"""What stands for the parts of the standard library that the world does not model: to import them does no harm."""

from __future__ import annotations

import importlib
import importlib.util
import types
from collections.abc import Callable
from typing import Any

from grader.student.world.active import not_modelled, refuse

_CONSTANTS = (int, float, str, bytes, frozenset, type(None))


def refusal(name: str) -> Callable[..., Any]:
    """A function that must not be called."""

    def refused(*_: object, **__: object) -> Any:
        raise not_modelled(name)

    return refused


def refusing(module: types.ModuleType, real: types.ModuleType, absent: tuple[str, ...] = ()) -> types.ModuleType:
    """Makes `module` refuse what only the real one has, except for names that it may say it lacks."""

    def missing(name: str) -> Any:
        if name in absent:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        raise refuse(module, real, name)

    module.__dict__.update(__getattr__=missing, __spec__=None)
    return module


class Refused:
    """Stands for a class or a function: whatever is done with it leaves no verdict."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_modelled(f"{self._name}.{name}")

    def _refuse(self, *_: object, **__: object) -> Any:
        raise not_modelled(self._name)

    __call__ = __mro_entries__ = __enter__ = __exit__ = __iter__ = __instancecheck__ = __subclasscheck__ = _refuse
    __getitem__ = __len__ = __contains__ = __add__ = __lt__ = __gt__ = _refuse

    def __or__(self, other: object) -> Any:
        return self  # in an annotation

    __ror__ = __or__


def refused_module(name: str) -> types.ModuleType:
    """A module whose constants and exceptions are the real ones; all else in it is refused when it is used.

    Raises:
        ImportError: there is none of this name.
    """
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = types.ModuleType(name)

    def missing(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _part(name, attribute)

    module.__dict__.update(__getattr__=missing, __spec__=spec)
    return module


def _part(name: str, attribute: str) -> Any:
    real = importlib.import_module(name)
    if not hasattr(real, attribute):
        try:
            return refused_module(f"{name}.{attribute}")
        except ImportError:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None
    found = getattr(real, attribute)
    if isinstance(found, types.ModuleType):
        return refused_module(found.__name__)
    if isinstance(found, _CONSTANTS) or (isinstance(found, type) and issubclass(found, BaseException)):
        return found
    return Refused(f"{name}.{attribute}")
