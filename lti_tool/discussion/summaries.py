"""Weekly summaries of a discussion: written by instructors, in any number of languages.

Participants see published texts; the latest week's is at the top of the discussion. Each text may
also have a draft, which all instructors of the course see. An earlier published text is stored when
it is replaced or withdrawn.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from courseware.module import Module
from lti_tool.discussion import checks
from lti_tool.discussion.discussions import own_discussion
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import SummaryText, SummaryVersion
from lti_tool.discussion.text import MAX_LENGTH, clean_text
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

Action = Literal["draft", "publish", "withdraw"]
ACTIONS: tuple[Action, ...] = ("draft", "publish", "withdraw")
MOST_WEEKS = 60
"""Weeks in the list, the latest first."""
MAX_TEXTS = 20
"""Languages of one week's summary."""
MOST_VERSIONS = 50
_FIRST, _LAST = date(2000, 1, 3), date(2999, 12, 30)

_S = SummaryText.__table__.c
_OF_WEEK = (
    select(_S.language, _S.source, _S.published_at)
    .where(
        _S.discussion_id == bindparam("discussion"),
        _S.week == bindparam("week"),
        _S.published_at.is_not(None),
    )
    .order_by(_S.id)
)


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A published text of a week's summary."""

    language: str
    source: str


@dataclass(frozen=True, slots=True)
class ListedText:
    """A text in the list of summaries. ``published`` and ``draft``: whether there is one."""

    week: date
    language: str
    published: bool
    draft: bool


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def parse_week(value: str | None) -> date | None:
    """Return the Monday of the week of a submitted day (``2026-11-30``); None if it is invalid."""
    try:
        week = monday(date.fromisoformat(value or ""))
    except (ValueError, OverflowError):
        return None
    return week if _FIRST <= week <= _LAST else None


def published(connection: Connection, discussion_id: int, week: date) -> list[PublishedText]:
    """Return the published texts of a week, in the order in which they were begun."""
    rows = connection.execute(_OF_WEEK, {"discussion": discussion_id, "week": week})
    return [PublishedText(row.language, row.source) for row in rows]


def listed(connection: Connection, discussion_id: int, *, drafts: bool) -> list[ListedText]:
    """Return the texts of the latest weeks; with ``drafts`` also those that are not published."""
    conditions = [_S.discussion_id == discussion_id]
    if not drafts:
        conditions.append(_S.published_at.is_not(None))
    weeks = select(_S.week).where(*conditions).distinct().order_by(_S.week.desc()).limit(MOST_WEEKS)
    statement = (
        select(_S.week, _S.language, _S.published_at, _S.draft.is_not(None).label("has_draft"))
        .where(*conditions, _S.week.in_(weeks.scalar_subquery()))
        .order_by(_S.week.desc(), _S.id)
    )
    return [
        ListedText(row.week, row.language, row.published_at is not None, bool(row.has_draft))
        for row in connection.execute(statement)
    ]


def texts_of_week(session: Session, discussion_id: int, week: date) -> list[SummaryText]:
    """Return all texts of a week, with drafts, for instructors."""
    return list(
        session.scalars(
            select(SummaryText)
            .where(SummaryText.discussion_id == discussion_id, SummaryText.week == week)
            .order_by(SummaryText.id)
        )
    )


def versions(session: Session, text: SummaryText) -> list[SummaryVersion]:
    """Return the earlier published texts, the latest first."""
    return list(
        session.scalars(
            select(SummaryVersion)
            .where(SummaryVersion.summary_id == text.id)
            .order_by(SummaryVersion.id.desc())
            .limit(MOST_VERSIONS)
        )
    )


def save(
    database: Database,
    launch_session: CurrentSession,
    module: Module,
    week: date,
    language: str | None,
    text: str,
    *,
    revision: int,
    action: Action,
) -> SummaryText:
    """Save a draft, publish a text, or withdraw the published one, which becomes the draft.

    ``revision`` is that of the text when the form was made; 0 for a new one. The caller checks that
    the user is an instructor. Raises :class:`DiscussionError`, with ``Reason.EDITED_ELSEWHERE`` if
    the text was changed meanwhile.
    """
    tag = checks.checked_language(language)
    if tag is None:
        raise DiscussionError(Reason.UNKNOWN_LANGUAGE)
    if action == "publish":
        cleaned = checks.checked_text(text)
        checks.rendered(cleaned)
    else:
        cleaned = clean_text(text)
        if len(cleaned) > MAX_LENGTH:
            raise DiscussionError(Reason.TOO_LONG)
    assert launch_session.resource_link_id is not None
    with database.write() as session:
        discussion = own_discussion(session, launch_session.resource_link_id, module.id)
        texts = texts_of_week(session, discussion.id, week)
        row = next((each for each in texts if each.language == tag), None)
        if row is None:
            if len(texts) >= MAX_TEXTS:
                raise DiscussionError(Reason.UNKNOWN_LANGUAGE)
            row = SummaryText(
                discussion_id=discussion.id, week=week, language=tag, revision=0, source=""
            )
            session.add(row)
        elif row.revision != revision:
            raise DiscussionError(Reason.EDITED_ELSEWHERE)
        _apply(session, row, cleaned, action, launch_session.user_id)
        row.revision += 1
        row.changed_at = now()
        session.flush()
        return row


def _apply(
    session: Session, row: SummaryText, text: str, action: Action, user_id: int | None
) -> None:
    if action == "draft":
        row.draft = text if text and (text != row.source or not row.published_at) else None
        row.draft_author_id = user_id if row.draft else None
        return
    if row.published_at is not None and (action == "withdraw" or text != row.source):
        earlier = SummaryVersion(summary_id=row.id, author_id=row.author_id, source=row.source)
        earlier.replaced_at = now()
        session.add(earlier)
    if action == "publish":
        row.source, row.draft, row.published_at = text, None, now()
        row.author_id, row.draft_author_id = user_id, None
    else:
        row.source, row.draft, row.published_at = "", text or row.source or None, None
        row.author_id, row.draft_author_id = None, user_id if row.draft else None
