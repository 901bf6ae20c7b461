"""The worker: does what the outbox holds, and tidies up.

The outbox alone decides what is to be done; huey (over SQLite in the data folder, or Redis) only
wakes the worker at once when there is something new, and at every minute in any case.
"""

import logging
from collections.abc import Callable, Mapping

from huey import Huey, RedisHuey, SqliteHuey, crontab

from lti_tool.features import FEATURES
from lti_tool.sessions.service import purge_sessions
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox

log = logging.getLogger(__name__)
logging.getLogger("huey").setLevel(logging.WARNING)  # it tells of every ring


def handlers(settings: Settings) -> Mapping[str, outbox.Handler]:
    """Return the handler of each kind of task, from all features."""
    return {
        kind: handler
        for feature in FEATURES
        if feature.task_handlers is not None
        for kind, handler in feature.task_handlers(settings).items()
    }


def bell(settings: Settings, database: Database) -> Huey:
    """The bell between the web process and the worker, with the tasks that it rings for."""
    if settings.redis_url:
        huey: Huey = RedisHuey("minga", url=settings.redis_url, results=False)
    else:
        huey = SqliteHuey(
            "minga", filename=str(settings.data_dir / "wake.db"), results=False, fsync=False
        )

    def drain() -> None:
        drained(settings, database)

    def tidy_up() -> None:
        tidy(settings, database)

    task = huey.task(name="drain")(drain)
    huey.periodic_task(crontab(minute="*"), name="every_minute")(drain)
    huey.periodic_task(crontab(minute="17"), name="every_hour")(tidy_up)
    database.on_work = lambda: ring(huey, task)
    return huey


def ring(huey: Huey, task: Callable[[], object]) -> None:
    """Wake the worker, once however much there is to do until it has heard.

    If nobody hears it, the next minute does the work all the same.
    """
    try:
        if huey.pending_count() == 0:
            task()
    except Exception as error:
        log.warning("the worker could not be woken: %s", type(error).__name__)


def drained(settings: Settings, database: Database) -> int:
    """Do all that is due; return how many things were done."""
    return outbox.drain(database, handlers(settings))


def tidy(settings: Settings, database: Database) -> None:
    """Forget what is over: visits, nonces, work that was done, packages that nobody needs."""
    purge_sessions(database)
    outbox.forget_done(database)
    for feature in FEATURES:
        if feature.purge is not None:
            feature.purge(settings, database)


def run(settings: Settings, database: Database) -> None:
    """Work until told to stop (SIGINT or SIGTERM)."""
    consumer = bell(settings, database).create_consumer(
        workers=1, periodic=True, initial_delay=0.1, max_delay=2.0, check_worker_health=True
    )
    drained(settings, database)
    consumer.run()
