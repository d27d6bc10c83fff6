"""Threadlab's grader: marks what students hand in on processes and threads."""

__version__ = "0.1.0"
