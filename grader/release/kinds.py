"""The kinds of release there are: for whom each is, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from grader.course import Course
from grader.release.contents import Files


@dataclass(frozen=True)
class Request:
    """What the instructor has asked for."""

    requirement: str = ""
    """What pip installs the grader from; empty: a wheel of this very grader, brought along."""
    sealed: bytes = b""
    """The hidden tests, sealed; empty: none."""


@dataclass(frozen=True)
class Kind:
    """One kind of release. A plug-in may bring its own (`grader_releases`)."""

    name: str
    """What `grade release --for NAME` knows it by."""
    description: str
    """For whom or what it is, in a few words."""
    files: Callable[[Course, Request], Files]
    """All that is in it; may raise `ReleaseError`."""
    is_public: bool = True
    """Whether students may see it; then it is searched for hidden tests, too."""
    takes_sealed: bool = False
    """Whether a key in the environment is enough for sealed tests to be put into it."""
    is_course: bool = False
    """Whether it is a course to work in, whose public tests must say of stub and reference what they should."""


def kinds() -> dict[str, Kind]:
    """All kinds by name, those of plug-ins as well."""
    from grader.plugins import plugin_manager

    found: dict[str, Kind] = {}
    for listed in plugin_manager().hook.grader_releases():
        for kind in listed:
            found.setdefault(kind.name, kind)
    return found


def _shipped(name: str, description: str, **traits: bool) -> Kind:
    """A kind whose module bears its name."""

    def files(course: Course, request: Request) -> Files:
        made: Files = import_module(f"grader.release.{name}").files(course, request)
        return made

    return Kind(name, description, files, **traits)


SHIPPED: tuple[Kind, ...] = (
    _shipped("student", "the repository that students get", is_course=True),
    _shipped("classroom50", "an assignment's autograder for Classroom 50; its tests are sealed", takes_sealed=True),
    _shipped("gradescope", "an assignment's autograder for Gradescope", is_public=False),
    _shipped("docker", "an image that grades in the jail", takes_sealed=True),
    _shipped("central", "your own repository, which grades everybody's", is_public=False),
)
