"""Write the members that a roster lists into users, memberships and groups.

A roster is applied page by page while it is read, so the memory that it takes does not depend on
the number of members. Only after a complete read are those deactivated who were not listed.

- A user is identified by ``user_id`` alone; an e-mail address or a sourcedid never identifies.
- A field that the roster lacks (name, e-mail address) does not erase what is stored.
- Somebody listed twice has the roles of both entries. Unknown people who are not active in the
  course are not stored.
- The roster decides about the roles in the course. Roles in the institution, which few rosters
  contain, stay those of the latest launch. So does the instructor's role where the LMS's roster
  lists instructors as learners.
- Locks are taken in the order user, course, membership, as in ``directory.launch_record``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.directory.launch_record import full_name
from lti_tool.directory.learner_counts import count_learners, counts_as_learner, recount_learners
from lti_tool.directory.model import Course, Membership, User
from lti_tool.directory.sort_names import rename, sort_name
from lti_tool.lti.nrps import Member
from lti_tool.lti.roles import (
    INSTRUCTOR_ROLE,
    LEARNER_ROLE,
    highest_role,
    is_context_role,
    read_roles,
)
from lti_tool.roster.model import CourseGroup, CourseGroupMember
from lti_tool.storage.database import now

CHUNK = 200
"""Members written in one transaction."""
_MOST_STAYING = 0.1
"""Share of the former learners who can be in a new cohort too: those who repeat the course."""
LAUNCH_GRACE = timedelta(days=2)
"""How long a launch counts for somebody whom no roster lists, such as an administrator."""


def _nobody(_connection: Connection, _subjects: Sequence[str]) -> Set[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class RosterRead:
    """One read of a course's roster, which started at ``started``.

    ``groups``: the ids of the course's groups, for each LTI id; None where groups are not read.
    ``excluded`` returns those of some unknown subjects that must not be stored: people who were
    erased, and whom a roster still lists. ``lacks_instructors``: the roster lists some instructors
    as learners (``PlatformProfile.roster_lacks_instructors``).
    """

    registration_id: int
    course_id: int
    started: datetime
    groups: Mapping[str, Sequence[int]] | None = None
    excluded: Callable[[Connection, Sequence[str]], Set[str]] = _nobody
    lacks_instructors: bool = False


def chunks(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    """Split a page into parts for one transaction each."""
    return (members[start : start + CHUNK] for start in range(0, len(members), CHUNK))


def apply_members(connection: Connection, read: RosterRead, members: Sequence[Member]) -> None:
    """Write at most ``CHUNK`` listed members. The number of statements is bounded."""
    listed = _merged(members)
    if not listed:
        return
    users, names = _users(connection, read, listed)
    connection.execute(select(Course.id).where(Course.id == read.course_id).with_for_update()).all()
    by_user = {users[subject]: member for subject, member in listed.items() if subject in users}
    _memberships(connection, read, by_user, names)
    if read.groups is not None:
        _group_members(connection, read.groups, by_user)


def _merged(members: Sequence[Member]) -> dict[str, Member]:
    merged: dict[str, Member] = {}
    for member in sorted(members, key=lambda member: str(member.user.subject)):
        subject = str(member.user.subject)
        other = merged.get(subject)
        merged[subject] = member if other is None else _both(other, member)
    return merged


def _both(one: Member, other: Member) -> Member:
    """Two entries of one user: an inactive one adds nothing to an active one."""
    if one.active != other.active:
        return one if one.active else other
    groups = tuple(dict.fromkeys((*(one.groups or ()), *(other.groups or ()))))
    return replace(
        one,
        roles=read_roles(dict.fromkeys((*one.roles.uris, *other.roles.uris))),
        groups=None if one.groups is None and other.groups is None else groups,
    )


def _users(
    connection: Connection, read: RosterRead, listed: Mapping[str, Member]
) -> tuple[dict[str, int], dict[int, str | None]]:
    """Insert and update users; return their ids by subject, and their names by id."""
    stored = _stored_users(connection, read, list(listed))
    unknown = [
        subject for subject, member in listed.items() if subject not in stored and member.active
    ]
    excluded = read.excluded(connection, unknown) if unknown else frozenset()
    missing = [
        {
            "registration_id": read.registration_id,
            "subject": subject,
            "kind": _kind(listed[subject]),
            "name": full_name(listed[subject].user),
            "email": listed[subject].user.email,
            "created_at": read.started,
        }
        for subject in unknown
        if subject not in excluded
    ]
    changed, names = [], {}
    for subject, row in stored.items():
        member = listed[subject]
        values = {
            "name": full_name(member.user) or row.name,
            "email": member.user.email or row.email,
            "kind": _kind(member) if member.active else row.kind,
        }
        names[row.id] = values["name"]
        if values != {name: getattr(row, name) for name in values}:
            changed.append({"row": row.id, **values})
    if changed:
        connection.execute(_UPDATE_USER, sorted(changed, key=lambda values: int(values["row"])))
        before = {row.id: row.name for row in stored.values()}
        renamed = {row: name for row, name in names.items() if name != before[row]}
        rename(connection, renamed)
    ids = {subject: int(row.id) for subject, row in stored.items()}
    if missing:
        _insert_new(connection, User, missing, ["registration_id", "subject"])
        added = [values["subject"] for values in missing]
        found = _stored_users(connection, read, [str(subject) for subject in added])
        ids |= {subject: int(row.id) for subject, row in found.items()}
        names |= {int(row.id): row.name for row in found.values()}
    return ids, names


def _stored_users(
    connection: Connection, read: RosterRead, subjects: Sequence[str]
) -> dict[str, Any]:
    query = select(User.id, User.subject, User.name, User.email, User.kind).where(
        User.registration_id == read.registration_id, User.subject.in_(subjects)
    )
    return {row.subject: row for row in connection.execute(query)}


def _kind(member: Member) -> str:
    return "test" if member.roles.test_user else "person"


def _memberships(
    connection: Connection,
    read: RosterRead,
    members: Mapping[int, Member],
    names: Mapping[int, str | None],
) -> None:
    query = (
        select(
            Membership.id,
            Membership.user_id,
            Membership.roles,
            Membership.role,
            Membership.ended_at,
            Membership.roster_read_at,
        )
        .where(Membership.course_id == read.course_id, Membership.user_id.in_(list(members)))
        .order_by(Membership.id)
        .with_for_update()
    )
    stored = {row.user_id: row for row in connection.execute(query)}
    new, changed, unchanged = [], [], []
    learners = 0
    for user_id, member in members.items():
        row = stored.get(user_id)
        values = _values(read, row, member)
        if row is None:
            if member.active:
                course = {"course_id": read.course_id, "user_id": user_id}
                new.append({**course, **values, "created_at": read.started})
                learners += counts_as_learner(values["role"], values["ended_at"])
        elif values == {name: getattr(row, name) for name in values}:
            unchanged.append(row.id)
        else:
            changed.append({"row": row.id, **values})
            learners += counts_as_learner(values["role"], values["ended_at"])
            learners -= counts_as_learner(row.role, row.ended_at)
    if new:
        for values in new:
            values["roster_read_at"] = read.started
            values["sort_name"] = sort_name(names[values["user_id"]])
        _insert_new(connection, Membership, new, ["course_id", "user_id"])
    if changed:
        for values in changed:
            values["roster_read_at"] = read.started
        connection.execute(_UPDATE_MEMBERSHIP, changed)
    if unchanged:
        seen = update(Membership).where(Membership.id.in_(unchanged))
        connection.execute(seen.values(roster_read_at=read.started))
    count_learners(connection, read.course_id, learners)


def _values(read: RosterRead, row: Any | None, member: Member) -> dict[str, Any]:
    """The columns of a membership, from what is stored and the member as listed."""
    if row is not None and row.roster_read_at == read.started:  # listed on an earlier page too
        if row.ended_at is None and not member.active:
            return {"roles": row.roles, "role": row.role, "ended_at": None}
        if (row.ended_at is None) == member.active:
            uris = dict.fromkeys((*row.roles.split(), *member.roles.uris))
            member = replace(member, roles=read_roles(uris))
    ended_at = read.started if row is None or row.ended_at is None else row.ended_at
    roles = _roles(row.roles if row is not None else "", member.roles.uris)
    if read.lacks_instructors and row is not None and row.role == INSTRUCTOR_ROLE:
        roles = row.roles
    return {
        "roles": roles,
        "role": highest_role(read_roles(roles.split())),
        "ended_at": None if member.active else ended_at,
    }


def _roles(stored: str, listed: Sequence[str]) -> str:
    """The role URIs of a membership. Those stored stay where the listed ones mean the same.

    A roster often has short names where launches have URIs, or lacks sub-roles.
    """
    before = stored.split()
    terms = [uri for uri in listed if len(uri.split()) == 1]
    if all(is_context_role(uri) for uri in terms):
        terms += [uri for uri in before if not is_context_role(uri)]
    if stored and _meaning(terms) == _meaning(before):
        return stored
    return " ".join(dict.fromkeys(terms))


def _meaning(uris: Sequence[str]) -> tuple[bool, ...]:
    roles = read_roles(uris)
    return (
        roles.instructor,
        roles.learner,
        roles.administrator,
        roles.content_developer,
        roles.test_user,
    )


def _group_members(
    connection: Connection, groups: Mapping[str, Sequence[int]], members: Mapping[int, Member]
) -> None:
    """Write in which of the LMS's groups these users are, where the roster says so."""
    told = {user: member for user, member in members.items() if member.groups is not None}
    if not told:
        return
    wanted = {
        (group, user)
        for user, member in told.items()
        if member.active
        for id_ in member.groups or ()
        for group in groups.get(id_, ())
    }
    pairs = (
        select(CourseGroupMember.group_id, CourseGroupMember.user_id)
        .where(CourseGroupMember.user_id.in_(list(told)))
        .where(CourseGroupMember.group_id.in_([id_ for ids in groups.values() for id_ in ids]))
    )
    stored = {(row.group_id, row.user_id) for row in connection.execute(pairs)}
    if stored - wanted:
        connection.execute(_DELETE_PAIR, [_pair(*pair) for pair in sorted(stored - wanted)])
    if wanted - stored:
        rows = [{"group_id": group, "user_id": user} for group, user in sorted(wanted - stored)]
        connection.execute(insert(CourseGroupMember), rows)


