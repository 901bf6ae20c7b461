"""A process that sends notices."""

import time
from collections.abc import Mapping
from datetime import timedelta

from lti_tool.notifications import tasks
from lti_tool.settings import load
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox


def main(environ: Mapping[str, str]) -> None:
    settings = load(environ)
    outbox.LEASE = timedelta(seconds=2)
    database, handlers = Database(settings.database_url), tasks.handlers(settings)
    while True:
        outbox.drain(database, handlers)
        time.sleep(0.1)
