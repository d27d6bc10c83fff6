"""Threadlab's grader: marks what students hand in on processes and threads."""
