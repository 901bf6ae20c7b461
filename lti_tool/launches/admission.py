"""A verified launch becomes a visit, in one transaction.

It reads everything it needs in one statement, writes what changed and nothing else, and opens the
visit. The visit's id is made from the nonce, so the row of the visit spends it: a second launch
with the same nonce would be the same visit, and its insert fails. Roles follow the latest launch
both ways, in every open visit of the person in the course.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.course_model import Course, LaunchSession, Membership, ResourceLink, User
from lti_tool.directory.registration_model import Deployment, RegistrationRow
from lti_tool.lti.launch import Launch, LaunchUser
from lti_tool.lti.launch_claims import NAME_LIMIT
from lti_tool.lti.refusal import Code, Refused
from lti_tool.sessions.current import session_id_of, session_token
from lti_tool.storage.database import Base, Database, now

Known = Any
"""A row of ``_KNOWN`` or ``_KNOWN_WITHOUT_COURSE``."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tool decided about a launch before admitting it.

    ``linked_module`` is the module that the placement's own link names, if it names one that
    exists. ``recorded`` is False for a preview or an impersonation: nobody's record.
    """

    registration_id: int
    secret_key: str
    frame_ancestors: tuple[str, ...]
    linked_module: str | None
    hours: int
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit that was just opened. ``token`` opens it, and goes to this browser only."""

    session_id: str
    token: str


def admit(database: Database, launch: Launch, terms: Terms) -> Opened:
    """Record the launch and open a visit for it.

    Raises :class:`Refused` for a used nonce, an inactive registration, an unknown deployment, or a
    guest where the institution wants none.
    """
    for last_try in (False, True):
        try:
            with database.write_core() as connection:
                return _admit(connection, launch, terms)
        except IntegrityError as error:
            if _is_same_session(error):
                raise Refused(Code.REPLAYED, issuer=launch.issuer) from None
            if last_try:
                raise
            # Two first launches of one person or course at once: the other has made the rows.
    raise AssertionError


def _is_same_session(error: IntegrityError) -> bool:
    said = str(error.orig)
    return "launch_sessions.id" in said or "pk_launch_sessions" in said


def _admit(connection: Connection, launch: Launch, terms: Terms) -> Opened:
    moment = now()
    known = _known(connection, launch, terms)
    _check_open(known, launch)
    deployment_id = known.deployment_id or _add(
        connection,
        Deployment,
        registration_id=terms.registration_id,
        deployment_id=launch.deployment_id,
        status="active",
        created_at=moment,
    )
    user_id = _record_user(connection, known, launch, terms, moment)
    course_id = _record_course(connection, known, launch, deployment_id, moment)
    _record_membership(connection, known, launch, user_id, course_id, moment)
    resource_link_id = _record_resource_link(
        connection, known, launch, terms, deployment_id, course_id, moment
    )
    session_id = session_id_of(terms.secret_key, terms.registration_id, launch.nonce)
    connection.execute(
        _INSERT[LaunchSession],
        {
            "id": session_id,
            "registration_id": terms.registration_id,
            "deployment_id": deployment_id,
            "user_id": user_id,
            "course_id": course_id,
            "resource_link_id": resource_link_id,
            "module_id": _module_of(known, launch, terms),
            "message_type": launch.message_type,
            "instructor": launch.roles.instructor,
            "administrator": launch.roles.administrator,
            "locale": launch.presentation.locale or launch.user.locale,
            "return_url": launch.presentation.return_url,
            "frame_ancestors": " ".join(terms.frame_ancestors),
            "deep_linking": _deep_linking(launch),
            "created_at": moment,
            "expires_at": moment + timedelta(hours=terms.hours),
        },
    )
    return Opened(session_id, session_token(terms.secret_key, session_id))


_INSERT = {
    table: insert(table)
    for table in (Deployment, User, Course, Membership, ResourceLink, LaunchSession)
}

_IN_COURSE = ResourceLink.course_id == Course.id
_WITHOUT_COURSE = ResourceLink.course_id.is_(None)

