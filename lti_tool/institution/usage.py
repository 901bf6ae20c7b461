"""Count the usage of each deployment by day, in the worker.

Launch sessions are stored for more than a day after their end, so counting today and yesterday
again every hour misses nothing as long as the worker runs once a day.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.directory.model import User
from lti_tool.discussion.participation import posts_by_deployment
from lti_tool.institution.model import UsageDay
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import Database, now

DAYS = 2


def count_usage(database: Database, moment: datetime | None = None) -> None:
    """Count the launches, people and posts of today and yesterday."""
    today = (moment or now()).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(DAYS):
        _count_day(database, today - timedelta(days=back))


def _count_day(database: Database, start: datetime) -> None:
    day = start.date().isoformat()
    is_person = and_(User.kind == "person", LaunchSession.own_record)
    launches = (
        select(
            LaunchSession.deployment_id,
            func.count().label("launches"),
            func.count(func.distinct(case((is_person, LaunchSession.user_id)))).label("people"),
        )
        .outerjoin(User, User.id == LaunchSession.user_id)
        .where(
            LaunchSession.created_at >= start, LaunchSession.created_at < start + timedelta(days=1)
        )
        .group_by(LaunchSession.deployment_id)
    )
    with database.read_core() as connection:
        counted = {
            row.deployment_id: (row.launches, row.people) for row in connection.execute(launches)
        }
        posts = posts_by_deployment(connection, day)
    rows = [
        {
            "deployment_id": deployment_id,
            "day": day,
            "launches": counted.get(deployment_id, (0, 0))[0],
            "people": counted.get(deployment_id, (0, 0))[1],
            "posts": posts.get(deployment_id, 0),
        }
        for deployment_id in sorted({*counted, *posts})
    ]
    if not rows:
        return
    insert = sqlite_insert if database.is_sqlite else postgresql_insert
    statement = insert(UsageDay)
    numbers = ("launches", "people", "posts")
    with database.write_core() as connection:
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["deployment_id", "day"],
                set_={name: statement.excluded[name] for name in numbers},
            ),
            rows,
        )
