"""Join two registrations of one LMS, after the tool was removed there and registered again.

The LMS gave the new registration another client ID, while issuer, courses, resource links and
users kept theirs. Users are matched by their LTI subject, courses by their context ID. Everything
of the old registration moves to the new one; what both have is put together (``row_merge``).

It is done in many transactions of bounded size. Each leaves a consistent database, and each finds
what is left to do in the database: an interrupted join goes on where it stopped, and ends with the
removal of the old registration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.learner_counts import recount_learners
from lti_tool.directory.model import Course, Deployment, Membership, RegistrationRow, User
from lti_tool.directory.registrations import InstitutionError, from_row
from lti_tool.directory.row_merge import Merger, lock
from lti_tool.directory.sort_names import rename
from lti_tool.storage.database import Base, Database

DROPPED: Mapping[str, str] = {
    "access_token_cache": "tokens of the old client ID",
    "institution_exports": "files without the people of the new registration",
    "jwks_cache": "the new registration has its own key set",
    "registration_changes": "changes that the old registration asked for",
    "service_pauses": "a pause of the old client ID",
    "service_uses": "how the services answered the old client ID",
}
"""Tables of the old registration whose rows are deleted, with the reason; all others are joined."""

BATCH = 50
"""Users that one transaction puts together."""
_ENTRIES = 500
_USER_IN_DETAIL = ", user="


@dataclass(frozen=True, slots=True)
class FormerRegistration:
    """A registration of the same LMS that may be the former one of the tool."""

    id: int
    name: str
    client_id: str
    status: str
    created_at: datetime
    courses: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What a join would do: numbers of rows of the old registration, and of those in both."""

    people: int
    people_in_both: int
    courses: int
    courses_in_both: int
    deployments: int


def former_registrations(database: Database, registration_id: int) -> list[FormerRegistration]:
    """Earlier registrations of the same LMS with courses and people in common.

    Those whose key set is elsewhere are left out, and all where an issuer belongs to many
    institutions (hosted Canvas, Blackboard): an operator can join those. Takes two statements.
    """
    with database.read() as session:
        row = session.get_one(RegistrationRow, registration_id)
        if _has_shared_issuer(row):
            return []
        others = session.scalars(
            select(RegistrationRow)
            .where(
                RegistrationRow.issuer == row.issuer,
                RegistrationRow.jwks_uri == row.jwks_uri,
                RegistrationRow.id < row.id,
            )
            .order_by(RegistrationRow.id.desc())
            .limit(20)
        ).all()
        found = []
        for other in others:
            courses = session.scalar(_count_common(other.id, row.id)) or 0
            if courses and _institutions_agree(session, other.id, row.id):
                found.append(
                    FormerRegistration(
                        other.id,
                        other.name,
                        other.client_id,
                        other.status,
                        other.created_at,
                        courses,
                    )
                )
        return found


def check_joinable(session: Session, old: int, new: int, *, unrelated: bool = False) -> None:
    """Raise :class:`InstitutionError` where two registrations are not one institution of one LMS.

    ``unrelated`` allows it without a course and a person in common.
    """
    issuers = []
    for each in (old, new):
        row = session.get(RegistrationRow, each)
        if row is None:
            raise InstitutionError(
                f"There is no registration {each}; see 'lti-tool registrations list'."
            )
        issuers.append(row.issuer)
    if old == new:
        raise InstitutionError("These are the same registration.")
    if issuers[0] != issuers[1]:
        raise InstitutionError(
            f"Registration {old} is of {issuers[0]}, and {new} of {issuers[1]}: only "
            "registrations of one LMS can be joined."
        )
    if not _institutions_agree(session, old, new):
        raise InstitutionError(
            "These registrations belong to different institutions, which share discussions. If it "
            "is one, let both belong to it first: lti-tool institutions change"
        )
    if not unrelated and not session.scalar(_count_common(old, new)):
        raise InstitutionError(
            "These registrations have no course with a person in common, so they may belong to "
            "different institutions. If it is one, open an activity of an old course in the LMS "
            "once, and try again; or use --unrelated."
        )


