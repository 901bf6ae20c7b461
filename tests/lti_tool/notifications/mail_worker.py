"""A process that sends notices: ``python mail_worker.py``, with the settings of the environment."""

import time
from datetime import timedelta

from lti_tool.notifications import tasks
from lti_tool.settings import load
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox


def main() -> None:
    settings = load()
    outbox.LEASE = timedelta(seconds=2)
    database, handlers = Database(settings.database_url), tasks.handlers(settings)
    while True:
        outbox.drain(database, handlers)
        time.sleep(0.1)


if __name__ == "__main__":
    main()
