"""``lti-tool doctor``: check the configuration, the database and the services."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from courseware.library import Library
from lti_tool.commands.shared import Operator
from lti_tool.directory.registrations import count_registrations
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.discussion.search_index import count_missing
from lti_tool.notifications.diagnostics import mail_findings
from lti_tool.packages.tasks import unavailable_formats
from lti_tool.registrations.changes import count_pending_changes
from lti_tool.settings import SettingsError
from lti_tool.storage import faults, migrations
from lti_tool.storage.database import Database, now
from lti_tool.tasks import heartbeat, outbox

LATE = timedelta(minutes=10)
"""A task that has been due for longer is a warning."""


@dataclass(frozen=True)
class DiagnosticResult:
    """The result of one check, with what to do about it."""

    level: Literal["ok", "warning", "error"]
    text: str


def findings(operator: Operator) -> list[DiagnosticResult]:
    """Check the public URL, the data folder, the database, the modules and the services."""
    return [
        _url(operator),
        _data_folder(operator),
        *_database(operator),
        *_modules(operator),
        *_redis(operator),
        *_packages(),
        *_mail(operator),
    ]


def _mail(operator: Operator) -> list[DiagnosticResult]:
    try:
        found = mail_findings(operator.settings, operator.database)
    except (SettingsError, SQLAlchemyError, migrations.NewerDatabaseError):
        return []  # reported with the database
    return [DiagnosticResult(level, text) for level, text in found]


def _packages() -> list[DiagnosticResult]:
    """Return a warning for each package format that cannot be built on this machine."""
    return [
        DiagnosticResult(
            "warning", f"{title} is not offered to instructors. {' '.join(reason.split())}"
        )
        for title, reason in unavailable_formats().items()
    ]


def _url(operator: Operator) -> DiagnosticResult:
    url = operator.settings.public_url
    if operator.settings.secure:
        return DiagnosticResult("ok", f"The public address is {url}.")
    if urlsplit(url).hostname in ("localhost", "127.0.0.1"):
        return DiagnosticResult(
            "warning", f"The public address is {url}: only this machine reaches it."
        )
    return DiagnosticResult(
        "error",
        f"The public address {url} is not HTTPS: browsers store no cookie for it inside an LMS. "
        "Set MINGA_PUBLIC_URL to https://… and put TLS in front.",
    )


def _data_folder(operator: Operator) -> DiagnosticResult:
    folder = operator.settings.data_dir
    if not os.access(folder, os.W_OK):
        return DiagnosticResult("error", f"The data folder {folder} cannot be written to.")
    if folder.stat().st_mode & 0o007:
        return DiagnosticResult(
            "warning", f"Others on this machine may look into {folder}. Run: chmod 700 {folder}"
        )
    return DiagnosticResult("ok", f"The data folder is {folder}.")


def _database(operator: Operator) -> list[DiagnosticResult]:
    try:
        with operator.database.read_core() as connection:
            connection.execute(text("SELECT 1"))
        if problem := migrations.problem(operator.database):
            return [DiagnosticResult("error", problem)]
        count = count_registrations(operator.database)
        changes = count_pending_changes(operator.database)
        tasks = _tasks(operator.database)
        miscounted = len(wrong_discussions(operator.database))
        not_indexed = count_missing(operator.database)
    except (SettingsError, migrations.NewerDatabaseError) as error:
        return [DiagnosticResult("error", str(error))]
    except SQLAlchemyError as error:
        if faults.lacks_tables(error):
            return [DiagnosticResult("error", faults.UPGRADE)]
        return [
            DiagnosticResult(
                "error",
                f"The database does not answer ({type(error).__name__}). Check MINGA_DATABASE_URL.",
            )
        ]
    kind = "SQLite" if operator.database.is_sqlite else "PostgreSQL"
    found = [DiagnosticResult("ok", f"The database ({kind}) is up to date.")]
    if count == 0:
        found.append(
            DiagnosticResult("warning", "No platform is registered yet. Run: lti-tool invite")
        )
    if changes:
        words = f"Changes of registrations that wait for you: {changes}."
        found.append(DiagnosticResult("warning", f"{words} Run: lti-tool registrations changes"))
    if miscounted:
        words = f"Discussions whose numbers of posts are wrong: {miscounted}."
        found.append(DiagnosticResult("warning", f"{words} Run: lti-tool discussion recount"))
    if not_indexed:
        words = f"Posts that the search does not find yet: {not_indexed}. The worker indexes them."
        found.append(DiagnosticResult("warning", f"{words} Or run: lti-tool discussion reindex"))
    return found + tasks


def _tasks(database: Database) -> list[DiagnosticResult]:
    """The worker and the outbox."""
    found = []
    workers = heartbeat.latest(database, alive_only=True)
    for worker in workers:
        ago = max(0, round((now() - worker.seen_at).total_seconds()))
        busy = f", doing {worker.current_kind}" if worker.current_kind else ""
        words = f"A worker runs on {worker.host} (process {worker.pid}, seen {ago} s ago{busy})."
        found.append(DiagnosticResult("ok", words))
    if not workers:
        words = "No worker runs. Run: lti-tool worker (or lti-tool serve --with-worker)"
        found.append(DiagnosticResult("warning", words))
    backlog = outbox.backlog(database)
    if backlog.oldest_due and backlog.oldest_due < now() - LATE:
        since = f"{backlog.oldest_due:%Y-%m-%d %H:%M} UTC"
        words = f"Tasks that are due: {backlog.due}, the oldest waiting since {since}."
        found.append(DiagnosticResult("warning", f"{words} Run: lti-tool outbox list"))
    if backlog.given_up:
        words = f"Tasks that were given up: {backlog.given_up}."
        remedy = "Run: lti-tool outbox list --status given-up"
        found.append(DiagnosticResult("warning", f"{words} {remedy}"))
    return found


def _modules(operator: Operator) -> list[DiagnosticResult]:
    library = Library(operator.settings.content_dir)
    modules = library.modules()
    found = [
        DiagnosticResult("error", f"{folder}: {problem}")
        for folder, problems in library.problems().items()
        for problem in problems
        if problem.level == "error"
    ]
    if not modules:
        found.append(
            DiagnosticResult("error", f"There are no modules in {operator.settings.content_dir}.")
        )
    else:
        names = ", ".join(module.id for module in modules)
        found.append(DiagnosticResult("ok", f"Modules: {names}."))
    return found


def _redis(operator: Operator) -> list[DiagnosticResult]:
    url = operator.settings.redis_url
    if url is None:
        return []
    try:
        import redis

        redis.Redis.from_url(url, socket_timeout=3).ping()
    except ImportError:
        return [
            DiagnosticResult(
                "error", "MINGA_REDIS_URL is set, but redis is missing: pip install redis"
            )
        ]
    except Exception as error:  # any fault of Redis is a finding
        return [DiagnosticResult("error", f"Redis does not answer ({type(error).__name__}).")]
    return [DiagnosticResult("ok", "Redis answers.")]