def _pair(group_id: int, user_id: int) -> dict[str, int]:
    return {"the_group": group_id, "the_user": user_id}


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Whether a complete read listed anybody, and whether all of the learners are new."""

    listed: bool
    renewed: bool = False


def finish(connection: Connection, read: RosterRead) -> ReadResult:
    """After a complete read: end the memberships of those who were not listed.

    A roster without any member is not believed. Members whom no roster has ever listed stay while
    their latest launch is recent; so do those who have launched since the read started.
    """
    connection.execute(select(Course.id).where(Course.id == read.course_id).with_for_update()).all()
    in_course = Membership.course_id == read.course_id
    listed = select(exists().where(in_course, Membership.roster_read_at == read.started))
    if not connection.execute(listed).scalar():
        return ReadResult(listed=False)
    absent = and_(
        in_course,
        Membership.ended_at.is_(None),
        or_(
            and_(
                Membership.roster_read_at < read.started,
                or_(Membership.seen_at.is_(None), Membership.seen_at < read.started),
            ),
            and_(
                Membership.roster_read_at.is_(None),
                func.coalesce(Membership.seen_at, Membership.created_at)
                < read.started - LAUNCH_GRACE,
            ),
        ),
    )
    renewed = _is_renewed(connection, read, absent)
    connection.execute(update(Membership).where(absent).values(ended_at=read.started))
    if read.groups is not None:
        _remove_from_groups(connection, read)
    recount_learners(connection, Course.id == read.course_id)
    return ReadResult(listed=True, renewed=renewed)


def _is_renewed(connection: Connection, read: RosterRead, absent: ColumnElement[bool]) -> bool:
    """Whether learners came and left, and at most a tenth of the former ones stayed."""
    learner = and_(Membership.course_id == read.course_id, Membership.role == LEARNER_ROLE)
    listed = Membership.roster_read_at == read.started
    row = connection.execute(
        select(
            _number(learner, listed, Membership.created_at == read.started).label("came"),
            _number(learner, listed, Membership.created_at < read.started).label("stayed"),
            _number(learner, absent).label("left"),
        )
    ).one()
    former = row.left + row.stayed
    return bool(row.came and row.left and row.stayed <= former * _MOST_STAYING)


def _number(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(Membership).where(*conditions).scalar_subquery()


def _remove_from_groups(connection: Connection, read: RosterRead) -> None:
    """Those who are not active are in no group of the LMS."""
    groups = select(CourseGroup.id).where(
        CourseGroup.course_id == read.course_id, CourseGroup.source == "lms"
    )
    inactive = select(Membership.user_id).where(
        Membership.course_id == read.course_id, Membership.ended_at.is_not(None)
    )
    connection.execute(
        delete(CourseGroupMember).where(
            CourseGroupMember.group_id.in_(groups), CourseGroupMember.user_id.in_(inactive)
        )
    )


def store_groups(
    connection: Connection, course_id: int, listed: Mapping[str, tuple[str, str | None]]
) -> dict[str, list[int]]:
    """Write the groups of the LMS, all of them; return the ids of the rows of each LTI id.

    ``listed``: name and set id by LTI id. A group that is not listed is deleted, but keeps its row.
    """
    query = select(CourseGroup.__table__).where(
        CourseGroup.course_id == course_id, CourseGroup.source == "lms"
    )
    stored = [(row.lti_group_id, row) for row in connection.execute(query)]
    for id_, row in stored:
        name, set_id = listed.get(id_, (row.name, row.lti_set_id))
        values = {
            "name": name or row.name,
            "lti_set_id": set_id,
            "deleted_at": None if id_ in listed else row.deleted_at or now(),
        }
        if values != {column: getattr(row, column) for column in values}:
            where = update(CourseGroup).where(CourseGroup.id == row.id)
            connection.execute(where.values(**values))
        if id_ not in listed:
            gone = delete(CourseGroupMember).where(CourseGroupMember.group_id == row.id)
            connection.execute(gone)
    new = [
        {
            "course_id": course_id,
            "source": "lms",
            "lti_group_id": id_,
            "lti_set_id": set_id,
            "name": name or id_,
            "created_at": now(),
        }
        for id_, (name, set_id) in listed.items()
        if id_ not in {stored_id for stored_id, _ in stored}
    ]
    if new:
        connection.execute(insert(CourseGroup), new)
    ids: dict[str, list[int]] = {}
    for row in connection.execute(query):
        if row.deleted_at is None:
            ids.setdefault(row.lti_group_id, []).append(row.id)
    return ids


def _insert_new(
    connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert the rows that do not exist yet: a launch may have written them meanwhile."""
    insert_ = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    statement = insert_(table).on_conflict_do_nothing(index_elements=list(key))
    connection.execute(statement, [dict(row) for row in rows])


_UPDATE_USER = (
    update(User)
    .where(User.id == bindparam("row"))
    .values(name=bindparam("name"), email=bindparam("email"), kind=bindparam("kind"))
)
_UPDATE_MEMBERSHIP = (
    update(Membership)
    .where(Membership.id == bindparam("row"))
    .values(
        roles=bindparam("roles"),
        role=bindparam("role"),
        ended_at=bindparam("ended_at"),
        roster_read_at=bindparam("roster_read_at"),
    )
)
_DELETE_PAIR = delete(CourseGroupMember).where(
    CourseGroupMember.group_id == bindparam("the_group"),
    CourseGroupMember.user_id == bindparam("the_user"),
)
