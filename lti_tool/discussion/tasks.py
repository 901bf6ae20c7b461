"""Background tasks of the discussion."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from lti_tool.discussion import languages
from lti_tool.discussion.model import Post
from lti_tool.discussion.service import DETECT_LANGUAGE
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler


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
