"""The module inside the LMS: its page, its files, and where each person has got to."""
