"""Classify errors of the database: tables that are missing, or a server that does not answer."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

UPGRADE = "The database is not up to date. Run: lti-tool db upgrade"

_MISSING_IN_POSTGRESQL = ("42P01", "42703")
"""undefined_table, undefined_column (https://www.postgresql.org/docs/current/errcodes-appendix.html)"""
_MISSING_IN_SQLITE = ("no such table", "no such column", "has no column named")


def lacks_tables(error: SQLAlchemyError) -> bool:
    """Whether a statement failed because a table or column does not exist."""
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", None) in _MISSING_IN_POSTGRESQL:
        return True
    message = str(error.orig)
    return any(words in message for words in _MISSING_IN_SQLITE)