_KNOWN_ROWS = (
    select(
        RegistrationRow.status.label("registration_status"),
        RegistrationRow.guests,
        RegistrationRow.unknown_deployments,
        Deployment.id.label("deployment_id"),
        Deployment.status.label("deployment_status"),
        User.id.label("user_id"),
        User.name.label("user_name"),
        User.email.label("user_email"),
        User.kind.label("user_kind"),
        Course.id.label("course_id"),
        Course.title.label("course_title"),
        Course.label.label("course_label"),
        Course.memberships_url,
        Membership.id.label("membership_id"),
        Membership.roles,
        ResourceLink.id.label("resource_link_id"),
        ResourceLink.title.label("resource_link_title"),
        ResourceLink.module_id,
        ResourceLink.module_source,
        ResourceLink.line_items_url,
        ResourceLink.line_item_url,
    )
    .select_from(RegistrationRow)
    .outerjoin(
        Deployment,
        and_(
            Deployment.registration_id == RegistrationRow.id,
            Deployment.deployment_id == bindparam("deployment"),
        ),
    )
    .outerjoin(
        User,
        and_(User.registration_id == RegistrationRow.id, User.subject == bindparam("subject")),
    )
    .outerjoin(
        Course,
        and_(Course.deployment_id == Deployment.id, Course.context_id == bindparam("context")),
    )
    .outerjoin(Membership, and_(Membership.course_id == Course.id, Membership.user_id == User.id))
    .where(RegistrationRow.id == bindparam("registration"))
)


def _with_placement(where: ColumnElement[bool]) -> Executable:
    return _KNOWN_ROWS.outerjoin(
        ResourceLink,
        and_(
            ResourceLink.deployment_id == Deployment.id,
            ResourceLink.lti_resource_link_id == bindparam("link"),
            where,
        ),
    )


# Two statements, so that each finds the placement by a unique index.
_KNOWN = _with_placement(_IN_COURSE)
_KNOWN_WITHOUT_COURSE = _with_placement(_WITHOUT_COURSE)


def _known(connection: Connection, launch: Launch, terms: Terms) -> Known:
    """All that is already recorded of what the launch speaks of, in one statement."""
    row = connection.execute(
        _KNOWN if launch.course else _KNOWN_WITHOUT_COURSE,
        {
            "registration": terms.registration_id,
            "deployment": launch.deployment_id,
            "subject": launch.user.subject,
            "context": launch.course.id if launch.course else None,
            "link": launch.resource_link.id if launch.resource_link else None,
        },
    ).first()
    if row is None:
        raise Refused(Code.UNKNOWN_CLIENT, issuer=launch.issuer, client_id=launch.client_id)
    return row


def _check_open(known: Known, launch: Launch) -> None:
    """Refuse what the operator or the institution has closed."""
    facts = {
        "issuer": launch.issuer,
        "client_id": launch.client_id,
        "deployment_id": launch.deployment_id,
    }
    if known.registration_status != "active":
        raise Refused(Code.INACTIVE_REGISTRATION, **facts)
    if known.deployment_id is None and known.unknown_deployments == "refuse":
        raise Refused(Code.UNKNOWN_DEPLOYMENT, **facts)
    if known.deployment_id is not None and known.deployment_status != "active":
        raise Refused(Code.INACTIVE_DEPLOYMENT, **facts)
    if launch.user.subject is None and known.guests == "none":
        raise Refused(Code.ANONYMOUS_REFUSED, **facts)


def _add(connection: Connection, table: type[Base], **values: Any) -> int:
    key = connection.execute(_INSERT[table], values).inserted_primary_key  # type: ignore[index]
    assert key is not None
    return int(key[0])


def _change(connection: Connection, table: Any, row_id: int, **values: Any) -> None:
    connection.execute(update(table).where(table.id == row_id).values(**values))


