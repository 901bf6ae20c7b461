"""The command ``scorm-builder``: build packages, check and preview modules, translate them.

Exit codes: 0 all is well (warnings may have been told), 1 something is wrong with what was given,
2 the command itself was not understood. What the command says goes to standard output, problems to
standard error; with ``--json`` one document on standard output holds both.

Here is how its process starts and ends; its parts are in ``commands/``. What a process loads stays
to its end. To look for garbage in that again and again, as Python does at every 700 new objects and
twice more before all memory goes back anyway, took a sixth of a build.
"""

import atexit
import gc
from collections.abc import Sequence

_OBJECTS = 50_000
"""So many new ones between two looks: a run over a thousand modules must not grow."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command, which is loaded only now: to load makes most of the objects."""
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)
    from scorm_builder.commands.group import scorm_builder

    scorm_builder(arguments)


if __name__ == "__main__":
    main()
