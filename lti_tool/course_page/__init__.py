"""The activities of a course at a glance, for its instructors."""
