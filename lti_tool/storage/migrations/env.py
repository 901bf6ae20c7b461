"""Alembic's entry: run the migrations in one transaction that locks out other upgraders."""

from alembic import context
from sqlalchemy import text

from lti_tool.storage.database import Base, Database

_LOCK = 0x6D696E6761  # "minga"

database: Database = context.config.attributes["database"]

with database.write_core() as connection:
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=database.is_sqlite,
        user_module_prefix="database.",
    )
    with context.begin_transaction():
        context.run_migrations()
