"""Names and Role Provisioning Services 2.0: the members of a course."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import links, urls, variables
from demo_lms import vocabulary as lti
from demo_lms.model import Course, Json, PendingLaunch, ResourceLink, Tool, User
from demo_lms.state import PlatformState
from demo_lms.tokens import bearer
from demo_lms.web import JsonError, course_of, paginate, require_accept, state_of

roster = Blueprint("roster", __name__)


@roster.get("/lti/courses/<course_id>/members")
def members(course_id: str) -> Response:
    """List the members (NRPS 2.0 §2.4), with ``role``, ``limit`` and ``rlid``."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_ROSTER)
    require_accept(state, lti.TYPE_ROSTER)
    with state.lock:
        course = course_of(state, course_id)
        users = [p for p in state.members(course) if _has_role(p, request.args.get("role"))]
        resource_link = _resource_link(state, course_id, tool, request.args.get("rlid"))
        page, link = paginate(state, tool, users, state.faults.links or "plain")
        body = {
            "id": urls.members(state, course_id),
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": [_member(state, tool, course, user, resource_link) for user in page],
        }
    response = jsonify(body)
    response.content_type = lti.TYPE_ROSTER
    if link:
        response.headers["Link"] = link
    state.log_message(
        "roster",
        f"The tool reads the roster of {course.label}",
        to_tool=False,
        status=200,
        detail={"asked": request.args.to_dict(), "answer": body, "Link": link},
    )
    return response


def _has_role(user: User, role: str | None) -> bool:
    """``role``: a URI or, for course roles, the short name (NRPS 2.0 §2.4.1)."""
    return not role or role in user.roles or lti.MEMBERSHIP + role in user.roles


def _resource_link(
    state: PlatformState, course_id: str, tool: Tool, rlid: str | None
) -> ResourceLink | None:
    if rlid is None:
        return None
    resource_link = links.find(state, course_id, rlid)
    if not resource_link or resource_link.client_id != tool.client_id:
        raise JsonError(404, "There is no such resource link in this course.")
    return resource_link


def _member(
    state: PlatformState,
    tool: Tool,
    course: Course,
    user: User,
    resource_link: ResourceLink | None,
) -> Json:
    short = state.flavour == "moodle"
    member: Json = {
        "status": "Active",
        "user_id": user.subject,
        "roles": [lti.short_role(role) if short else role for role in user.roles],
    }
    if tool.shares_names:
        member |= {
            "name": user.name,
            "given_name": user.given_name,
            "family_name": user.family_name,
        }
    if tool.shares_email:
        member["email"] = user.email
    if course.groups and lti.SCOPE_GROUPS in tool.scopes:
        member["group_enrollments"] = [
            {"group_id": group.id} for group in course.groups if user.subject in group.subjects
        ]
    if resource_link:
        message = _message(state, tool, user, resource_link)
        # https://github.com/blackboard/BBDN-LTI-Tool-Provider-Node/pull/141
        member["message"] = message if state.flavour == "blackboard" else [message]
    return member


def _message(
    state: PlatformState, tool: Tool, user: User, resource_link: ResourceLink
) -> dict[str, Any]:
    """Return the message of the user's launch of this resource link (NRPS 2.0 §3.2)."""
    pending = PendingLaunch(
        id="",
        message_type=lti.RESOURCE_LINK,
        client_id=tool.client_id,
        course_id=resource_link.course_id,
        user=user.handle,
        language=user.locale,
        resource_link_id=resource_link.id,
    )
    custom = tool.custom_for(lti.RESOURCE_LINK) | resource_link.custom
    return {
        lti.LTI + "message_type": lti.RESOURCE_LINK,
        lti.LTI + "custom": variables.substitute(state, pending, tool, resource_link, custom),
    }
