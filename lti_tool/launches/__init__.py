"""A launch becomes a session: persons, courses, placements and who may see what."""
