"""The mark of columns whose numbers are shifted when discussions are merged."""

SEQUENCE = {"is_sequence": True}
"""Marks the columns that hold the ``sequence`` of a post of the discussion."""
