"""Write to a discussion: post, reply, edit, delete. Each function is one transaction.

Posts of one user are serialized by a lock on the user's row, so that a form sent twice makes one
post and the limit for each minute is exact. Posts of one discussion are serialized by a lock on its
row, so that ids grow in the order in which posts become visible, and polling for posts after an id
misses none. Texts are checked and rendered before the transaction, because it blocks other writers.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, select, update
from sqlalchemy import delete as sql_delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware import characters
from courseware.markdown import RENDERER, TooComplex, post_html
from courseware.module import Module
from lti_tool.directory.model import User
from lti_tool.discussion import drafts, languages, names, text
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion, Post, PostVersion
from lti_tool.discussion.permissions import Permissions, must_post
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

DETECT_LANGUAGE = "discussion.language"
"""Outbox kind for a post whose language is unknown. Stored in databases: keep the value."""

_MINUTE = timedelta(minutes=1)
_MAX_KEY_LENGTH = 64

_COLUMNS = Discussion.__table__.c
_FIND_ID = select(_COLUMNS.id).where(
    _COLUMNS.resource_link_id == bindparam("resource_link"),
    _COLUMNS.module_id == bindparam("module"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A submitted form. ``draft_key`` is the form's idempotency key, different for each form."""

    text: str
    draft_key: str
    language: str | None = None
    question_id: str | None = None
    reply_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class PostResult:
    """The post made from a draft. ``repeated``: an earlier request had made it already."""

    post: Post
    repeated: bool


def find_discussion(
    connection: Connection, launch_session: CurrentSession, module: Module
) -> int | None:
    """Return the id of the session's discussion of a module; None before its first post."""
    discussion_id: int | None = connection.execute(
        _FIND_ID, {"resource_link": launch_session.resource_link_id, "module": module.id}
    ).scalar()
    return discussion_id


def find_or_create(session: Session, resource_link_id: int, module_id: str) -> Discussion:
    """Return the discussion of a module in a resource link, locked until the transaction ends."""
    query = (
        select(Discussion)
        .where(Discussion.resource_link_id == resource_link_id, Discussion.module_id == module_id)
        .with_for_update(key_share=True)
    )
    found = session.scalars(query).first()
    if found is not None:
        return found
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(
        insert(Discussion)
        .values(resource_link_id=resource_link_id, module_id=module_id, created_at=now())
        .on_conflict_do_nothing(index_elements=["resource_link_id", "module_id"])
    )
    return session.scalars(query).one()


def create_post(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    draft: Draft,
) -> PostResult:
    """Publish a draft once: a repeated ``draft_key`` of the same user returns the first post.

    Raises :class:`DiscussionError`; with ``Reason.FORM_USED`` if the first post had another text,
    so that the new text is not lost silently.
    """
    must_post(permissions)
    source = _checked_text(draft.text)
    offered = languages.offered_languages(module)
    chosen = _checked_language(draft.language)
    if draft.question_id is not None and draft.question_id not in _question_ids(module):
        raise DiscussionError(Reason.UNKNOWN_QUESTION)
    html = _rendered(source)
    language = chosen or languages.detect_by_script(source, offered)
    with database.write() as session:
        author = _locked_author(session, launch_session)
        first = _by_draft_key(session, launch_session, module, author, draft.draft_key)
        if first is not None:
            if _original_source(session, first) != source:
                raise DiscussionError(Reason.FORM_USED)
            return PostResult(first, repeated=True)
        _check_post_rate(session, author, settings.posts_per_minute)
        assert launch_session.resource_link_id is not None  # no permission to post without one
        discussion = find_or_create(session, launch_session.resource_link_id, module.id)
        parent = _replied_to(session, discussion, draft.reply_to_id)
        new = Post(
            discussion_id=discussion.id,
            thread_id=(parent.thread_id or parent.id) if parent else None,
            reply_to_id=parent.id if parent else None,
            question_id=None if parent else draft.question_id,
            author_id=author.id,
            author_name=author.name,
            author_code=None
            if author.name
            else names.pseudonym_code(settings.secret_key, author.id),
            author_role=author_role(launch_session),
            language=language,
            draft_key=draft.draft_key[:_MAX_KEY_LENGTH],
            created_at=now(),
            renderer=RENDERER,
            source=source,
            html=html,
        )
        new.language_source = _language_source(chosen, language)
        session.add(new)
        session.flush()
        _discard_draft(
            session,
            launch_session,
            module,
            author.id,
            drafts.Place(draft.question_id, draft.reply_to_id),
            draft.draft_key,
        )
        _count_reply(session, new, 1)
        _queue_detection(session, new, offered)
        return PostResult(new, repeated=False)


