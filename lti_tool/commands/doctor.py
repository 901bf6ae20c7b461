"""What would keep the tool from working, found before anybody is disappointed."""

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from courseware.library import Library
from lti_tool.commands.shared import Operator
from lti_tool.directory.registrations import count_registrations
from lti_tool.packages.tasks import unavailable_formats
from lti_tool.registrations.changes import count_pending_changes
from lti_tool.settings import SettingsError
from lti_tool.storage import migrations
from lti_tool.tasks import outbox


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and what to do."""

    level: Literal["ok", "warning", "error"]
    text: str


def findings(operator: Operator) -> list[Finding]:
    """Look at the address, the data folder, the database, the modules and the services."""
    return [
        _url(operator),
        _data_folder(operator),
        *_database(operator),
        *_modules(operator),
        *_redis(operator),
        *_packages(),
    ]


def _packages() -> list[Finding]:
    """Return a warning for each package format that cannot be built on this machine."""
    return [
        Finding("warning", f"{title} is not offered to instructors. {' '.join(reason.split())}")
        for title, reason in unavailable_formats().items()
    ]


def _url(operator: Operator) -> Finding:
    url = operator.settings.public_url
    if operator.settings.secure:
        return Finding("ok", f"The public address is {url}.")
    if urlsplit(url).hostname in ("localhost", "127.0.0.1"):
        return Finding("warning", f"The public address is {url}: only this machine reaches it.")
    return Finding(
        "error",
        f"The public address {url} is not HTTPS: browsers keep no cookie for it inside an LMS. "
        "Set MINGA_PUBLIC_URL to https://… and put TLS in front.",
    )


def _data_folder(operator: Operator) -> Finding:
    folder = operator.settings.data_dir
    if not os.access(folder, os.W_OK):
        return Finding("error", f"The data folder {folder} cannot be written to.")
    if folder.stat().st_mode & 0o007:
        return Finding(
            "warning", f"Others on this machine may look into {folder}. Run: chmod 700 {folder}"
        )
    return Finding("ok", f"The data folder is {folder}.")


def _database(operator: Operator) -> list[Finding]:
    try:
        with operator.database.read_core() as connection:
            connection.execute(text("SELECT 1"))
        if migrations.needs_upgrade(operator.database):
            return [Finding("error", "The database is not up to date. Run: lti-tool db upgrade")]
        count = count_registrations(operator.database)
        changes = count_pending_changes(operator.database)
        backlog = outbox.backlog(operator.database)
    except SettingsError as error:
        return [Finding("error", str(error))]
    except SQLAlchemyError as error:
        return [
            Finding(
                "error",
                f"The database does not answer ({type(error).__name__}). Check MINGA_DATABASE_URL.",
            )
        ]
    kind = "SQLite" if operator.database.is_sqlite else "PostgreSQL"
    found = [Finding("ok", f"The database ({kind}) is up to date.")]
    if count == 0:
        found.append(Finding("warning", "No platform is registered yet. Run: lti-tool invite"))
    if changes:
        words = f"Changes of registrations that wait for you: {changes}."
        found.append(Finding("warning", f"{words} Run: lti-tool registrations changes"))
    return found + _work(backlog)


def _work(backlog: outbox.Backlog) -> list[Finding]:
    found = []
    if backlog.late_since:
        since = f"{backlog.late_since:%Y-%m-%d %H:%M} UTC"
        words = f"Work has been waiting since {since}. Does a worker run? Run: lti-tool worker"
        found.append(Finding("warning", words))
    if backlog.given_up:
        words = (
            f"Pieces of work given up after {outbox.MOST_ATTEMPTS} attempts: {backlog.given_up}."
        )
        found.append(Finding("warning", f"{words} The worker's log says where each failed."))
    return found


def _modules(operator: Operator) -> list[Finding]:
    library = Library(operator.settings.content_dir)
    modules = library.modules()
    found = [
        Finding("error", f"{folder}: {problem}")
        for folder, problems in library.problems().items()
        for problem in problems
        if problem.level == "error"
    ]
    if not modules:
        found.append(Finding("error", f"There are no modules in {operator.settings.content_dir}."))
    else:
        names = ", ".join(module.id for module in modules)
        found.append(Finding("ok", f"Modules: {names}."))
    return found


def _redis(operator: Operator) -> list[Finding]:
    url = operator.settings.redis_url
    if url is None:
        return []
    try:
        import redis

        redis.Redis.from_url(url, socket_timeout=3).ping()
    except ImportError:
        return [Finding("error", "MINGA_REDIS_URL is set, but redis is missing: pip install redis")]
    except Exception as error:  # whatever is wrong with it, the operator is told
        return [Finding("error", f"Redis does not answer ({type(error).__name__}).")]
    return [Finding("ok", "Redis answers.")]
