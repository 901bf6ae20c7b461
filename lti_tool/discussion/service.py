"""What people do in a discussion: post, reply, edit, delete. Each is one transaction.

A person's posts are written one after the other (the row of the person is locked), so that a form
sent twice makes one post and the limit for a minute is exact. The posts of a discussion are too
(its row is locked), so that their numbers grow in the order in which they become visible: who asks
what is new since number 7 misses nothing. Texts are examined and rendered before the transaction,
because nobody else can write during it.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, bindparam, select, update
from sqlalchemy import delete as sql_delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER, TooComplex, post_html
from courseware.module import Module
from lti_tool.directory.model import User
from lti_tool.discussion import languages, names, text
from lti_tool.discussion.errors import Reason, Refused
from lti_tool.discussion.model import Discussion, Post, PostVersion
from lti_tool.discussion.rights import must_post
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

TELL_LANGUAGE = "discussion.language"
"""The outbox's kind of row for a post whose language nobody has chosen."""

_MINUTE = timedelta(minutes=1)
_LONGEST_KEY = 64


_TABLE = Discussion.__table__.c
_FIND = select(_TABLE.id).where(
    _TABLE.resource_link_id == bindparam("resource_link"), _TABLE.module_id == bindparam("module")
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to publish. ``draft_key`` is made with the form, once for each form."""

    text: str
    draft_key: str
    language: str | None = None
    question_id: str | None = None
    reply_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The post that a draft became; ``repeated``: it was there already.

    ``said`` is what its form said the first time, whatever was edited since; None where the post
    was deleted, and that with it.
    """

    post: Post
    repeated: bool
    said: str | None


def find(connection: Connection, launch_session: CurrentSession, module: Module) -> int | None:
    """The id of the discussion of a module in the visit's placement, if anybody wrote in it."""
    found: int | None = connection.execute(
        _FIND, {"resource_link": launch_session.resource_link_id, "module": module.id}
    ).scalar()
    return found


def find_or_create(session: Session, resource_link_id: int, module_id: str) -> Discussion:
    """The discussion of a module in a placement, locked until the transaction ends."""
    wanted = (
        select(Discussion)
        .where(Discussion.resource_link_id == resource_link_id, Discussion.module_id == module_id)
        .with_for_update(key_share=True)
    )
    found = session.scalars(wanted).first()
    if found is not None:
        return found
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(
        insert(Discussion)
        .values(resource_link_id=resource_link_id, module_id=module_id, created_at=now())
        .on_conflict_do_nothing(index_elements=["resource_link_id", "module_id"])
    )
    return session.scalars(wanted).one()


def post(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    draft: Draft,
) -> Posted:
    """Publish a draft, once: the same ``draft_key`` of the same person gives the first post.

    Raises :class:`Refused`.
    """
    must_post(launch_session, module)
    source = _checked_text(draft.text)
    offered = languages.offered(module)
    language = _checked_language(draft.language, offered)
    if draft.question_id is not None and draft.question_id not in _question_ids(module):
        raise Refused(Reason.UNKNOWN_QUESTION)
    html = _rendered(source)
    known = language or languages.by_script(source, offered)
    with database.write() as session:
        author = _locked_author(session, launch_session)
        first = _by_draft_key(session, launch_session, module, author, draft.draft_key)
        if first is not None:
            return Posted(first, repeated=True, said=_said_at_first(session, first))
        _check_pace(session, author, settings.posts_per_minute)
        assert launch_session.resource_link_id is not None  # or there were no right to post
        discussion = find_or_create(session, launch_session.resource_link_id, module.id)
        answered = _answered(session, discussion, draft.reply_to_id)
        new = Post(
            discussion_id=discussion.id,
            thread_id=(answered.thread_id or answered.id) if answered else None,
            reply_to_id=answered.id if answered else None,
            question_id=None if answered else draft.question_id,
            author_id=author.id,
            author_name=author.name,
            author_code=None if author.name else names.code_of(settings.secret_key, author.id),
            author_role=role_of(launch_session),
            language=known,
            draft_key=draft.draft_key[:_LONGEST_KEY],
            created_at=now(),
            renderer=RENDERER,
            source=source,
            html=html,
        )
        new.language_source = _language_source(language, known)
        session.add(new)
        session.flush()
        _count_reply(session, new, 1)
        _ask_for_language(session, new, offered)
        return Posted(new, repeated=False, said=source)


def own_post(
    session: Session,
    launch_session: CurrentSession,
    module: Module,
    post_id: int,
    *,
    lock: bool = False,
) -> Post:
    """A post of the visit's person in the discussion of this module. Raises :class:`Refused`."""
    wanted = (
        select(Post)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .where(
            Post.id == post_id,
            Discussion.resource_link_id == launch_session.resource_link_id,
            Discussion.module_id == module.id,
        )
    )
    if lock:
        wanted = wanted.with_for_update(of=Post, key_share=True)
    found = session.scalars(wanted).first()
    if found is None:
        raise Refused(Reason.UNKNOWN_POST)
    if found.author_id is None or found.author_id != launch_session.user_id:
        raise Refused(Reason.NOT_YOURS)
    return found


def edit(
    database: Database,
    settings: Settings,
    launch_session: CurrentSession,
    module: Module,
    post_id: int,
    *,
    new_text: str,
    language: str | None,
) -> Post:
    """Change one's own post; what it said before is kept. Raises :class:`Refused`."""
    must_post(launch_session, module)
    source = _checked_text(new_text)
    offered = languages.offered(module)
    chosen = _checked_language(language, offered)
    html = _rendered(source)
    known = chosen or languages.by_script(source, offered)
    with database.write() as session:
        changed = own_post(session, launch_session, module, post_id, lock=True)
        if changed.status == "deleted":
            raise Refused(Reason.DELETED_POST)
        by_author = changed.language if changed.language_source == "author" else None
        if source == changed.source and chosen == by_author:
            return changed
        _check_pace_of_edits(session, changed, settings.posts_per_minute)
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
        changed.language = known
        changed.language_source = _language_source(chosen, known)
        changed.revision += 1
        session.flush()
        _ask_for_language(session, changed, offered)
        return changed


def delete(
    database: Database, launch_session: CurrentSession, module: Module, post_id: int
) -> Post:
    """Take back one's own post: its texts go, its place stays, and so do the replies of others.

    Whoever wrote may always do so, even where guests may no longer write.
    """
    with database.write() as session:
        gone = own_post(session, launch_session, module, post_id, lock=True)
        if gone.status == "deleted":
            return gone
        session.execute(sql_delete(PostVersion).where(PostVersion.post_id == gone.id))
        gone.status, gone.deleted_at = "deleted", now()
        gone.source = gone.html = ""
        gone.language = gone.language_source = None
        session.flush()
        _count_reply(session, gone, -1)
        return gone


def _checked_text(typed: str) -> str:
    source = text.cleaned(typed)
    if text.is_blank(source):
        raise Refused(Reason.BLANK)
    if len(source) > text.LONGEST:
        raise Refused(Reason.TOO_LONG)
    return source


def _rendered(source: str) -> str:
    try:
        return post_html(source)
    except TooComplex as error:
        raise Refused(Reason.TOO_COMPLEX) from error


def _checked_language(language: str | None, offered: tuple[str, ...]) -> str | None:
    if language and language not in offered:
        raise Refused(Reason.UNKNOWN_LANGUAGE)
    return language or None


def _question_ids(module: Module) -> set[str]:
    return {question.id for question in module.questions}


def role_of(launch_session: CurrentSession) -> str:
    """As what the visit's person writes: ``guest``, ``instructor`` or ``participant``."""
    if launch_session.guest:
        return "guest"
    return "instructor" if launch_session.instructor else "participant"


def _language_source(chosen: str | None, known: str | None) -> str | None:
    if chosen:
        return "author"
    return "detected" if known else None


def _locked_author(session: Session, launch_session: CurrentSession) -> User:
    return session.get_one(
        User, guest_user(session, launch_session), with_for_update={"key_share": True}
    )


def _by_draft_key(
    session: Session, launch_session: CurrentSession, module: Module, author: User, draft_key: str
) -> Post | None:
    """The post that a form has become, if it was sent before.

    Raises :class:`Refused` if that post is in another discussion, which is not shown here.
    """
    found = session.execute(
        select(Post, Discussion.resource_link_id, Discussion.module_id)
        .join(Discussion, Discussion.id == Post.discussion_id)
        .where(Post.author_id == author.id, Post.draft_key == draft_key[:_LONGEST_KEY])
    ).first()
    if found is None:
        return None
    first, *discussion = found
    if discussion != [launch_session.resource_link_id, module.id]:
        raise Refused(Reason.FORM_USED)
    return first


def _said_at_first(session: Session, post: Post) -> str | None:
    if post.status == "deleted":
        return None
    before = session.scalars(
        select(PostVersion.source).where(PostVersion.post_id == post.id).order_by(PostVersion.id)
    ).first()
    return post.source if before is None else before


def _check_pace(session: Session, author: User, most: int) -> None:
    """Refuse when the person wrote ``most`` posts within a minute."""
    _refuse_if_recent(
        session,
        select(Post.created_at).where(Post.author_id == author.id).order_by(Post.id.desc()),
        most,
    )


def _check_pace_of_edits(session: Session, changed: Post, most: int) -> None:
    """Refuse when the post was changed ``most`` times within a minute."""
    _refuse_if_recent(
        session,
        select(PostVersion.replaced_at)
        .where(PostVersion.post_id == changed.id)
        .order_by(PostVersion.id.desc()),
        most,
    )


def _refuse_if_recent(session: Session, moments: Select[datetime], most: int) -> None:
    """Refuse while the ``most``-th last of these moments is less than a minute ago."""
    last = session.scalars(moments.offset(most - 1).limit(1)).first()
    if last is None:
        return
    wait = (last + _MINUTE - now()).total_seconds()
    if wait > 0:
        raise Refused(Reason.TOO_FAST, retry_after=math.ceil(wait))


def _answered(session: Session, discussion: Discussion, post_id: int | None) -> Post | None:
    """The post that is replied to: of this discussion, and still there."""
    if post_id is None:
        return None
    found = session.scalars(
        select(Post).where(Post.id == post_id, Post.discussion_id == discussion.id)
    ).first()
    if found is None:
        raise Refused(Reason.UNKNOWN_POST)
    if found.status == "deleted":
        raise Refused(Reason.DELETED_POST)
    return found


def _count_reply(session: Session, reply: Post, step: int) -> None:
    if reply.thread_id is not None:
        session.execute(
            update(Post)
            .where(Post.id == reply.thread_id)
            .values(reply_count=Post.reply_count + step)
            .execution_options(synchronize_session=False)
        )


def _ask_for_language(session: Session, written: Post, offered: tuple[str, ...]) -> None:
    """Have the worker tell the language, where neither the author nor the script says it."""
    if written.language is None:
        outbox.put(
            session,
            TELL_LANGUAGE,
            f"{written.id}:{written.revision}",
            {"post": written.id, "revision": written.revision, "among": offered},
        )
