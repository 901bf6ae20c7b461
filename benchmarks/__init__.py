"""What the tool costs, measured: ``python -m benchmarks [name …]`` prints a table for each name.

Nothing here runs in the tests, and no test measures time. What the figures mean, and those that we
got, is in ``docs/benchmarks.md``.
"""
