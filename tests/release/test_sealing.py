"""The sealed file: what was sealed comes out again, or a clear word of why not."""

from __future__ import annotations

import os

import msgspec
import pytest

from grader.release import ReleaseError, sealing
from grader.release.sealing import MAGIC, fingerprint, seal, unseal

KEY = bytes(range(32))
FILES = {"course.yaml": b"title: x\n", "solutions/a/test_hidden.py": b"def test_secret(): pass\n" * 20}


@pytest.fixture
def sealed() -> bytes:
    return seal(FILES, "A course", "sha256:00", KEY)


def test_what_was_sealed_comes_out(sealed):
    header, files = unseal(sealed, KEY)
    assert files == FILES
    assert (header.title, header.pack) == ("A course", "sha256:00")


def test_nothing_of_the_content_can_be_read_in_the_file(sealed):
    assert b"test_secret" not in sealed and b"test_hidden" not in sealed and KEY not in sealed


def test_the_same_content_gives_the_same_file(sealed):
    assert seal(dict(reversed(FILES.items())), "A course", "sha256:00", KEY) == sealed
    assert seal(FILES, "A course", "sha256:00", os.urandom(32)) != sealed


def test_another_key_is_named_by_its_fingerprint(sealed):
    other = os.urandom(32)
    with pytest.raises(ReleaseError, match=f"key {fingerprint(KEY)}; the one given is {fingerprint(other)}"):
        unseal(sealed, other)


def test_every_changed_byte_is_noticed(sealed):
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(ReleaseError):
            unseal(bytes(changed), KEY)


def test_every_cut_is_noticed(sealed):
    for length in range(len(sealed)):
        with pytest.raises(ReleaseError, match=r"cut short|not a sealed file|was changed"):
            unseal(sealed[:length], KEY)
    with pytest.raises(ReleaseError, match=r"cut short: .* instead of"):
        unseal(sealed[:-1], KEY)


def test_something_added_is_noticed(sealed):
    with pytest.raises(ReleaseError, match="added at its end"):
        unseal(sealed + b"\n", KEY)


def test_a_header_that_was_written_anew_is_noticed(sealed):
    header, front = sealing.read_header(sealed)
    text = msgspec.json.encode(msgspec.structs.replace(header, pack="sha256:11"))
    forged = MAGIC + len(text).to_bytes(4, "big") + text + sealed[len(front) :]
    with pytest.raises(ReleaseError, match="was changed"):
        unseal(forged, KEY)


def test_a_newer_graders_file_asks_for_an_update(sealed, monkeypatch):
    monkeypatch.setattr("grader.__version__", "99.1")
    newer = seal(FILES, "A course", "sha256:00", KEY)
    monkeypatch.undo()
    with pytest.raises(ReleaseError, match=r"needs threadlab 99\.1 or newer, and this is .*; update"):
        unseal(newer, KEY)
    monkeypatch.setattr("grader.__version__", "99.2")
    assert unseal(sealed, KEY)[1] == FILES


def test_a_later_form_asks_for_an_update(sealed, monkeypatch):
    monkeypatch.setattr(sealing, "FORM", 2)
    later = seal(FILES, "A course", "sha256:00", KEY)
    monkeypatch.undo()
    with pytest.raises(ReleaseError, match=r"has the form 2; this grader .* reads 1: update"):
        unseal(later, KEY)


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"{}", b'{"form":1}', b"\xff\xfe", b"[" * 60_000, b'{"form":1,"grader":"x","key":"","size":1}'],
)
def test_a_header_that_is_none_is_noticed(header):
    with pytest.raises(ReleaseError, match="was changed"):
        unseal(MAGIC + len(header).to_bytes(4, "big") + header + b"rest", KEY)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", MAGIC[:-1], b"version https://git-lfs.example/spec/v1\n"])
def test_another_file_is_not_taken_for_a_sealed_one(data):
    with pytest.raises(ReleaseError, match="is not a sealed file"):
        unseal(data, KEY)


def test_without_cryptography_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(ReleaseError, match=r"pip install 'threadlab\[seal\]'"):
        seal(FILES, "A course", "sha256:00", KEY)
