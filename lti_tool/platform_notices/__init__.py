"""Notices that an LMS sends by itself, such as that a course was copied."""
