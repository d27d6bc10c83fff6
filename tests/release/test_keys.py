"""The key: read in each of its forms, and then nowhere to be found."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys

import pytest

from grader.release import ReleaseError
from grader.release.keys import VARIABLE, new_key_file, take_key

KEY = b"\xfb\xff" + bytes(range(30))  # has both letters in which the base64 alphabets differ


@pytest.mark.parametrize(
    "text",
    [
        base64.urlsafe_b64encode(KEY).decode(),
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
        KEY.hex(),
        f"  {base64.b64encode(KEY).decode()}\r\n",
    ],
)
def test_a_key_is_read_in_each_form(text, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, text)
    assert take_key(None) == KEY
    (tmp_path / "key").write_text(text)
    assert take_key(tmp_path / "key") == KEY


def test_the_file_counts_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, bytes(32).hex())
    (tmp_path / "key").write_text(KEY.hex())
    assert take_key(tmp_path / "key") == KEY
    assert VARIABLE not in os.environ


@pytest.mark.parametrize("text", ["secret", "a" * 43 + "!", base64.b64encode(KEY[:31]).decode(), "ä" * 44, "g" * 64])
def test_what_is_no_key_is_refused_without_being_shown(text, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ReleaseError, match=f"{VARIABLE} holds no key") as refused:
        take_key(None)
    assert text not in str(refused.value)
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseError, match="holds no key"):
        take_key(tmp_path / "key")


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_a_key_the_ways_to_give_one_are_told(text, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ReleaseError, match=f"there is no key: set {VARIABLE}, or give --key-file FILE"):
        take_key(None)


def test_a_key_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ReleaseError, match="cannot be read: No such file"):
        take_key(tmp_path / "nowhere")
    with pytest.raises(ReleaseError, match="cannot be read: Is a directory"):
        take_key(tmp_path)


def test_a_new_key_is_its_owners_and_never_written_over(tmp_path):
    key = new_key_file(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert take_key(tmp_path / "key") == key and len(key) == 32
    with pytest.raises(ReleaseError, match="never overwritten"):
        new_key_file(tmp_path / "key")
    assert take_key(tmp_path / "key") == key


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_once_taken_the_key_is_neither_inherited_nor_shown_by_the_kernel():
    program = (
        "import subprocess, sys; from grader.release.keys import take_key; take_key(None);"
        "print(open('/proc/self/environ').read());"
        "print(subprocess.run(['/usr/bin/env'], capture_output=True, text=True).stdout)"
    )
    key = base64.b64encode(KEY).decode()
    environment = os.environ | {VARIABLE: key, "ANOTHER": "stays"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert key not in done.stdout and key not in done.stderr
    assert done.stdout.count("ANOTHER=stays") == 2
