"""Grades a whole course: finds the submissions, has each graded once, keeps every result, writes the gradebook."""
