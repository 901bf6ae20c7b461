"""Grades of an activity: what counts, the columns in the LMS's gradebook, and the scores sent."""
