"""Mentions: ``@`` and a name in a post, stored by user id and highlighted in the post.

Participants can mention those who have written in the discussion under their name, in the groups
that they may read; instructors everybody in the course. Anonymous authors are not among them, so
neither the list nor a highlighted name says who they are. A name that two people have is a mention
only if the author chose one of them from the list (``chosen``).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from courseware.characters import plain_name, shortened
from courseware.markdown import RENDERER
from lti_tool.directory.model import Membership, User
from lti_tool.discussion import writer
from lti_tool.discussion.facets import is_published
from lti_tool.discussion.model import DiscussionCount, Post, PostMention, PostVersion
from lti_tool.discussion.permissions import Permissions
from lti_tool.discussion.text import render_stored

MAX_MENTIONS = 10
"""People whom one post can mention."""
PEOPLE_PER_PAGE = 10
_MAX_SIGNS = 30
"""Signs ``@`` of one post that are looked at."""
_MAX_WORDS = 6
_MAX_NAME = 120

# Not inside an e-mail address, a URL or a handle.
_SIGN = re.compile(r"(?<![\w@./:+-])@(?=\w)")
_WORD = re.compile(r"[^\s@]+")
_TRAILING = ".,;:!?…)]}»”\"'’،؛؟。、"
_TAG = re.compile(r"""(<(?:[^>"]|"[^"]*")*>)""")
_OPAQUE = ("a", "code", "pre")
_LIKE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})

_USER = User.__table__
_POST = Post.__table__
_COUNT = DiscussionCount.__table__
_MENTIONS = PostMention.__table__
_MEMBERS = Membership.__table__


@dataclass(frozen=True, slots=True)
class Person:
    """A person who can be mentioned. ``name`` is what follows the ``@``."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, and the person whom it means."""

    name: str
    user_id: int


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom the reader can mention: the authors of a discussion, or the members of a course.

    ``groups``: as in ``Permissions``. ``course_id`` is set for instructors only.
    """

    discussion_id: int | None
    groups: tuple[int, ...] | None
    course_id: int | None = None

    def people(self) -> ColumnElement[bool]:
        """The condition that a user is one of them."""
        wrote: Select[Any] = select(cast(_COUNT.c.value, Integer)).where(
            _COUNT.c.discussion_id == (self.discussion_id or 0),
            _COUNT.c.kind == "author",
            _COUNT.c.posts > 0,
        )
        named = exists().where(
            _POST.c.author_id == _USER.c.id,
            _POST.c.discussion_id == (self.discussion_id or 0),
            _POST.c.author_name == _USER.c.name,
            is_published(_POST),
        )
        if self.groups is not None:
            wrote = wrote.where(_COUNT.c.group_id.in_(self.groups))
            named = named.where(_POST.c.group_id.in_(self.groups))
        conditions: list[ColumnElement[bool]] = [_USER.c.id.in_(wrote) & named]
        if self.course_id is not None:
            members = select(_MEMBERS.c.user_id).where(_MEMBERS.c.course_id == self.course_id)
            conditions.append(_USER.c.id.in_(members))
        return or_(*conditions) & (_USER.c.kind == "person") & _USER.c.name.is_not(None)


def circle_of(
    permissions: Permissions, discussion_id: int | None, course_id: int | None
) -> Circle | None:
    """Return whom a user can mention; None for nobody: before seeing the posts of others."""
    if not permissions.others or (discussion_id is None and not permissions.moderate):
        return None
    return Circle(discussion_id, permissions.groups, course_id if permissions.moderate else None)


def people_page(
    connection: Connection, circle: Circle, typed: str, after: int = 0
) -> tuple[list[Person], int | None]:
    """Return the people whose name begins with what was typed, or has a word that does.

    ``after``: the number of people on earlier pages. The second value is that of the next page;
    None if there is none.
    """
    query = select(_USER.c.id, _USER.c.name).where(circle.people())
    begin = like_pattern(typed)
    if begin:
        query = query.where(
            or_(
                *(
                    column.like(pattern, escape="\\")
                    for column, text in _both_cases(begin)
                    for pattern in (f"{text}%", f"% {text}%")
                )
            )
        )
    rows = connection.execute(
        query.order_by(_USER.c.name, _USER.c.id).offset(after).limit(PEOPLE_PER_PAGE + 1)
    ).all()
    people = [Person(row.id, _shown(row.name)) for row in rows[:PEOPLE_PER_PAGE]]
    more = len(rows) > PEOPLE_PER_PAGE
    return [each for each in people if each.name], after + PEOPLE_PER_PAGE if more else None


def find(
    connection: Connection, circle: Circle | None, source: str, chosen: Iterable[int] = ()
) -> list[Mention]:
    """Return the people whom a text mentions: the longest name at each ``@`` that one person has.

    ``chosen``: user ids that the author chose, for names that several people have. Takes one
    statement, and none for a text without ``@``.
    """
    places = candidates(source)
    if circle is None or not places:
        return []
    names = sorted({name for names in places for name in names})
    firsts = sorted({min(names, key=len) for names in places})
    rows = connection.execute(
        select(_USER.c.id, _USER.c.name)
        .where(
            circle.people(),
            or_(
                _USER.c.name.in_(names),
                func.lower(_USER.c.name).in_(sorted({name.lower() for name in names})),
                *(
                    column.like(f"{text} %", escape="\\")
                    for first in firsts
                    for column, text in _both_cases(first.translate(_LIKE))
                ),
            ),
        )
        .order_by(_USER.c.id)
        .limit(500)
    ).all()
    picked = set(chosen)
    by_name: dict[str, set[int]] = {}
    by_first: dict[str, set[int]] = {}
    for row in rows:
        for key in {row.name.casefold(), _shown(row.name).casefold()}:
            by_name.setdefault(key, set()).add(row.id)
        by_first.setdefault(row.name.casefold().split(" ")[0], set()).add(row.id)
    found: dict[str, Mention] = {}
    for place in places:
        for name in place:
            key = name.casefold()
            people = by_name.get(key) or by_first.get(key) or set()
            people = people & picked if len(people) > 1 else people
            if len(people) == 1 and len(found) < MAX_MENTIONS:
                found.setdefault(name, Mention(name, *people))
                break
    return list(found.values())


def like_pattern(typed: str) -> str:
    """Return what was typed, for a LIKE pattern."""
    return " ".join(typed[:_MAX_NAME].split()).translate(_LIKE)


def candidates(source: str) -> list[list[str]]:
    """Return for each ``@`` the names that may follow it, the longest first."""
    places = []
    for sign in list(_SIGN.finditer(source))[:_MAX_SIGNS]:
        line = source[sign.end() : sign.end() + _MAX_NAME].partition("\n")[0]
        names = []
        for word in list(_WORD.finditer(line))[:_MAX_WORDS]:
            name = line[: word.end()]
            for each in (name, name.rstrip(_TRAILING)):
                if each and each not in names:
                    names.append(each)
        if names:
            places.append(names[::-1])
    return places


def _both_cases(text: str) -> Sequence[tuple[ColumnElement[str], str]]:
    """The name as stored, and in small letters; SQLite lowers ASCII letters only."""
    return ((_USER.c.name, text), (func.lower(_USER.c.name), text.lower()))


def _shown(name: str) -> str:
    return shortened(plain_name(name))


def highlight(html: str, names: Iterable[str]) -> str:
    """Mark the mentioned names in the HTML of a post, outside links and code."""
    marked = sorted((escape(f"@{name}", quote=False) for name in names), key=len, reverse=True)
    if not marked:
        return html
    pattern = re.compile("|".join(rf"{re.escape(name)}(?!\w)" for name in marked))
    parts, opaque = _TAG.split(html), 0
    for number, part in enumerate(parts):
        if number % 2:
            tag = part.strip("</>").split(" ")[0]
            if tag in _OPAQUE:
                opaque += -1 if part.startswith("</") else 1
        elif not opaque and "@" in part:
            parts[number] = pattern.sub(r'<bdi class="mention">\g<0></bdi>', part)
    return "".join(parts)


def store(session: Session, post: Post, found: Sequence[Mention]) -> None:
    """Store the mentions of a new or edited post; those of its earlier texts stay, not shown."""
    if post.revision:
        session.execute(
            update(PostMention).where(_MENTIONS.c.post_id == post.id).values(shown=False)
        )
    for mention in found:
        session.merge(
            PostMention(
                post_id=post.id, name=mention.name[:255], user_id=mention.user_id, shown=True
            )
        )


def mentions_of(session: Session, post_id: int) -> list[int]:
    """Return the ids of the users whom the present text of a post mentions, without its author.

    The sender of notices checks for each of them, when sending, that they may see the post.
    """
    return list(
        session.scalars(
            select(PostMention.user_id)
            .join(Post, Post.id == PostMention.post_id)
            .where(
                PostMention.post_id == post_id,
                PostMention.shown,
                or_(Post.author_id.is_(None), Post.author_id != PostMention.user_id),
            )
            .order_by(PostMention.user_id)
            .distinct()
        )
    )


def posts_mentioning(
    session: Session, user_id: int, discussion_id: int, first: int, last: int
) -> Sequence[int]:
    """Return the ids of the posts whose present text mentions a user.

    Of the posts of a discussion with ``first`` ≤ ``sequence`` ≤ ``last``.
    """
    return session.scalars(
        select(PostMention.post_id)
        .join(Post, Post.id == PostMention.post_id)
        .where(
            PostMention.user_id == user_id,
            PostMention.shown,
            Post.discussion_id == discussion_id,
            Post.sequence.between(first, last),
        )
        .distinct()
    ).all()


def names_in(connection: Connection | Session, post_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the names that are highlighted in posts, by post id."""
    rows = connection.execute(
        select(_MENTIONS.c.post_id, _MENTIONS.c.name).where(
            _MENTIONS.c.post_id.in_(list(post_ids)), _MENTIONS.c.shown
        )
    )
    found: dict[int, list[str]] = {}
    for post_id, name in rows:
        found.setdefault(post_id, []).append(name)
    return found


def remove_of_post(session: Session, post_id: int) -> None:
    """Remove the mentions in a post, in the transaction that deletes its text."""
    session.execute(delete(PostMention).where(_MENTIONS.c.post_id == post_id))


def forget(session: Session, user_id: int, replacement: str) -> None:
    """Replace the name of a user in the posts that mention it, and in their earlier texts.

    For erasing a person. ``replacement`` follows the ``@``; it must be no name.
    """
    rows = session.execute(
        select(PostMention.post_id, PostMention.name).where(PostMention.user_id == user_id)
    ).all()
    by_post: dict[int, list[str]] = {}
    for post_id, name in rows:
        by_post.setdefault(post_id, []).append(name)
    discussions = session.scalars(
        select(Post.discussion_id).where(Post.id.in_(by_post)).distinct()
    ).all()
    for discussion_id in sorted(discussions):
        discussion = writer.lock(session, discussion_id)
        posts = session.scalars(
            select(Post).where(Post.id.in_(by_post), Post.discussion_id == discussion_id)
        ).all()
        for post in posts:
            names = sorted(by_post[post.id], key=len, reverse=True)
            source = _without(post.source, names, replacement)
            kept = [
                name
                for name in names_in(session, [post.id]).get(post.id, [])
                if name not in by_post[post.id]
            ]
            writer.change(
                session,
                discussion,
                post,
                source=source,
                html=highlight(render_stored(source), kept),
                renderer=RENDERER,
                revision=post.revision + 1,
            )
            for version in session.scalars(
                select(PostVersion).where(PostVersion.post_id == post.id)
            ):
                version.source = _without(version.source, names, replacement)
    session.execute(delete(PostMention).where(_MENTIONS.c.user_id == user_id))


def _without(text: str, names: Sequence[str], replacement: str) -> str:
    pattern = "|".join(rf"@{re.escape(name)}(?!\w)" for name in names)
    return re.sub(pattern, lambda _: f"@{replacement}", text)
