"""Which tier is chosen: by what it stops, not by what it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from grader import jail
from grader.jail import Cell, TierUnavailable, open_cell
from grader.jail.tiers import ON_REQUEST, Jail, Landlock, Limits


class Boaster(Limits):
    """Confines like `limits` and promises more."""

    name = "boaster"

    def __init__(self, *guarantees: str) -> None:
        self.guarantees = guarantees


@pytest.mark.parametrize("promise", ["network", "processes"])
def test_a_tier_that_does_not_hold_what_it_promises_is_refused(reachable: Path, promise: str) -> None:
    with pytest.raises(TierUnavailable, match=f"^it does not hold here: {promise} not confined$"):
        Cell(Boaster(promise), reachable, {})


def test_a_tier_that_does_not_start_says_why(reachable: Path) -> None:
    class Broken(Limits):
        def plan(self, layout: Any, uid: int | None) -> Any:
            start = super().plan(layout, uid)
            return type(start)(
                ["/bin/sh", "-c", "echo no luck today >&2; exit 1"], start.home, start.submission, start.work
            )

    with pytest.raises(TierUnavailable, match=r"^it does not start here: no luck today$"):
        Cell(Broken(), reachable, {})
    assert os.listdir(reachable) == []


def test_an_unknown_tier_is_told_with_those_there_are(reachable: Path) -> None:
    with pytest.raises(TierUnavailable, match="there is no tier 'jial'; there are jail, landlock, limits"):
        open_cell(reachable, {}, (), "jial")


def test_without_bubblewrap_the_next_tier_is_taken(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(TierUnavailable, match=r"bubblewrap is not installed .*apt install bubblewrap"):
        open_cell(reachable, {}, (), "jail")
    with open_cell(reachable, {}) as cell:
        assert cell.tier.name == "landlock"
    monkeypatch.setattr("grader.jail.landlock.version", lambda: 3)
    with pytest.raises(TierUnavailable, match=r"Landlock \(3\) does not confine TCP; Linux 6.7"):
        open_cell(reachable, {}, (), "landlock")
    with open_cell(reachable, {}) as cell:
        assert cell.tier.name == "limits"


def test_what_each_tier_stops_is_what_it_promises(reachable: Path) -> None:
    for tier in (Jail(), Landlock(), Limits()):
        try:
            with Cell(tier, reachable, {}) as cell:
                assert all(cell.stopped[name] for name in tier.guarantees)
                assert {*cell.stopped} == {"files", "network", "processes", "TCP"}
        except TierUnavailable as error:
            pytest.skip(str(error))


def test_no_confinement_is_never_chosen_but_by_name(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "tiers", lambda: ON_REQUEST)
    with pytest.raises(TierUnavailable):
        open_cell(reachable, {})
    with open_cell(reachable, {"NOFILE": 64}, (), "none") as cell:
        assert (cell.tier.name, cell.tier.guarantees) == ("none", ())
        process = cell.fork()
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        cell.end(process)
    assert "Max open files            64 " not in limits
