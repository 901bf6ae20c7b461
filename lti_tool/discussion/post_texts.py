"""Set, replace and erase the text of a post, in the caller's transaction.

The discussion is locked. ``writer`` keeps the counts.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER
from lti_tool.attachments import service as attachments
from lti_tool.discussion import mentions, reactions, writer
from lti_tool.discussion.model import Discussion, Post, PostVersion
from lti_tool.storage.database import now
from lti_tool.tasks import outbox

DETECT_LANGUAGE = "discussion.language"
"""Outbox kind for a post whose language is unknown. Stored in databases: keep the value."""


@dataclass(frozen=True, slots=True)
class NewText:
    """A checked and rendered text, and its language."""

    source: str
    html: str
    language: str | None
    language_source: str | None
    named: tuple[mentions.Mention, ...] = ()


def replace_text(
    session: Session,
    discussion: Discussion,
    post: Post,
    new: NewText,
    offered: tuple[str, ...],
    **values: Any,
) -> None:
    """Store the present text of a post as an earlier version, and set the new one.

    ``values`` are other columns to set. The discussion is locked.
    """
    session.add(
        PostVersion(post_id=post.id, source=post.source, language=post.language, replaced_at=now())
    )
    if new.source != post.source:
        values["edited_at"] = now()
    writer.change(
        session,
        discussion,
        post,
        source=new.source,
        html=new.html,
        renderer=RENDERER,
        language=new.language,
        language_source=new.language_source,
        revision=post.revision + 1,
        **values,
    )
    mentions.store(session, post, new.named)
    queue_detection(session, post, offered)


def erase_texts(session: Session, discussion: Discussion, post: Post) -> None:
    """Delete a post with its earlier versions, files, reactions and author's name.

    Its position stays.
    """
    session.execute(sql_delete(PostVersion).where(PostVersion.post_id == post.id))
    writer.change(
        session,
        discussion,
        post,
        status="deleted",
        deleted_at=now(),
        source="",
        html="",
        author_name=None,
        author_code=None,
        hidden_reason=None,
        pinned_at=None,
        mark=None,
        language=None,
        language_source=None,
    )
    mentions.remove_of_post(session, post.id)
    reactions.remove_of_post(session, post.id)
    attachments.delete_of_posts(session, [post.id])


def language_source(chosen: str | None, language: str | None) -> str | None:
    """Return ``Post.language_source`` for a language that was chosen or detected."""
    if chosen:
        return "author"
    return "detected" if language else None


def original_source(session: Session, post: Post) -> str | None:
    """Return the text of a post before any edit; None if the post was deleted."""
    if post.status == "deleted":
        return None
    oldest = session.scalars(
        select(PostVersion.source).where(PostVersion.post_id == post.id).order_by(PostVersion.id)
    ).first()
    return post.source if oldest is None else oldest


def queue_detection(session: Session, written: Post, offered: tuple[str, ...]) -> None:
    """Queue the detection of the language, if neither the author nor the script decided it."""
    if written.language is None:
        outbox.put(
            session,
            DETECT_LANGUAGE,
            f"{written.id}:{written.revision}",
            {"post": written.id, "revision": written.revision, "among": offered},
        )
