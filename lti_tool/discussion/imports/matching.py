"""Find the member of the course whom a file names. Nobody is guessed: several possible stay so."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from lti_tool.discussion.imports.records import SourcePerson, folded
from lti_tool.roster.queries import CourseMember, every_member, members_by_id

Method = Literal["email", "identifier", "name"]
METHODS: tuple[Method, ...] = ("email", "identifier", "name")
MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the course who may be meant; ``name`` and ``email`` are None if not sent."""

    user_id: int
    name: str | None
    email: str | None


Matches = Mapping[str, tuple[Candidate, ...]]
"""The members who may be a person, by the person's key."""


def find(
    connection: Connection, course_id: int | None, people: Iterable[SourcePerson], method: Method
) -> Matches:
    """Return the present members of the course with the same value as each person.

    ``method``: what is compared. ``identifier`` is compared with the user's ID in the LMS, and with
    the e-mail address, which some LMSs use as the user name. Reads the roster once, in batches.
    """
    wanted: dict[str, list[str]] = {}
    for person in people:
        if value := folded(getattr(person, method)):
            wanted.setdefault(value, []).append(person.key)
    found: dict[str, list[Candidate]] = {}
    if course_id is None or not wanted:
        return {}
    for member in every_member(connection, course_id):
        for value in _values(member, method):
            for key in wanted.get(value, ()):
                listed = found.setdefault(key, [])
                if len(listed) < MOST_CANDIDATES:
                    listed.append(Candidate(member.user_id, member.name, member.email))
    return {key: tuple(each) for key, each in found.items()}


def members(
    connection: Connection, course_id: int | None, user_ids: Collection[int]
) -> dict[int, Candidate]:
    """Return those of some users who are in the course now."""
    if course_id is None or not user_ids:
        return {}
    return {
        each.user_id: Candidate(each.user_id, each.name, each.email)
        for each in members_by_id(connection, course_id, sorted(user_ids))
    }


def _values(member: CourseMember, method: Method) -> set[str]:
    values: dict[Method, tuple[str | None, ...]] = {
        "email": (member.email,),
        "identifier": (member.lms_user_id, member.email),
        "name": (member.name,),
    }
    return {folded(value) for value in values[method] if value}
