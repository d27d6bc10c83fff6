"""What an instructor publishes: the students' repository, sealed tests, and the files that CI needs."""

from __future__ import annotations


class ReleaseError(Exception):
    """A release, a seal or a key cannot be made or used; the message says why and what to do."""
