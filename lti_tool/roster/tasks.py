"""The tasks of the roster, in the worker."""

from collections.abc import Mapping
from typing import Any

from lti_tool.roster import service
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers of the outbox kinds of this package."""

    def refresh_roster(database: Database, payload: Mapping[str, Any]) -> None:
        # Imported here, because pylti1p3 and requests take time, and web processes need neither.
        from lti_tool.roster.refresh import refresh

        refresh(settings, database, payload)

    return {service.REFRESH: refresh_roster}


def purge(_settings: Settings, database: Database) -> None:
    """Request the rosters that are out of date."""
    service.request_old_rosters(database)
