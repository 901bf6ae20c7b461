"""Machine translations of posts: make them on request, store them, and find stored ones.

A text leaves the tool only if the operator named a service, the institution allows it, and a person
asks for the translation of a post that the person may read. A translation belongs to one revision
of a post: it is shown only with that text, and ``writer.change`` deletes it with the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from courseware.markdown import RENDERER
from courseware.markdown.html import post_cleaner
from lti_tool.discussion import translation_markup, writer
from lti_tool.discussion.model import Post, PostTranslation
from lti_tool.discussion.text import clean_text
from lti_tool.discussion.translator import TranslationError, Translator
from lti_tool.storage.database import Database, now

_MAX_HTML = 60_000
"""Longest HTML of a post that is translated."""

_T = PostTranslation.__table__
_P = Post.__table__


@dataclass(frozen=True, slots=True)
class Translation:
    """A stored translation."""

    post_id: int
    language: str
    source_language: str | None
    provider: str
    html: str


_FIND = (
    select(_T.c.post_id, _T.c.language, _T.c.source_language, _T.c.provider, _T.c.html)
    .select_from(_T.join(_P, and_(_P.c.id == _T.c.post_id, _P.c.revision == _T.c.revision)))
    .where(
        _T.c.post_id.in_(bindparam("posts", expanding=True)),
        _T.c.language == bindparam("language"),
        _T.c.renderer == RENDERER,
        _P.c.status != "deleted",
    )
)


def find(connection: Connection, posts: Sequence[int], language: str) -> dict[int, Translation]:
    """Return the stored translations of posts. The caller checks who may see the posts."""
    if not posts:
        return {}
    rows = connection.execute(_FIND, {"posts": posts, "language": language})
    return {row.post_id: Translation(*row) for row in rows}


def translate(database: Database, translator: Translator, post_id: int, language: str) -> None:
    """Translate a post that the caller may read, and store the translation.

    Raises :class:`TranslationError`. The service is asked outside any transaction; if the post
    changes meanwhile, nothing is stored.
    """
    with database.read() as session:
        post = session.get(Post, post_id)
        if post is None or post.status == "deleted" or len(post.html) > _MAX_HTML:
            raise TranslationError
        before = (post.revision, post.status, post.language)
        html, source, discussion_id = post.html, post.language, post.discussion_id
    exchange = translator.exchange(source, language)
    translated = translation_markup.translate(html, lambda texts: _cleaned(exchange(texts)))
    if translated is None:
        raise TranslationError
    values = {
        "post_id": post_id,
        "revision": before[0],
        "language": language,
        "source_language": source or exchange.detected,
        "provider": translator.name,
        "created_at": now(),
        "renderer": RENDERER,
        "html": post_cleaner().clean(translated),
    }
    with database.write() as session:
        writer.lock(session, discussion_id)
        current = session.get(Post, post_id, populate_existing=True)
        if current is None or before != (current.revision, current.status, current.language):
            raise TranslationError
        insert: Any = (
            sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        )
        statement = insert(_T).values(**values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["post_id", "revision", "language"],
                set_={name: statement.excluded[name] for name in values},
            )
        )


def _cleaned(texts: Sequence[str]) -> list[str]:
    """Clean translated texts as those of posts. Raises TranslationError if nothing is left."""
    cleaned = [clean_text(text) for text in texts]
    if not all(cleaned):
        raise TranslationError
    return cleaned
