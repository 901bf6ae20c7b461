"""Import the posts of a Disqus export into a discussion, as an archive.

Posts are written in batches, parents before children, and each is recognised again
(``ImportedPost``): an import that was interrupted, or is repeated, goes on where it ended. Nobody
gets a notice, and who had read everything has still read everything.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER
from lti_tool.discussion import languages, names, post_texts, writer
from lti_tool.discussion.discussions import own_discussion
from lti_tool.discussion.imports.answers import claimed_moment
from lti_tool.discussion.imports.disqus_spool import SpooledPost
from lti_tool.discussion.imports.html_to_markdown import markdown_of
from lti_tool.discussion.imports.plans import Place
from lti_tool.discussion.model import Discussion, DiscussionReader, ImportedPost, Post
from lti_tool.discussion.model.posts import ARCHIVE
from lti_tool.discussion.permissions import EVERYBODY
from lti_tool.discussion.settings import parse as parse_settings
from lti_tool.discussion.text import clean_text, render_stored
from lti_tool.storage.database import Database

BATCH = 50
"""Posts that are written in one transaction."""
_NO_PERSON = "post "


@dataclass(slots=True)
class Result:
    """Posts that were added, places of removed ones that were added, and posts there already."""

    added: int = 0
    places: int = 0
    known: int = 0


class _Text(NamedTuple):
    source: str
    html: str
    language: str | None


def count_known(database: Database, place: Place, posts: Iterable[SpooledPost]) -> int:
    """Return how many posts of an export were imported before."""
    known = 0
    with database.read() as session:
        discussion_id = session.scalar(
            select(Discussion.id).where(
                Discussion.resource_link_id == place.resource_link_id,
                Discussion.module_id == place.module.id,
                Discussion.archived_at.is_(None),
            )
        )
        if discussion_id is None:
            return 0
        for batch in _batches(posts):
            written = [each.id for each in batch if not each.removed]
            known += len(_stored(session, discussion_id, written))
    return known


def import_posts(
    database: Database, secret_key: str, place: Place, posts: Iterable[SpooledPost]
) -> Iterator[Result]:
    """Write posts, and yield after each transaction what was done so far."""
    result = Result()
    offered = languages.offered_languages(place.module)
    for batch in _batches(posts):
        texts = [_text(each, offered) for each in batch]
        with database.write() as session:
            discussion = own_discussion(session, place.resource_link_id, place.module.id)
            before = discussion.latest_sequence
            step = _write(session, secret_key, place, discussion, batch, texts)
            session.flush()
            _keep_read(session, discussion, before)
        result.added += step.added
        result.places += step.places
        result.known += step.known
        yield result


def _text(post: SpooledPost, offered: tuple[str, ...]) -> _Text:
    source = clean_text(markdown_of(post.message)) if post.message else ""
    if not source:
        return _Text("", "", None)
    return _Text(source, render_stored(source), languages.detect(source, offered))


def _write(
    session: Session,
    secret_key: str,
    place: Place,
    discussion: Discussion,
    batch: Sequence[SpooledPost],
    texts: Sequence[_Text],
) -> Result:
    result = Result()
    anonymous = parse_settings(place.module.discussion, discussion.settings).anonymous
    ids = {each.id for each in batch} | {each.parent for each in batch if each.parent}
    stored = _stored(session, discussion.id, sorted(ids))
    parents = _parents(session, stored.values())
    for post, text in zip(batch, texts, strict=True):
        if post.id in stored:
            result.known += not post.removed
            continue
        answered = parents.get(stored.get(post.parent, 0))
        row = _post(secret_key, discussion, post, text, anonymous, answered)
        writer.add(session, discussion, row, tell=False)
        if post.removed:
            writer.change(session, discussion, row, status="deleted", deleted_at=row.created_at)
        session.add(ImportedPost(discussion_id=discussion.id, key=_key(post.id), post_id=row.id))
        stored[post.id] = row.id
        parents[row.id] = row
        result.places += post.removed
        result.added += not post.removed
    return result


def _post(
    secret_key: str,
    discussion: Discussion,
    post: SpooledPost,
    text: _Text,
    anonymous: bool,
    answered: Post | None,
) -> Post:
    name = None if anonymous or post.removed else post.author or None
    code = None
    if name is None and not post.removed:
        code = _code(secret_key, discussion.id, post)
    return Post(
        discussion_id=discussion.id,
        thread_id=(answered.thread_id or answered.id) if answered else None,
        reply_to_id=answered.id if answered else None,
        group_id=answered.group_id if answered else EVERYBODY,
        author_name=name,
        author_code=code,
        author_role="guest",
        anonymous=anonymous,
        status="published",
        origin=ARCHIVE,
        language=text.language,
        language_source=post_texts.language_source(None, text.language),
        draft_key=secrets.token_hex(16),
        created_at=_written(post.written_at, answered),
        renderer=RENDERER,
        source=text.source,
        html=text.html,
    )


def _written(written: datetime | None, answered: Post | None) -> datetime:
    if written is None and answered is not None:
        return answered.created_at
    return claimed_moment(written)


def _code(secret_key: str, discussion_id: int, post: SpooledPost) -> str:
    """Return a pseudonym: the same for all posts of a person who is known by a user name."""
    person = post.person or _NO_PERSON + post.id
    digest = hashlib.sha256(person.encode("utf-8", "replace")).digest()
    return names.pseudonym_code(
        f"{secret_key} archive {discussion_id}", int.from_bytes(digest[:4]) >> 2
    )


def _stored(session: Session, discussion_id: int, ids: Sequence[str]) -> dict[str, int]:
    """Return the ids of the posts that were made of posts of Disqus."""
    by_key = {_key(each): each for each in ids}
    rows = session.execute(
        select(ImportedPost.key, ImportedPost.post_id).where(
            ImportedPost.discussion_id == discussion_id, ImportedPost.key.in_(list(by_key))
        )
    )
    return {by_key[row.key]: row.post_id for row in rows}


def _parents(session: Session, ids: Iterable[int]) -> dict[int, Post]:
    found = session.scalars(select(Post).where(Post.id.in_(list(ids))))
    return {each.id: each for each in found}


def _keep_read(session: Session, discussion: Discussion, before: int) -> None:
    """Keep as read, for those who had read all posts, what was added after them."""
    for column in (
        DiscussionReader.read_up_to,
        DiscussionReader.visited_up_to,
        DiscussionReader.earlier_visit_up_to,
    ):
        session.execute(
            update(DiscussionReader)
            .where(DiscussionReader.discussion_id == discussion.id, column == before)
            .values({column: discussion.latest_sequence})
            .execution_options(synchronize_session=False)
        )


def _key(disqus_id: str) -> str:
    return hashlib.sha256(f"disqus\0{disqus_id}".encode("utf-8", "replace")).hexdigest()


def _batches(posts: Iterable[SpooledPost]) -> Iterator[list[SpooledPost]]:
    batch: list[SpooledPost] = []
    for post in posts:
        batch.append(post)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
