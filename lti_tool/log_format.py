"""The format of the log: text or JSON, each line with its request id, and faults without data.

The message of an exception can hold personal data: SQLAlchemy writes the values of a statement into
it, PostgreSQL a whole row. A fault is therefore described by its types, its frames, and for a
database error by the statement without its values and the driver's error code.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import DBAPIError

MOST_STATEMENT = 500
"""Characters of a statement that are logged."""
MOST_CAUSES = 5

Format = Literal["text", "json"]

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being served; empty outside of requests."""


def describe(error: BaseException, *, depth: int = 0) -> str:
    """Describe an exception on one line: ``IntegrityError: discussion/views.py:52 create > …``.

    Its causes follow, each with type and frames.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in frames
    )
    text = f"{type(error).__name__}: {places or 'nowhere'}"
    if isinstance(error, DBAPIError):
        return text + _database_error(error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < MOST_CAUSES:
        text += f", after {describe(cause, depth=depth + 1)}"
    return text


def _database_error(error: DBAPIError) -> str:
    """The driver's error code and the statement. SQLAlchemy binds every value: none is in it."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    statement = " ".join((error.statement or "").split())[:MOST_STATEMENT]
    return f", {type(error.orig).__name__} {code or ''} in: {statement}"


class _Formatter(logging.Formatter):
    """One line for each record; the request id, if a request is being served."""

    def __init__(self, form: Format) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            message += f": {describe(error)}"
        request_id = REQUEST_ID.get()
        if self._form == "json":
            fields = {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat("T", "milliseconds"),
                "level": record.levelname,
                "logger": record.name,
                "message": message,
            }
            if request_id:
                fields["request_id"] = request_id
            return json.dumps(fields, ensure_ascii=False)
        tag = f" [{request_id}]" if request_id else ""
        # A value from a request must not begin a line of its own.
        line = f"{record.levelname} {record.name}{tag}: {message}".replace("\n", "\\n")
        return line.encode("utf-8", "replace").decode()  # a lone surrogate cannot be written


def formatter(form: Format) -> logging.Formatter:
    """The formatter of every line that the tool logs."""
    return _Formatter(form)


def configure(level: str, form: Format) -> None:
    """Log to standard error, unless the process has configured its logging already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level, handlers=[handler])
