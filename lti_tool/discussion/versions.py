"""Earlier texts of edited posts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from lti_tool.discussion.model import PostVersion

MOST_SHOWN = 50
"""Earlier texts of a post that are shown, the latest first."""

_V = PostVersion.__table__.c
_EARLIER = (
    select(_V.replaced_at, _V.language, _V.source)
    .where(_V.post_id == bindparam("post"))
    .order_by(_V.id.desc())
    .limit(MOST_SHOWN)
)


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A text that was replaced by an edit."""

    replaced_at: datetime
    language: str | None
    source: str


def earlier_texts(connection: Connection, post_id: int) -> list[EarlierText]:
    """Return the earlier texts of a post, the latest first. The caller checks who may see it."""
    return [EarlierText(*row) for row in connection.execute(_EARLIER, {"post": post_id})]
