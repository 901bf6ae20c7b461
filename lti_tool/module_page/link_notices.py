"""Notices for those who choose modules: a copied activity, or one of a former deployment."""

import shlex
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import Connection, and_, bindparam, select

from courseware.i18n import Interface
from courseware.module import Module
from lti_tool.directory.copied_links import copied_from
from lti_tool.directory.deployment_join import former_link
from lti_tool.directory.model import (
    ActivityOpening,
    Membership,
    ResourceLink,
)
from lti_tool.discussion.former_activities import (
    former_activities,
    may_take_over,
    size_in_words,
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


@dataclass(frozen=True, slots=True)
class LinkedNotice:
    """A notice with a link to where something can be done."""

    text: str
    label: str
    href: str


def former_discussion(
    connection: Connection, launch_session: CurrentSession, module: Module, ui: Interface
) -> LinkedNotice | None:
    """That an instructor can take over the discussion of a former activity of the course.

    Takes at most one statement.
    """
    link = launch_session.resource_link_id
    if link is None or not may_take_over(launch_session):
        return None
    found = former_activities(connection, link, module.id)
    if not found:
        return None
    if len(found) > 1:
        text = ui.gettext(
            "This course has several earlier discussions of this module, in activities that nobody "
            "has opened since Minga was added to your platform again."
        )
    else:
        text = ui.gettext(
            "This course has an earlier discussion of this module: %(posts)s. Nobody has opened "
            "its activity since Minga was added to your platform again.",
            posts=size_in_words(ui, found[0]),
        )
    return LinkedNotice(text, ui.gettext("Continue it here…"), url_for("course_page.take_over"))


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
