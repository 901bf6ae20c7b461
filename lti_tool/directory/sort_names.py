"""The form of people's names by which lists are sorted.

It is stored with each membership, so that a page of the members of a course, in the order of their
names, is read from an index. Code that changes ``User.name`` must call :func:`rename`.
"""

import unicodedata
from collections.abc import Mapping

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from lti_tool.directory.model import NAMELESS, SORT_NAME_LIMIT, Membership

_LONGEST_PART = 100


def sort_name(name: str | None) -> str:
    """Return the sort key of a name: without case and accents; people without a name are last."""
    decomposed = unicodedata.normalize("NFKD", name or "").casefold()
    plain = "".join(each for each in decomposed if unicodedata.category(each) != "Mn")
    words = " ".join(plain.split())
    return f"0{words}"[:SORT_NAME_LIMIT] if words else NAMELESS


def rename(connection: Connection, names: Mapping[int, str | None]) -> None:
    """Store the sort keys of users whose names have changed, by user id."""
    if names:
        rows = [{"user": user, "key": sort_name(name)} for user, name in sorted(names.items())]
        connection.execute(_RENAME, rows)


def has_name_part(part: str) -> list[ColumnElement[bool]]:
    """Return the conditions for memberships of people with a part of a name; none for nothing."""
    key = sort_name(part[:_LONGEST_PART])
    if key == NAMELESS:
        return []
    return [Membership.sort_name.contains(key.removeprefix("0"), autoescape=True)]


def after_member(
    connection: Connection | Session, course_id: int | None, user_id: int
) -> list[ColumnElement[bool]]:
    """Return the conditions for memberships after a user in the order of the names.

    None for 0, and for somebody who is not in the course. Takes one statement, except for 0.
    """
    if not user_id:
        return []
    key = connection.scalar(
        select(Membership.sort_name).where(
            Membership.course_id == course_id, Membership.user_id == user_id
        )
    )
    if key is None:
        return []
    position = tuple_(Membership.sort_name, Membership.user_id)
    return [position > tuple_(literal(key, Membership.sort_name.type), literal(user_id))]


_RENAME = (
    update(Membership)
    .where(Membership.user_id == bindparam("user"))
    .values(sort_name=bindparam("key"))
)
