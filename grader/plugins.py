"""The plug-in manager: what ships and what other distributions register, behind the same hooks."""

from __future__ import annotations

from functools import cache

import pluggy

from grader import hooks


@cache
def plugin_manager() -> pluggy.PluginManager:
    """The manager with everything registered; later registrations are asked first."""
    from grader import shipped

    manager = pluggy.PluginManager("grader")
    manager.add_hookspecs(hooks)
    manager.register(shipped)
    manager.load_setuptools_entrypoints("grader")
    return manager
