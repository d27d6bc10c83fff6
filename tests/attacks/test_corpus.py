"""The heads of attacks: what they say is read as it is meant, and what cannot be meant is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.corpus import Attack, HeadError, attacks, read_head

HEAD = """\
# tries: to leave,
#     and to be back
# outcome: F
# outcome at limits: N
# reason: one
# reason: two
# fails: test_a, test_b
# not held at limits: it cannot
print("# outcome: E")
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "leaving" / "leaves.py"
    file.parent.mkdir()
    file.write_text(text)
    return file


def test_a_head_is_read_by_key_and_tier(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD)
    attack = Attack(file, read_head(file))
    assert (attack.name, attack.exercise, attack.fields["tries"]) == (
        "leaving/leaves",
        "double",
        "to leave, and to be back",
    )
    assert (attack.at("jail", "outcome"), attack.at("limits", "outcome")) == ("F", "N")
    assert (attack.names("jail", "reason"), attack.names("jail", "fails")) == (["one", "two"], ["test_a", "test_b"])
    assert (attack.at("jail", "not held"), attack.at("limits", "not held")) == ("", "it cannot")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# outcome: F\n", "has no `# tries: ...` line"),
        ("# tries: x\n", "has no `# outcome: ...` line"),
        ("# tries: x\n# outcome: P\n", "outcome 'P' is none of F, E, R, N"),
        ("# trys: x\n# outcome: F\n", "begins with no key"),
        ("# tries: x\n# outcome: F\n# reason at nowhere: x\n", "names a tier that is none of"),
    ],
)
def test_a_head_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(HeadError, match=problem):
        read_head(written(tmp_path, text))


def test_every_attack_of_the_corpus_can_be_laid_out(tmp_path: Path) -> None:
    found = attacks()
    assert len({attack.name for attack in found}) == len(found) >= 120
    for number, attack in enumerate(found):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = attack.lay_out(folder)
        assert path.is_relative_to(folder) and (path.exists() or path.is_symlink()), attack.name
