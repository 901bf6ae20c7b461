"""Find the texts of others in which a person may be named or quoted, for export and erasure.

Posts are found by the index of the search, so their texts are not scanned. What is found is checked
by a ``Redactor``. All discussions in which the person wrote, of courses in which the person is or
was, and those that these courses share are looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.directory.model import Membership, ResourceLink, User
from lti_tool.directory.person_names import has_name
from lti_tool.discussion import quotes, search
from lti_tool.discussion.model import (
    Discussion,
    PendingEdit,
    Post,
    PostMention,
    PostVersion,
    SavedDraft,
)
from lti_tool.discussion.redaction import Redactor
from lti_tool.discussion.search_words import parse_query
from lti_tool.discussion.text import render_stored


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, with the names under which others know the person.

    ``discussions``: the latest sequence of each discussion that is looked at, by id.
    """

    user_id: int
    names: tuple[str, ...]
    discussions: Mapping[int, int]


def subject_of(session: Session, user_id: int) -> Subject:
    """Return a person: the present name, and those shown with posts."""
    user = session.get_one(User, user_id)
    shown = session.scalars(
        select(Post.author_name)
        .where(Post.author_id == user_id, Post.author_name.is_not(None))
        .distinct()
    )
    names = {user.name, *shown} - {None, ""}
    return Subject(user_id, tuple(sorted(filter(None, names))), _discussions(session, user_id))


def _links(user_id: int) -> Select[int]:
    """Return the activities of the person's courses, as a part of other statements."""
    courses = select(Membership.course_id).where(Membership.user_id == user_id)
    return select(ResourceLink.id).where(ResourceLink.course_id.in_(courses))


def _discussions(session: Session, user_id: int) -> dict[int, int]:
    of_courses = select(func.coalesce(Discussion.shared_id, Discussion.id)).where(
        Discussion.resource_link_id.in_(_links(user_id))
    )
    own_rows = of_courses.with_only_columns(Discussion.id)
    written = select(Post.discussion_id).where(Post.author_id == user_id)
    rows = session.execute(
        select(Discussion.id, Discussion.latest_sequence)
        .where(Discussion.id.in_(of_courses.union(own_rows, written)))
        .order_by(Discussion.id)
    )
    return {row.id: row.latest_sequence for row in rows}


def redactor_for(session: Session, subject: Subject, discussion_id: int) -> Redactor:
    """Return what recognises the person's name, and the person's texts in one discussion."""
    own = Post.discussion_id == discussion_id, Post.author_id == subject.user_id
    texts = list(session.scalars(select(Post.source).where(*own)))
    texts += session.scalars(select(PostVersion.source).join(Post).where(*own))
    # A quotation has the text as it is shown.
    texts += [quotes.plain_text(render_stored(source)) for source in texts]
    return Redactor(subject.names, texts)


def candidate_posts(session: Session, subject: Subject) -> dict[int, list[int]]:
    """Return the posts of others that may name or quote the person, by discussion."""
    connection = session.connection()
    quoting = _quoting_posts(session, subject)
    found = {}
    for discussion_id, latest in subject.discussions.items():
        ids = set(quoting.get(discussion_id, ()))
        for name in subject.names:
            terms = parse_query(name).terms
            ids.update(search.posts_with(connection, discussion_id, latest, terms))
        if ids:
            found[discussion_id] = sorted(ids)
    return found


def _quoting_posts(session: Session, subject: Subject) -> dict[int, list[int]]:
    """Posts with quotations in threads in which the person wrote, or that answer the person."""
    own = select(Post.id).where(Post.author_id == subject.user_id)
    threads = select(func.coalesce(Post.thread_id, Post.id)).where(
        Post.author_id == subject.user_id
    )
    near = or_(Post.id.in_(threads), Post.thread_id.in_(threads), Post.reply_to_id.in_(own))
    rows = session.execute(
        select(Post.discussion_id, Post.id).where(near, Post.source.contains(">"))
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.discussion_id, []).append(row.id)
    return found


def of_others(subject: Subject) -> ColumnElement[bool]:
    """Return the condition for posts of others."""
    return or_(Post.author_id.is_(None), Post.author_id != subject.user_id)


def posts(session: Session, subject: Subject, ids: list[int]) -> Iterator[Post]:
    """Yield those of some posts that are by others, a few in memory at a time."""
    for start in range(0, len(ids), 100):
        batch = Post.id.in_(ids[start : start + 100]), of_others(subject)
        yield from session.scalars(select(Post).where(*batch).order_by(Post.id))


def versions(session: Session, subject: Subject) -> Iterator[tuple[PostVersion, int]]:
    """Yield earlier texts of others, with the discussion."""
    query: Any = (
        select(PostVersion, Post.discussion_id)
        .join(Post, Post.id == PostVersion.post_id)
        .where(
            Post.discussion_id.in_(subject.discussions),
            of_others(subject),
            may_have(PostVersion.source, subject),
        )
    )
    yield from ((row[0], row[1]) for row in session.execute(query))


def edits(session: Session, subject: Subject) -> Iterator[tuple[PendingEdit, int]]:
    """Yield edits of others that wait for approval, with the discussion."""
    query = select(PendingEdit).where(
        PendingEdit.discussion_id.in_(subject.discussions),
        PendingEdit.author_id != subject.user_id,
        may_have(PendingEdit.source, subject),
    )
    yield from ((row, row.discussion_id) for row in session.scalars(query))


def drafts(session: Session, subject: Subject) -> Iterator[tuple[SavedDraft, int]]:
    """Yield drafts of others, with the discussion; 0 for one that does not exist yet."""
    discussion_id = func.coalesce(Discussion.shared_id, Discussion.id)
    query: Any = (
        select(SavedDraft, func.coalesce(discussion_id, 0))
        .outerjoin(
            Discussion,
            and_(
                Discussion.resource_link_id == SavedDraft.resource_link_id,
                Discussion.module_id == SavedDraft.module_id,
                Discussion.archived_at.is_(None),
            ),
        )
        .where(
            or_(
                discussion_id.in_(subject.discussions),
                SavedDraft.resource_link_id.in_(_links(subject.user_id)),
            ),
            SavedDraft.user_id != subject.user_id,
            may_have(SavedDraft.text, subject),
        )
    )
    yield from ((row[0], row[1]) for row in session.execute(query))


def may_have(text: InstrumentedAttribute[str] | ColumnElement[str], subject: Subject) -> Any:
    """Return the condition that a text has quotations, or all words of one of the names."""
    named = [has_name(text, name) for name in subject.names]
    return reduce(or_, named, text.contains(">"))


def mentioning_discussions(session: Session, user_id: int) -> set[int]:
    """Return the discussions in which the person is mentioned, has written or reported a post."""
    mentioned = select(Post.discussion_id).join(PostMention, PostMention.post_id == Post.id)
    written = select(Post.discussion_id).where(Post.author_id == user_id)
    found = written.union(mentioned.where(PostMention.user_id == user_id))
    return set(session.scalars(found))
