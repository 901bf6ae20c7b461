"""Tell the worker that a post was published, in the transaction that publishes it."""

from sqlalchemy.orm import Session

from lti_tool.discussion.model import Post
from lti_tool.tasks import outbox

POSTED = "discussion.posted"
"""Outbox kind for a published post. Stored in databases: keep the value."""


def announce(session: Session, post: Post) -> None:
    """Queue the notices of a post. Those of one discussion are handled in their order."""
    payload = {"post": post.id}
    outbox.put(session, POSTED, str(post.id), payload, order_key=str(post.discussion_id))
