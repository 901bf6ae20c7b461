"""References to the activity of a launch session, in the target link URI of another launch.

Canvas can launch a URL of the tool in the whole window, in the same course and for the same user,
but without the resource link (``PlatformProfile.full_window_message``). The URL names the launch
session in which the user was, so that the new session is for the same resource link and shows the
same module.

A reference is the ID of the session and a signature. It applies until that session ends, and only
to launches of the same registration, deployment, course and user: it opens nothing that its user
has not opened.
"""

import hmac
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import Connection, select

from lti_tool.directory.link_choice import ShownModule
from lti_tool.directory.model import Course, Deployment, ResourceLink, User
from lti_tool.lti.launch import Launch, LaunchResourceLink
from lti_tool.sessions.current import CurrentSession, keyed_digest
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now

PARAMETER = "activity"
_PATH = "/lti/launch"
_ACTIVITY = "LtiResourceLinkRequest"


@dataclass(frozen=True, slots=True)
class ReferredActivity:
    """``launch``: the launch, with the resource link of the reference instead of its own, and
    without what the message says about its own. ``module``: what the earlier session showed."""

    launch: Launch
    module: ShownModule


def activity_target(public_url: str, secret_key: str, launch_session: CurrentSession) -> str:
    """Return the target link URI of a launch that continues in the activity of a session.

    Canvas takes the registration from ``client_id``, where an institution has several of one tool:
    https://github.com/instructure/canvas-lms, ui/shared/lti/jquery/subjects.
    """
    query = {
        PARAMETER: reference_to(secret_key, launch_session.id),
        "client_id": launch_session.client_id,
    }
    return f"{public_url}{_PATH}?{urlencode(query)}"


def reference_to(secret_key: str, session_id: str) -> str:
    """Return the reference to the activity of a session."""
    return f"{session_id}.{_signature(secret_key, session_id)}"


def find_activity(
    connection: Connection, launch: Launch, registration_id: int, secret_key: str
) -> ReferredActivity | None:
    """Return the activity that the target of a launch refers to; None without a valid reference.

    Takes one statement for a signed reference, none otherwise.
    """
    session_id = _referred_session(launch, secret_key)
    if session_id is None:
        return None
    row = connection.execute(
        select(
            ResourceLink.lti_resource_link_id,
            ResourceLink.title,
            LaunchSession.module_id,
            LaunchSession.part,
            LaunchSession.module_language,
            Course.context_id,
            User.subject,
        )
        .select_from(LaunchSession)
        .join(ResourceLink, ResourceLink.id == LaunchSession.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .outerjoin(User, User.id == LaunchSession.user_id)
        .where(
            LaunchSession.id == session_id,
            LaunchSession.expires_at > now(),
            Deployment.registration_id == registration_id,
            Deployment.deployment_id == launch.deployment_id,
        )
    ).first()
    context_id = launch.course.id if launch.course else None
    if row is None or (row.context_id, row.subject) != (context_id, launch.user.subject):
        return None
    return ReferredActivity(
        replace(
            launch,
            resource_link=LaunchResourceLink(row.lti_resource_link_id, row.title),
            custom={},
        ),
        ShownModule(row.module_id, row.part, row.module_language),
    )


def _referred_session(launch: Launch, secret_key: str) -> str | None:
    """The ID of the session to which the target has a signed reference."""
    found = parse_qs(urlsplit(launch.target_link_uri).query).get(PARAMETER, [])
    if launch.message_type != _ACTIVITY or len(found) != 1:
        return None
    session_id, _, given = found[0].partition(".")
    valid = _signature(secret_key, session_id)
    return (
        session_id
        if hmac.compare_digest(given.encode("utf-8", "replace"), valid.encode())
        else None
    )


def _signature(secret_key: str, session_id: str) -> str:
    return keyed_digest(secret_key, f"activity reference\n{session_id}")
