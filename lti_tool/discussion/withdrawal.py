"""Withdraw what the people of an institution wrote in shared discussions, in bounded steps."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lti_tool.directory.model import Deployment, User
from lti_tool.discussion import post_texts, writer
from lti_tool.discussion.model import Discussion, Post
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox

WITHDRAW = "discussion.withdraw"
"""Outbox kind. Stored in databases: keep the value."""
_BATCH = 100
"""Posts that one transaction changes."""


def queue_withdrawal(
    session: Session, institution_id: int, exchange_id: int, key: str, *, texts: bool
) -> None:
    """Queue the removal of names, or (``texts``) of texts, after an institution has left."""
    payload = {"institution": institution_id, "exchange": exchange_id, "texts": texts}
    outbox.put(session, WITHDRAW, key, payload)


def withdraw(database: Database, payload: Mapping[str, Any]) -> None:
    """Remove names or texts from the posts of an institution in the discussions of an exchange."""
    of_exchange = (
        select(Discussion.id).where(Discussion.exchange_id == payload["exchange"]).scalar_subquery()
    )
    where = [
        Post.institution_id == payload["institution"],
        Post.discussion_id.in_(of_exchange),
        Post.status != "deleted",
    ]
    if payload["texts"]:
        _remove_texts(database, where)
        return
    nameless = select(Post.discussion_id, Post.id).where(*where, Post.author_name.is_not(None))
    while batch := _batch(database, nameless):
        with database.write() as session:
            for post, discussion in _locked(session, batch):
                writer.change(session, discussion, post, author_name=None, shown_as="pseudonym")


def remove_of_registration(database: Database, registration_id: int) -> None:
    """Remove the texts of the users of a registration from shared discussions.

    Before the registration is removed: its own discussions are removed with it.
    """
    users = select(User.id).where(User.registration_id == registration_id)
    shared = Post.institution_id.is_not(None)
    _remove_texts(database, [shared, Post.author_id.in_(users), Post.status != "deleted"])


def remove_of_deployment(database: Database, deployment_id: int) -> None:
    """Remove the texts of the only deployment of an institution from shared discussions."""
    institution = select(Deployment.institution_id).where(Deployment.id == deployment_id)
    others = select(Deployment.institution_id).where(
        Deployment.id != deployment_id, Deployment.institution_id.is_not(None)
    )
    own = [Post.institution_id.in_(institution), Post.institution_id.not_in(others)]
    _remove_texts(database, [*own, Post.status != "deleted"])


def remove_of_gone_institutions(database: Database) -> None:
    """Remove the texts of institutions without a deployment from shared discussions."""
    present = select(Deployment.institution_id).where(Deployment.institution_id.is_not(None))
    gone = [Post.institution_id.is_not(None), Post.institution_id.not_in(present)]
    _remove_texts(database, [*gone, Post.status != "deleted"])


def _remove_texts(database: Database, where: list[ColumnElement[bool]]) -> None:
    query = select(Post.discussion_id, Post.id).where(*where)
    while batch := _batch(database, query):
        with database.write() as session:
            for post, discussion in _locked(session, batch):
                post_texts.erase_texts(session, discussion, post)


def _batch(database: Database, query: Any) -> dict[int, list[int]]:
    """Return the ids of the next posts by discussion."""
    found: dict[int, list[int]] = {}
    with database.read() as session:
        for discussion_id, post_id in session.execute(query.order_by(Post.id).limit(_BATCH)):
            found.setdefault(discussion_id, []).append(post_id)
    return found


def _locked(session: Session, batch: Mapping[int, list[int]]) -> list[tuple[Post, Discussion]]:
    """Return the posts with their discussions, locked in the order of all writers."""
    found = []
    for discussion_id in sorted(batch):
        discussion = writer.lock(session, discussion_id)
        posts = session.scalars(
            select(Post)
            .where(Post.id.in_(batch[discussion_id]), Post.status != "deleted")
            .order_by(Post.id)
        )
        found += [(post, discussion) for post in posts]
    return found
