"""Course Groups 1.0 (https://www.imsglobal.org/spec/lti-gs/v1p0).

Groups have no pages; tests add them to ``Course.groups``.
"""

from flask import Blueprint, Response, current_app, jsonify, request

from demo_lms import urls
from demo_lms import vocabulary as lti
from demo_lms.tokens import bearer
from demo_lms.web import course_of, paginate, require_accept, state_of

groups = Blueprint("groups", __name__)


@groups.get("/lti/courses/<course_id>/groups")
def listed(course_id: str) -> Response:
    """The groups of a course (§3.1), with ``user_id`` and ``limit``."""
    state = state_of(current_app)
    tool = bearer(state, lti.SCOPE_GROUPS)
    require_accept(state, lti.TYPE_GROUPS)
    user_id = request.args.get("user_id")
    with state.lock:
        found = [
            {"id": group.id, "name": group.name}
            for group in course_of(state, course_id).groups
            if user_id is None or user_id in group.subjects
        ]
        page, link = paginate(state, tool, found, state.faults.links or "plain")
        body = {"id": urls.groups(state, course_id), "groups": page}
    response = jsonify(body)
    response.content_type = lti.TYPE_GROUPS
    if link:
        response.headers["Link"] = link
    state.log_message("groups", "The tool reads the groups", to_tool=False, status=200, detail=body)
    return response
