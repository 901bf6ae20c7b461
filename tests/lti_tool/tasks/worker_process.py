"""A worker process for tests.

It does tasks of the kind "say": it appends ``begin KEY PID`` and ``end KEY PID`` to LOG, with the
pause in between that the payload asks for, in seconds.
What the process writes to stderr is appended to ERRORS.
"""

import logging
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from lti_tool import worker
from lti_tool.storage.database import Database
from lti_tool.tasks import heartbeat, outbox


def main(url: str, log: Path, errors: Path, lease: float) -> None:
    with errors.open("ab") as stream:
        os.dup2(stream.fileno(), 2)
    logging.basicConfig(level="INFO", format="%(levelname)s %(message)s")
    outbox.LEASE = timedelta(seconds=lease)
    heartbeat.INTERVAL = timedelta(seconds=0.5)
    worker.GRACE = 2

    def write(line: str) -> None:
        with log.open("a") as stream:  # one short write in append mode is not torn
            stream.write(f"{line} {os.getpid()}\n")

    def say(_: Database, payload: Mapping[str, Any]) -> None:
        write(f"begin {payload['key']}")
        time.sleep(payload["seconds"])
        write(f"end {payload['key']}")

    worker.Worker(Database(url), {"say": say}).run()
