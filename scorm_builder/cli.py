"""The command ``scorm-builder``: build, check, inspect, preview and translate.

Exit codes: 0 success (possibly with warnings), 1 something is wrong with the input, 2 wrong usage.
Results go to standard output, problems to standard error; with ``--json`` one document on standard
output contains both. The subcommands are in ``commands/``.
"""

import atexit
import gc
from collections.abc import Sequence

_GC_THRESHOLD = 50_000
"""Collect after this many new objects. Python's default of 700 takes a sixth of a short build."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    gc.set_threshold(_GC_THRESHOLD)
    atexit.register(gc.freeze)  # no last collection: the process ends anyway
    from scorm_builder.commands.group import scorm_builder

    scorm_builder(arguments)


if __name__ == "__main__":
    main()
