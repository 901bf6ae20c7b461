"""What is particular to one LMS: each particularity a named function beside why."""
