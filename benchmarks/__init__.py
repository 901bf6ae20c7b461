"""Benchmarks: ``python -m benchmarks [name …]`` prints a table for each name.

They are not part of the tests. ``docs/benchmarks.md`` explains the figures and has our results.
"""
