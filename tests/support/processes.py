"""Processes that begin with the tool imported, because importing it is slow.

They are forked from one process that has imported the tool and done nothing else.
"""

import multiprocessing
from functools import cache
from multiprocessing.context import ForkServerContext


@cache
def context() -> ForkServerContext:
    """Return what starts such processes."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["lti_tool.cli", "lti_tool.worker", "lti_tool.serving"])
    return made