def extent(database: Database, old: int, new: int) -> Extent:
    """Count what a join would do."""
    user, same_user = aliased(User), aliased(User)
    deployment, same_deployment = aliased(Deployment), aliased(Deployment)
    course, same_course = aliased(Course), aliased(Course)
    in_both = exists().where(same_user.registration_id == new, same_user.subject == user.subject)
    course_in_both = exists().where(
        same_deployment.registration_id == new,
        same_course.deployment_id == same_deployment.id,
        same_course.context_id == course.context_id,
    )
    people = select(func.count()).select_from(user).where(user.registration_id == old)
    courses = (
        select(func.count())
        .select_from(course)
        .join(deployment, deployment.id == course.deployment_id)
        .where(deployment.registration_id == old)
    )
    deployments = select(func.count()).where(Deployment.registration_id == old)
    with database.read() as session:
        return Extent(
            people=session.scalar(people) or 0,
            people_in_both=session.scalar(people.where(in_both)) or 0,
            courses=session.scalar(courses) or 0,
            courses_in_both=session.scalar(courses.where(course_in_both)) or 0,
            deployments=session.scalar(deployments) or 0,
        )


def close(session: Session, old: int) -> None:
    """Disable the old registration, so that nothing is written in it while it is joined."""
    session.execute(
        update(RegistrationRow).where(RegistrationRow.id == old).values(status="disabled")
    )


def join_registrations(database: Database, old: int, new: int) -> None:
    """Move everything of the registration ``old`` to ``new``, and remove ``old``.

    :func:`check_joinable` says whether that is right. Doing it again does what is left; nothing if
    one of them is gone.
    """
    with database.write() as session:
        if None in (session.get(RegistrationRow, old), session.get(RegistrationRow, new)):
            return
        close(session, old)
    _follow_entries(database, old, new)
    while _join_users(database, old, new):
        pass
    pairs = _deployments_to_join(database, old, new)
    for old_deployment, new_deployment in pairs.items():
        while _join_course(database, old_deployment, new_deployment, new):
            pass
    with database.write_core() as connection:
        _join_rest(connection, old, new, pairs)


def _has_shared_issuer(row: RegistrationRow) -> bool:
    registration = from_row(row)
    return registration.profile.shared_client(registration.issuer, None)


def _institutions_agree(session: Session, old: int, new: int) -> bool:
    """Whether the deployments of both belong to one institution of exchanges, or some to none."""
    found = session.scalars(
        select(Deployment.institution_id)
        .where(Deployment.registration_id.in_((old, new)), Deployment.institution_id.is_not(None))
        .distinct()
        .limit(2)
    ).all()
    return len(found) < 2


def _count_common(old: int, new: int) -> Select[int]:
    """The number of courses that both have, with a person whom both have there."""
    old_deployment, new_deployment = aliased(Deployment), aliased(Deployment)
    old_course, new_course = aliased(Course), aliased(Course)
    old_member, new_member = aliased(Membership), aliased(Membership)
    old_user, new_user = aliased(User), aliased(User)
    in_both = exists().where(
        old_member.course_id == old_course.id,
        old_user.id == old_member.user_id,
        new_user.registration_id == new,
        new_user.subject == old_user.subject,
        new_member.user_id == new_user.id,
        new_member.course_id == new_course.id,
    )
    return (
        select(func.count(old_course.id.distinct()))
        .select_from(old_deployment)
        .join(old_course, old_course.deployment_id == old_deployment.id)
        .join(new_deployment, new_deployment.registration_id == new)
        .join(
            new_course,
            and_(
                new_course.deployment_id == new_deployment.id,
                new_course.context_id == old_course.context_id,
            ),
        )
        .where(old_deployment.registration_id == old, in_both)
    )


_OLD, _NEW = aliased(User), aliased(User)


def _same_users(old: int, new: int, *where: ColumnElement[bool]) -> Select[int, int]:
    """The row IDs of users who are in both registrations: the old ones, and the new ones."""
    return (
        select(_OLD.id, _NEW.id)
        .join(_NEW, and_(_NEW.registration_id == new, _NEW.subject == _OLD.subject))
        .where(_OLD.registration_id == old, *where)
        .order_by(_OLD.id)
    )


def _follow_entries(database: Database, old: int, new: int) -> None:
    """Let the entries of the log about people who are in both name the row that stays.

    They name people without a foreign key, as the object or at the end of the details.
    """
    last = 0
    names_user = (
        AuditEntry.action.startswith("people.") & AuditEntry.object_id.is_not(None)
    ) | AuditEntry.detail.contains(_USER_IN_DETAIL, autoescape=True)
    while True:
        with database.write_core() as connection:
            entries = connection.execute(
                select(AuditEntry.id, AuditEntry.action, AuditEntry.object_id, AuditEntry.detail)
                .where(AuditEntry.registration_id == old, AuditEntry.id > last, names_user)
                .order_by(AuditEntry.id)
                .limit(_ENTRIES)
            ).all()
            if not entries:
                return
            last = entries[-1].id
            named = {
                each.id: _named_user(each.action, each.object_id, each.detail) for each in entries
            }
            wanted = _OLD.id.in_({each for each in named.values() if each is not None})
            becomes = {
                pair[0]: pair[1] for pair in connection.execute(_same_users(old, new, wanted))
            }
            for entry in entries:
                user = becomes.get(named[entry.id] or 0)
                if user is None:
                    continue
                values: dict[str, object] = {"object_id": user}
                if not entry.action.startswith("people."):
                    text = entry.detail.rpartition(_USER_IN_DETAIL)[0]
                    values = {"detail": f"{text}{_USER_IN_DETAIL}{user}"}
                connection.execute(
                    update(AuditEntry).where(AuditEntry.id == entry.id).values(values)
                )


