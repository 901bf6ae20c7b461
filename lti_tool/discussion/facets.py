"""Facets: the properties of published posts by which threads are listed and posts are counted.

A facet is a kind and a value. The kinds:

- ``all``: every post; the value is empty.
- ``language``: the language tag, or ``und`` while it is unknown.
- ``question``: the id of the question that a first post answers.
- ``staff``: written by an instructor; the value is empty.
- ``author``: the user id of the author; ``own`` instead if the post is anonymous, so that other
  participants cannot list or count the anonymous posts of a person.
- ``unanswered``: the first post of a thread without published replies; the value is empty.

``discussion_counts`` has two more kinds, in shared discussions: ``waiting`` and ``reported``, the
posts that an institution (the value) has to deal with, as in the columns of ``discussions``.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, literal_column

from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model.posts import ARCHIVE

PUBLISHED = "published"
UNAPPROVED = ("held", "rejected")
"""Statuses of posts that only their authors and instructors see."""


def is_published(posts: Any) -> ColumnElement[bool]:
    """Return the condition for published posts of a table or an alias, as the indexes have it.

    The statuses here are literals: with bind parameters, SQLite does not use the partial indexes of
    posts, or prepares the statement again for each execution.
    """
    condition: ColumnElement[bool] = posts.c.status == literal_column(f"'{PUBLISHED}'")
    return condition


def is_unapproved(posts: Any) -> ColumnElement[bool]:
    """Return the condition for held and rejected posts, as the index has it."""
    return is_one_of(posts.c.status, UNAPPROVED)


def is_one_of(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of some words of this module.

    They are literals: SQLAlchemy writes a list of bind parameters again for each execution.
    """
    return column.in_([literal_column(f"'{word}'") for word in words])


def is_held(posts: Any) -> ColumnElement[bool]:
    """Return the condition for held posts; the second half lets SQLite use the partial index."""
    return and_(posts.c.status == literal_column("'held'"), is_unapproved(posts))


class Facet(NamedTuple):
    """A property of posts, as stored in ``discussion_counts`` and ``thread_facets``."""

    kind: str
    value: str = ""


ALL = Facet("all")
STAFF = Facet("staff")
UNANSWERED = Facet("unanswered")

QUEUES = ("waiting", "reported")
"""Kinds that do not count published posts, but what waits for the instructors of institutions."""

PERSONAL = ("author", "own")
"""Kinds whose ``activity`` is that of the author's posts, not of the whole thread."""


def language(tag: str | None) -> Facet:
    """Return the facet of a language; of an unknown one for None."""
    return Facet("language", tag or UNKNOWN)


def question(question_id: str) -> Facet:
    """Return the facet of the answers to a question."""
    return Facet("question", question_id)


def by_author(user_id: int) -> Facet:
    """Return the facet of a user's posts that carry the user's name."""
    return Facet("author", str(user_id))


def own(user_id: int) -> tuple[Facet, Facet]:
    """Return the facets of all posts of a user: with name, and anonymous."""
    return by_author(user_id), Facet("own", str(user_id))


class PostState(NamedTuple):
    """What the counts need to know about a post.

    ``thread``: the id of its thread's first post. ``archived``: imported from another discussion.
    """

    id: int
    thread: int
    group_id: int
    author_id: int | None
    staff: bool
    anonymous: bool
    question_id: str | None
    language: str | None
    published: bool
    sequence: int
    created_at: datetime
    archived: bool

    @property
    def facets(self) -> tuple[Facet, ...]:
        """The facets of the post alone; none unless it is published."""
        if not self.published:
            return ()
        found = [ALL, language(self.language)]
        if self.staff:
            found.append(STAFF)
        if self.question_id is not None:
            found.append(question(self.question_id))
        if self.author_id is not None:
            found.append(own(self.author_id)[self.anonymous])
        return tuple(found)


STATE_COLUMNS = (
    "id", "thread_id", "group_id", "author_id", "author_role", "anonymous", "question_id",
    "language", "status", "sequence", "created_at", "origin",
)  # fmt: skip
"""The columns of posts from which :func:`state_of` makes a state."""


def state_of(post: Any) -> PostState:
    """Return the present state of a post that has an id, or of a row with ``STATE_COLUMNS``."""
    return PostState(
        id=post.id,
        thread=post.thread_id or post.id,
        group_id=post.group_id,
        author_id=post.author_id,
        staff=post.author_role == "instructor",
        anonymous=post.anonymous,
        question_id=post.question_id,
        language=post.language,
        published=post.status == PUBLISHED,
        sequence=post.sequence,
        created_at=post.created_at,
        archived=post.origin == ARCHIVE,
    )
