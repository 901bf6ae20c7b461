"""Background tasks of the discussion."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from courseware.markdown import RENDERER
from lti_tool.discussion import (
    drafts,
    languages,
    mentions,
    retention,
    search_index,
    shared_retention,
    thread_moves,
    withdrawal,
    writer,
)
from lti_tool.discussion.imports import stored
from lti_tool.discussion.model import Post
from lti_tool.discussion.post_texts import DETECT_LANGUAGE
from lti_tool.discussion.text import render_stored
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler

_BATCH = 100
"""Posts that are rendered for one write transaction."""


def purge(settings: Settings, database: Database) -> None:
    """Delete what is old, render outdated posts, complete the search index."""
    drafts.purge(settings, database)
    retention.apply(database)
    shared_retention.apply(database)
    render_outdated(database)
    search_index.index_missing(database)
    withdrawal.remove_of_gone_institutions(database)
    stored.purge(database)


def render_outdated(database: Database) -> int:
    """Render the posts of older renderers once more and store the HTML; return their number.

    A post that was edited meanwhile is skipped: the edit has rendered it.
    """
    changed, last = 0, 0
    outdated = (
        select(Post.id, Post.revision, Post.source)
        .where(Post.renderer != RENDERER, Post.status != "deleted")
        .order_by(Post.id)
        .limit(_BATCH)
    )
    while True:
        with database.read() as session:
            batch = session.execute(outdated.where(Post.id > last)).all()
            named = mentions.names_in(session, [row.id for row in batch])
        if not batch:
            return changed
        rendered = [
            (
                row.id,
                row.revision,
                mentions.highlight(render_stored(row.source), named.get(row.id, ())),
            )
            for row in batch
        ]
        with database.write() as session:
            for post_id, revision, html in rendered:
                session.execute(
                    update(Post)
                    .where(Post.id == post_id, Post.revision == revision, Post.status != "deleted")
                    .values(html=html, renderer=RENDERER)
                    .execution_options(synchronize_session=False)
                )
        changed += len(batch)
        last = batch[-1].id


def detect_language(database: Database, payload: Mapping[str, Any]) -> None:
    """Detect the language of a post, unless it was edited or deleted in the meantime."""
    unchanged = (
        Post.id == payload["post"],
        Post.revision == payload["revision"],
        Post.status != "deleted",
    )
    with database.read() as session:
        source = session.scalar(select(Post.source).where(*unchanged))
    language = languages.detect(source, payload["among"]) if source else None
    if language is None:
        return
    with database.write() as session:
        discussion_id = session.scalar(select(Post.discussion_id).where(*unchanged))
        if discussion_id is None:
            return
        discussion = writer.lock(session, discussion_id)
        post = session.scalars(select(Post).where(*unchanged)).first()
        if post is not None:
            writer.change(session, discussion, post, language=language, language_source="detected")


handlers: Mapping[str, Handler] = {
    DETECT_LANGUAGE: detect_language,
    withdrawal.WITHDRAW: withdrawal.withdraw,
    thread_moves.MOVE_THREAD: thread_moves.move_in_steps,
}