def _named_user(action: str, object_id: int | None, detail: str) -> int | None:
    if action.startswith("people."):
        return object_id
    number = detail.rpartition(_USER_IN_DETAIL)[2]
    return int(number) if number.isdecimal() and len(number) < 10 else None


def _join_users(database: Database, old: int, new: int) -> bool:
    """Put some users together who are in both; False if there are none."""
    users = Base.metadata.tables["users"]
    with database.write_core() as connection:
        pairs = connection.execute(_same_users(old, new).limit(BATCH)).all()
        merger = Merger(connection)
        names = {}
        for removed, kept in pairs:
            merger.merge(users, kept=(kept,), removed=(removed,))
            names[kept] = connection.scalar(select(User.name).where(User.id == kept))
        rename(connection, names)
        return bool(pairs)


def _deployments_to_join(database: Database, old: int, new: int) -> dict[int, int]:
    """Each old deployment with the new one that has most of its courses, by row ID."""
    old_deployment, new_deployment = aliased(Deployment), aliased(Deployment)
    old_course, new_course = aliased(Course), aliased(Course)
    rows_query = (
        select(old_deployment.id, new_deployment.id, func.count())
        .select_from(old_deployment)
        .join(old_course, old_course.deployment_id == old_deployment.id)
        .join(new_course, new_course.context_id == old_course.context_id)
        .join(
            new_deployment,
            and_(
                new_deployment.id == new_course.deployment_id,
                new_deployment.registration_id == new,
            ),
        )
        .where(old_deployment.registration_id == old)
        .group_by(old_deployment.id, new_deployment.id)
        .order_by(func.count(), new_deployment.id)
    )
    with database.read() as session:
        # The last of each old deployment stays: most courses, then the newest.
        return {row[0]: row[1] for row in session.execute(rows_query)}


def _join_course(database: Database, old: int, new: int, registration_id: int) -> bool:
    """Put a course together that both deployments have; False if there is none."""
    old_course, new_course = aliased(Course), aliased(Course)
    pair = (
        select(old_course.id, new_course.id)
        .join(new_course, new_course.context_id == old_course.context_id)
        .where(old_course.deployment_id == old, new_course.deployment_id == new)
        .limit(1)
    )
    tables = Base.metadata.tables
    with database.write_core() as connection:
        found = connection.execute(pair).first()
        if found is None:
            return False
        removed, kept = found
        for row_id in sorted((removed, kept)):
            lock(connection, tables["courses"], (row_id,))
        links, sessions = tables["resource_links"], tables["launch_sessions"]
        connection.execute(
            update(links).where(links.c.course_id == removed).values(deployment_id=new)
        )
        connection.execute(
            update(sessions)
            .where(sessions.c.course_id == removed)
            .values(deployment_id=new, registration_id=registration_id)
        )
        Merger(connection).merge(tables["courses"], kept=(kept,), removed=(removed,))
        recount_learners(connection, Course.id == kept)
        return True


def _join_rest(connection: Connection, old: int, new: int, pairs: Mapping[int, int]) -> None:
    """Move what is in the old registration only, and remove the registration."""
    tables = Base.metadata.tables
    if connection.scalar(select(RegistrationRow.id).where(RegistrationRow.id == old)) is None:
        return
    for row_id in sorted((old, new)):
        lock(connection, tables["registrations"], (row_id,))
    for name in DROPPED:
        table = tables[name]
        connection.execute(delete(table).where(table.c.registration_id == old))
    merger = Merger(connection)
    for old_deployment, new_deployment in pairs.items():
        merger.merge(tables["deployments"], kept=(new_deployment,), removed=(old_deployment,))
        recount_learners(connection, Course.deployment_id == new_deployment)
    merger.merge(tables["registrations"], kept=(new,), removed=(old,))
