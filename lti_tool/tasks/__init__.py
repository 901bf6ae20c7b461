"""Outbox, worker and scheduling."""
