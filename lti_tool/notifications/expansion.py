"""From a published post to one row for each person and discussion, in batches of bounded size.

Posts of a discussion are expanded in the order of their publication (the outbox row has an order
key), so a row that starts at one post includes all later ones. A batch is one transaction, and
doing it again changes nothing: a worker may be killed at any time.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from lti_tool.discussion.mentions import mentions_of
from lti_tool.discussion.notices import PublishedPost, find_published
from lti_tool.notifications.choices import DEFAULT, DIGESTS, Choice, as_choice, next_time
from lti_tool.notifications.model import Mailing, Subscription
from lti_tool.notifications.planning import join_digests, schedule
from lti_tool.storage.database import Database, now

BATCH = 200
"""People for each transaction."""
_ALL = ("every", *DIGESTS)
"""The choices that include every post."""


def expand(gather: timedelta, database: Database, payload: Mapping[str, Any]) -> None:
    """Queue a mail to each person who wants to know of a post, ``gather`` after it."""
    with database.read() as session:
        post = find_published(session, payload["post"])
        if post is None:
            return
        involved = post.answered.union(mentions_of(session, post.id))
    for batch in _batches(database, post, involved):
        with database.write() as session:
            _queue(session, post, batch, gather)


def _batches(
    database: Database, post: PublishedPost, involved: frozenset[int]
) -> Iterator[dict[int, Choice]]:
    """Yield the people and their choices. Somebody may be in two batches."""
    ids = sorted(involved)
    for start in range(0, len(ids), BATCH):
        with database.read() as session:
            yield _choices_of(session, post, ids[start : start + BATCH])
    yield from _subscribed(database, post, of_course=False)
    if post.course_ids:
        yield from _subscribed(database, post, of_course=True)


def _choices_of(session: Session, post: PublishedPost, ids: list[int]) -> dict[int, Choice]:
    """What those whom a post answers or mentions have chosen, without those who want nothing."""
    found: dict[int, Choice] = dict.fromkeys(ids, DEFAULT)
    both = select(Subscription).where(
        Subscription.user_id.in_(ids),
        (Subscription.discussion_id == post.discussion_id)
        | Subscription.course_id.in_(post.course_ids),
    )
    # The discussion's own row comes last, and takes precedence.
    for row in sorted(session.scalars(both), key=lambda row: row.discussion_id or 0):
        found[row.user_id] = as_choice(row.choice) or DEFAULT
    return {user: choice for user, choice in found.items() if choice != "off"}


def _subscribed(
    database: Database, post: PublishedPost, *, of_course: bool
) -> Iterator[dict[int, Choice]]:
    own = aliased(Subscription)
    query = select(Subscription.user_id, Subscription.choice).where(Subscription.choice.in_(_ALL))
    if of_course:
        query = query.where(
            Subscription.course_id.in_(post.course_ids),
            ~exists().where(
                own.discussion_id == post.discussion_id, own.user_id == Subscription.user_id
            ),
        )
    else:
        query = query.where(Subscription.discussion_id == post.discussion_id)
    last = 0
    while True:
        page = query.where(Subscription.user_id > last).order_by(Subscription.user_id).limit(BATCH)
        with database.read() as session:
            rows = session.execute(page).all()
        if not rows:
            return
        last = rows[-1].user_id
        yield {row.user_id: as_choice(row.choice) or DEFAULT for row in rows}


def _queue(
    session: Session, post: PublishedPost, people: Mapping[int, Choice], gather: timedelta
) -> None:
    """Add the post to what waits for each person."""
    ids = sorted(people.keys() - {post.author_id})
    waiting = {
        row.user_id: row
        for row in session.scalars(
            select(Mailing)
            .where(Mailing.discussion_id == post.discussion_id, Mailing.user_id.in_(ids))
            .order_by(Mailing.user_id)
            .with_for_update()
        )
    }
    new = [
        Mailing(user_id=user, discussion_id=post.discussion_id, last=0, done_up_to=0, failures=0)
        for user in ids
        if user not in waiting
    ]
    session.add_all(new)
    session.flush()
    starting = []
    for mailing in (*waiting.values(), *new):
        if post.sequence <= mailing.done_up_to:
            continue
        if mailing.first is None:
            mailing.first, mailing.last, mailing.failures = post.sequence, post.sequence, 0
            starting.append(mailing)
        else:  # lower where the task of an earlier post was given up and tried again
            mailing.first = min(mailing.first, post.sequence)
            mailing.last = max(mailing.last, post.sequence)
    digests = [row for row in starting if people[row.user_id] in DIGESTS]
    for mailing in starting:
        if people[mailing.user_id] not in DIGESTS:
            schedule(session, mailing, next_time(now(), mailing.mailed_at, gather))
    join_digests(session, digests, people)
