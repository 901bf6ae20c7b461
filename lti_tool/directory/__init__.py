"""Registrations, deployments, users, courses, memberships and resource links."""