def own_post(
    session: Session,
    launch_session: CurrentSession,
    module: Module,
    post_id: int,
    *,
    lock: bool = False,
) -> Post:
    """Return the user's own post in this discussion. Raises :class:`DiscussionError`."""
    query = (
        select(Post)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .where(
            Post.id == post_id,
            Discussion.resource_link_id == launch_session.resource_link_id,
            Discussion.module_id == module.id,
        )
    )
    if lock:
        query = query.with_for_update(of=Post, key_share=True)
    found = session.scalars(query).first()
    if found is None:
        raise DiscussionError(Reason.UNKNOWN_POST)
    if found.author_id is None or found.author_id != launch_session.user_id:
        raise DiscussionError(Reason.NOT_YOURS)
    return found


def edit_post(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    post_id: int,
    *,
    new_text: str,
    language: str | None,
    revision: int | None = None,
) -> Post:
    """Edit the user's own post and store its earlier version. Raises :class:`DiscussionError`.

    ``revision`` is that of the post when the edit began: with ``Reason.EDITED_ELSEWHERE``, another
    edit was stored meanwhile. None accepts any.
    """
    must_post(permissions)
    source = _checked_text(new_text)
    offered = languages.offered_languages(module)
    chosen = _checked_language(language)
    html = _rendered(source)
    new_language = chosen or languages.detect_by_script(source, offered)
    with database.write() as session:
        changed = own_post(session, launch_session, module, post_id, lock=True)
        if changed.status == "deleted":
            raise DiscussionError(Reason.DELETED_POST)
        previous_choice = changed.language if changed.language_source == "author" else None
        place = drafts.Place(edited_id=changed.id)
        _discard_draft(session, launch_session, module, changed.author_id, place)
        if source == changed.source and chosen == previous_choice:
            return changed
        if revision is not None and revision != changed.revision:
            raise DiscussionError(Reason.EDITED_ELSEWHERE)
        _check_edit_rate(session, changed, settings.posts_per_minute)
        session.add(
            PostVersion(
                post_id=changed.id,
                source=changed.source,
                language=changed.language,
                replaced_at=now(),
            )
        )
        if source != changed.source:
            changed.edited_at = now()
        changed.source, changed.html, changed.renderer = source, html, RENDERER
        changed.language = new_language
        changed.language_source = _language_source(chosen, new_language)
        changed.revision += 1
        session.flush()
        _queue_detection(session, changed, offered)
        return changed


def delete_post(
    database: Database, launch_session: CurrentSession, module: Module, post_id: int
) -> Post:
    """Delete the user's own post: remove its texts, keep its position and the replies.

    Authors may always do so, even after the permission to post was withdrawn.
    """
    with database.write() as session:
        deleted = own_post(session, launch_session, module, post_id, lock=True)
        if deleted.status == "deleted":
            return deleted
        session.execute(sql_delete(PostVersion).where(PostVersion.post_id == deleted.id))
        deleted.status, deleted.deleted_at = "deleted", now()
        deleted.source = deleted.html = ""
        deleted.language = deleted.language_source = None
        session.flush()
        place = drafts.Place(edited_id=deleted.id)
        _discard_draft(session, launch_session, module, deleted.author_id, place)
        _count_reply(session, deleted, -1)
        return deleted


def _checked_text(submitted: str) -> str:
    """Clean a submitted text and check it. This is the only place where a text is cleaned."""
    source = text.clean_text(submitted)
    if characters.is_blank(source):
        raise DiscussionError(Reason.BLANK)
    if len(source) > text.MAX_LENGTH:
        raise DiscussionError(Reason.TOO_LONG)
    return source


def _rendered(source: str) -> str:
    try:
        return post_html(source)
    except TooComplex as error:
        raise DiscussionError(Reason.TOO_COMPLEX) from error


def _checked_language(language: str | None) -> str | None:
    tag = languages.as_tag(language)
    if language and tag is None:
        raise DiscussionError(Reason.UNKNOWN_LANGUAGE)
    return tag


