"""Background tasks of the discussion."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from courseware.markdown import RENDERER
from lti_tool.discussion import drafts, languages
from lti_tool.discussion.model import Post
from lti_tool.discussion.service import DETECT_LANGUAGE
from lti_tool.discussion.text import render_stored
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler

_BATCH = 100
"""Posts that are rendered for one write transaction."""


def purge(settings: Settings, database: Database) -> None:
    """Delete old drafts, and render the posts of older renderers."""
    drafts.purge(settings, database)
    render_outdated(database)


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
        if not batch:
            return changed
        rendered = [(row.id, row.revision, render_stored(row.source)) for row in batch]
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
        Post.status == "published",
    )
    with database.read() as session:
        source = session.scalar(select(Post.source).where(*unchanged))
    language = languages.detect(source, payload["among"]) if source else None
    if language is None:
        return
    with database.write() as session:
        session.execute(
            update(Post).where(*unchanged).values(language=language, language_source="detected")
        )


handlers: Mapping[str, Handler] = {DETECT_LANGUAGE: detect_language}
