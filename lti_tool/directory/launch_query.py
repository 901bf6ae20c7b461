"""Read everything that is stored about a launch with one SELECT."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Row, and_, bindparam, select

from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
    WantedPage,
)
from lti_tool.lti.launch import Launch
from lti_tool.lti.refusal import Code, Refused
from lti_tool.storage.database import now


def read_stored(connection: Connection, launch: Launch, registration_id: int) -> Row[Any]:
    """Return the stored columns of a launch's registration, deployment, user, course and link.

    The columns of rows that do not exist yet are None. Raises :class:`Refused` where the
    registration was removed meanwhile.
    """
    row = connection.execute(
        _STORED if launch.course else _STORED_WITHOUT_COURSE,
        {
            "registration": registration_id,
            "deployment": launch.deployment_id,
            "subject": launch.user.subject,
            "context": launch.course.id if launch.course else None,
            "link": launch.resource_link.id if launch.resource_link else None,
            "moment": now(),
        },
    ).first()
    if row is None:
        raise Refused(Code.UNKNOWN_CLIENT, issuer=launch.issuer, client_id=launch.client_id)
    return row


_ROWS = (
    select(
        RegistrationRow.status.label("registration_status"),
        RegistrationRow.guests,
        RegistrationRow.unknown_deployments,
        RegistrationRow.test_users,
        RegistrationRow.impersonation,
        RegistrationRow.store_names,
        RegistrationRow.store_emails,
        Deployment.id.label("deployment_id"),
        Deployment.status.label("deployment_status"),
        User.id.label("user_id"),
        User.name.label("user_name"),
        User.email.label("user_email"),
        User.kind.label("user_kind"),
        User.locale.label("user_locale"),
        Course.id.label("course_id"),
        Course.title.label("course_title"),
        Course.label.label("course_label"),
        Course.memberships_url,
        Course.groups_url,
        Membership.id.label("membership_id"),
        Membership.roles,
        Membership.role,
        Membership.seen_at,
        Membership.ended_at,
        ResourceLink.id.label("resource_link_id"),
        ResourceLink.title.label("resource_link_title"),
        ResourceLink.module_id,
        ResourceLink.module_source,
        ResourceLink.part,
        ResourceLink.module_language,
        ResourceLink.chosen_at,
        ResourceLink.linked_module,
        ResourceLink.linked_before,
        ResourceLink.linked_again,
        ResourceLink.options_at,
        ResourceLink.copied_from_id,
        ResourceLink.line_items_url,
        ResourceLink.line_item_url,
        ResourceLink.lti1p1_id,
        ActivityOpening.latest_at.label("opened_at"),
        ResourceLink.activity_url,
        WantedPage.path.label("wanted_path"),
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


def _with_resource_link(where: ColumnElement[bool]) -> Executable:
    return (
        _ROWS.outerjoin(
            ResourceLink,
            and_(
                ResourceLink.deployment_id == Deployment.id,
                ResourceLink.lti_resource_link_id == bindparam("link"),
                where,
            ),
        )
        .outerjoin(
            ActivityOpening,
            and_(
                ActivityOpening.resource_link_id == ResourceLink.id,
                ActivityOpening.user_id == User.id,
            ),
        )
        .outerjoin(
            WantedPage,
            and_(
                WantedPage.resource_link_id == ResourceLink.id,
                WantedPage.user_id == User.id,
                WantedPage.expires_at > bindparam("moment"),
            ),
        )
    )


# Two statements, so that each finds the resource link by a unique index.
_STORED = _with_resource_link(ResourceLink.course_id == Course.id)
_STORED_WITHOUT_COURSE = _with_resource_link(ResourceLink.course_id.is_(None))
