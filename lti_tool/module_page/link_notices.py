"""Notices for those who choose modules: a copied activity, or one of a former deployment."""

import shlex

from sqlalchemy import Connection, and_, bindparam, select

from courseware.i18n import Interface
from lti_tool.directory.copied_links import copied_from
from lti_tool.directory.deployment_join import former_link
from lti_tool.directory.model import (
    ActivityOpening,
    Membership,
    ResourceLink,
)
from lti_tool.lti.roles import LEARNER_ROLE
from lti_tool.sessions.current import CurrentSession


def link_notices(
    connection: Connection,
    launch_session: CurrentSession,
    ui: Interface,
    *,
    has_discussion: bool = False,
) -> list[str]:
    """What those who choose modules must know about an activity in which nobody has posted yet.

    It shows the module of the activity that it was copied from, its discussion belongs to a former
    deployment of the tool, or the LMS may not show it to participants yet.
    """
    if launch_session.resource_link_id is None:
        return []
    notices = []
    copied = copied_from(connection, launch_session.resource_link_id, launch_session.user_id)
    if copied is not None:
        text = ui.gettext("This activity is a copy and shows the same module as the original.")
        if copied.course:
            text = ui.gettext(
                "This activity was copied from the course “%(course)s” and shows the same module.",
                course=copied.course,
            )
        empty = ui.gettext("Its discussion starts empty.")
        notices.append(f"{text} {empty}" if has_discussion else text)
    if text := _unpublished(connection, launch_session):
        notices.append(ui.gettext(text))
    former = former_link(connection, launch_session.resource_link_id)
    if former is not None:
        names = shlex.join([str(former.registration_id), former.old, former.new])
        notices.append(
            ui.gettext(
                "This activity was used before Minga was removed from your platform and added "
                "again. Its discussion is not lost: the operator of this tool can bring it back "
                "with: %(command)s",
                command=f"lti-tool registrations deployments join {names}",
            )
        )
    return notices


_OPENED_BY_LEARNER = (
    select(ActivityOpening.user_id)
    .join(ResourceLink, ResourceLink.id == ActivityOpening.resource_link_id)
    .join(
        Membership,
        and_(
            Membership.course_id == ResourceLink.course_id,
            Membership.user_id == ActivityOpening.user_id,
        ),
    )
    .where(ResourceLink.id == bindparam("link"), Membership.role == LEARNER_ROLE)
    .limit(1)
)


def _unpublished(connection: Connection, launch_session: CurrentSession) -> str:
    """What has to be done in the LMS (a msgid), while no participant has opened the activity."""
    text = launch_session.profile.after_adding
    if not text:
        return ""
    opened = connection.execute(
        _OPENED_BY_LEARNER, {"link": launch_session.resource_link_id}
    ).first()
    return "" if opened else text
