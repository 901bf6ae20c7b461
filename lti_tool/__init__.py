"""The live tool: shows a module inside an LMS over LTI 1.3 and stores its discussion."""

import gc

# With Python's own thresholds, a quarter of a process' start is garbage collection.
gc.set_threshold(50_000, 20, 20)