def _record_user(
    connection: Connection, known: Known, launch: Launch, terms: Terms, moment: datetime
) -> int | None:
    user = launch.user
    if user.subject is None:
        return None
    if known.user_id is None:
        return _add(
            connection,
            User,
            registration_id=terms.registration_id,
            subject=user.subject,
            kind="person" if terms.recorded else "test",
            name=_name_of(user),
            email=user.email,
            created_at=moment,
        )
    was = {"name": known.user_name, "email": known.user_email, "kind": known.user_kind}
    told = {"name": _name_of(user), "email": user.email, "kind": "person"}
    if terms.recorded and told != was:
        _change(connection, User, known.user_id, **told)
    return int(known.user_id)


def _name_of(user: LaunchUser) -> str | None:
    """The full name; its parts, as far as they are sent, where an institution sends no other."""
    parts = " ".join(filter(None, (user.given_name, user.family_name)))
    return user.name or parts[:NAME_LIMIT] or None


def _record_course(
    connection: Connection,
    known: Known,
    launch: Launch,
    deployment_id: int,
    moment: datetime,
) -> int | None:
    if launch.course is None:
        return None
    memberships = launch.roster.memberships if launch.roster else None
    if known.course_id is None:
        return _add(
            connection,
            Course,
            deployment_id=deployment_id,
            context_id=launch.course.id,
            title=launch.course.title,
            label=launch.course.label,
            memberships_url=memberships,
            created_at=moment,
        )
    told = (launch.course.title, launch.course.label, memberships)
    if told != (known.course_title, known.course_label, known.memberships_url):
        _change(
            connection,
            Course,
            known.course_id,
            title=launch.course.title,
            label=launch.course.label,
            memberships_url=memberships,
        )
    return int(known.course_id)


def _record_membership(
    connection: Connection,
    known: Known,
    launch: Launch,
    user_id: int | None,
    course_id: int | None,
    moment: datetime,
) -> None:
    if user_id is None or course_id is None:
        return
    # A role is a URI or a short name: a term with a space in it would be read back as two.
    roles = " ".join(uri for uri in launch.roles.uris if len(uri.split()) == 1)
    if known.membership_id is None:
        _add(
            connection,
            Membership,
            course_id=course_id,
            user_id=user_id,
            roles=roles,
            created_at=moment,
        )
    elif known.roles != roles:
        _change(connection, Membership, known.membership_id, roles=roles)


def _record_resource_link(
    connection: Connection,
    known: Known,
    launch: Launch,
    terms: Terms,
    deployment_id: int,
    course_id: int | None,
    moment: datetime,
) -> int | None:
    if launch.resource_link is None:
        return None
    told = {
        "title": launch.resource_link.title,
        "line_items_url": launch.grades.line_items if launch.grades else None,
        "line_item_url": launch.grades.line_item if launch.grades else None,
    }
    if terms.linked_module is not None and known.module_source != "instructor":
        told |= {"module_id": terms.linked_module, "module_source": "link"}
    if known.resource_link_id is None:
        return _add(
            connection,
            ResourceLink,
            deployment_id=deployment_id,
            course_id=course_id,
            lti_resource_link_id=launch.resource_link.id,
            created_at=moment,
            **told,
        )
    was = {
        "title": known.resource_link_title,
        "line_items_url": known.line_items_url,
        "line_item_url": known.line_item_url,
        "module_id": known.module_id,
        "module_source": known.module_source,
    }
    changed = {name: value for name, value in told.items() if was[name] != value}
    if changed:
        _change(connection, ResourceLink, known.resource_link_id, **changed)
    return int(known.resource_link_id)


def _module_of(known: Known, launch: Launch, terms: Terms) -> str | None:
    """The module that the visit opens with: the instructor's, the link's, or the placement's."""
    if launch.resource_link is None:
        return None
    chosen: str | None = known.module_id
    return chosen if known.module_source == "instructor" else terms.linked_module or chosen


def _deep_linking(launch: Launch) -> str | None:
    return json.dumps(asdict(launch.deep_linking)) if launch.deep_linking else None
