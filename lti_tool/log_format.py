"""How a fault is told to the log: what it was and where, on one line, and nothing of what it says.

The message of an exception can hold personal data: SQLAlchemy writes the values of a statement into
it, PostgreSQL a whole row.
"""

import traceback
from pathlib import Path


def told(error: BaseException) -> str:
    """``IntegrityError: discussion/views.py:52 create > …``; then what caused it, if anything."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in frames
    )
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    after = f", after {told(cause)}" if cause is not None else ""
    return f"{type(error).__name__}: {places or 'nowhere'}{after}"
