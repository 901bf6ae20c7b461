"""Exchanges: the page of an institution's administrator, and the operator's commands."""