def _question_ids(module: Module) -> set[str]:
    return {question.id for question in module.questions}


def author_role(launch_session: CurrentSession) -> str:
    """Return the role under which the user writes: ``guest``, ``instructor`` or ``participant``."""
    if launch_session.guest:
        return "guest"
    return "instructor" if launch_session.instructor else "participant"


def _language_source(chosen: str | None, language: str | None) -> str | None:
    if chosen:
        return "author"
    return "detected" if language else None


def _locked_author(session: Session, launch_session: CurrentSession) -> User:
    return session.get_one(
        User, guest_user(session, launch_session), with_for_update={"key_share": True}
    )


def _by_draft_key(
    session: Session, launch_session: CurrentSession, module: Module, author: User, draft_key: str
) -> Post | None:
    """Return the post made from a form that was sent before; None for a new form.

    Raises :class:`DiscussionError` if that post is in another discussion.
    """
    found = session.execute(
        select(Post, Discussion.resource_link_id, Discussion.module_id)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .where(Post.author_id == author.id, Post.draft_key == draft_key[:_MAX_KEY_LENGTH])
    ).first()
    if found is None:
        return None
    first, *discussion = found
    if discussion != [launch_session.resource_link_id, module.id]:
        raise DiscussionError(Reason.FORM_USED)
    return first


def _discard_draft(
    session: Session,
    launch_session: CurrentSession,
    module: Module,
    author_id: int | None,
    place: drafts.Place,
    draft_key: str | None = None,
) -> None:
    if author_id is not None and launch_session.resource_link_id is not None:
        link = launch_session.resource_link_id
        drafts.discard(session, author_id, link, module.id, place, draft_key)


def _original_source(session: Session, post: Post) -> str | None:
    """Return the text of a post before any edit; None if the post was deleted."""
    if post.status == "deleted":
        return None
    oldest = session.scalars(
        select(PostVersion.source).where(PostVersion.post_id == post.id).order_by(PostVersion.id)
    ).first()
    return post.source if oldest is None else oldest


def _check_post_rate(session: Session, author: User, limit: int) -> None:
    """Raise if the author wrote ``limit`` posts within the last minute."""
    _check_rate(
        session,
        select(Post.created_at).where(Post.author_id == author.id).order_by(Post.id.desc()),
        limit,
    )


def _check_edit_rate(session: Session, changed: Post, limit: int) -> None:
    """Raise if the post was edited ``limit`` times within the last minute."""
    _check_rate(
        session,
        select(PostVersion.replaced_at)
        .where(PostVersion.post_id == changed.id)
        .order_by(PostVersion.id.desc()),
        limit,
    )


def _check_rate(session: Session, times: Select[datetime], limit: int) -> None:
    """Raise while the ``limit``-th last of these times is less than a minute ago."""
    last = session.scalars(times.offset(limit - 1).limit(1)).first()
    if last is None:
        return
    wait = (last + _MINUTE - now()).total_seconds()
    if wait > 0:
        raise DiscussionError(Reason.TOO_FAST, retry_after=math.ceil(wait))


def _replied_to(session: Session, discussion: Discussion, post_id: int | None) -> Post | None:
    """Return the post that is replied to. It must be in this discussion, and not deleted."""
    if post_id is None:
        return None
    found = session.scalars(
        select(Post).where(Post.id == post_id, Post.discussion_id == discussion.id)
    ).first()
    if found is None:
        raise DiscussionError(Reason.UNKNOWN_POST)
    if found.status == "deleted":
        raise DiscussionError(Reason.DELETED_POST)
    return found


def _count_reply(session: Session, reply: Post, step: int) -> None:
    if reply.thread_id is not None:
        session.execute(
            update(Post)
            .where(Post.id == reply.thread_id)
            .values(reply_count=Post.reply_count + step)
            .execution_options(synchronize_session=False)
        )


def _queue_detection(session: Session, written: Post, offered: tuple[str, ...]) -> None:
    """Queue the detection of the language, if neither the author nor the script decided it."""
    if written.language is None:
        outbox.put(
            session,
            DETECT_LANGUAGE,
            f"{written.id}:{written.revision}",
            {"post": written.id, "revision": written.revision, "among": offered},
        )
