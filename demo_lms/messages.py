"""Claims of the messages that this platform sends: LTI Core 1.3 §5.3 and §5.4.

Resource-link launch, deep-linking request (Deep Linking 2.0 §4.4), submission review, and data
privacy launch (Data Privacy Launch 1.0). :mod:`demo_lms.flavours` adapts them to other LMSs.
"""

import secrets
import time
from typing import Any

from demo_lms import flavours, links, urls, variables
from demo_lms import vocabulary as lti
from demo_lms.model import (
    Course,
    DeepLinkingRequest,
    Json,
    LineItem,
    PendingLaunch,
    ResourceLink,
    Tool,
    User,
)
from demo_lms.state import PlatformState

TOKEN_SECONDS = 300


def claims_of(state: PlatformState, pending: PendingLaunch, nonce: str) -> Json:
    """Return the claims of the id_token for a launch."""
    user = state.users[pending.user]
    course = state.courses[pending.course_id]
    tool = state.tools[pending.client_id]
    resource_link = state.resource_links.get(pending.resource_link_id or "")
    claims = _identity(state, tool, user, nonce)
    if pending.message_type != lti.DATA_PRIVACY:
        claims |= _course(course) | _service_claims(state, course, tool, _line_item(state, pending))
    claims |= {
        lti.LTI + "message_type": pending.message_type,
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": pending.deployment_id or tool.deployment_id,
        lti.LTI + "target_link_uri": target_of(state, pending),
        lti.LTI + "roles": list(user.roles),
        lti.LTI + "tool_platform": {
            "guid": "patio-demo-lms",
            "name": "Patio",
            "description": "A demo LMS",
            "product_family_code": "patio",
            "version": "1",
        },
        lti.LTI + "launch_presentation": {
            "document_target": pending.document_target,
            "locale": pending.language,
            "return_url": return_url(state, pending),
        },
    }
    if resource_link and pending.message_type in (lti.RESOURCE_LINK, lti.SUBMISSION_REVIEW):
        link = {
            "id": links.lti_id(state, resource_link),
            "title": resource_link.title,
            "description": resource_link.text,
        }
        claims[lti.LTI + "resource_link"] = {k: v for k, v in link.items() if v}
    if pending.message_type == lti.DEEP_LINKING:
        claims[lti.DL_SETTINGS] = _deep_linking(state, pending)
    if pending.for_user:
        claims[lti.LTI + "for_user"] = _for_user(state, pending.for_user)
    custom = _custom(state, pending, tool, resource_link)
    if custom:
        claims[lti.LTI + "custom"] = custom
    return flavours.apply_flavour(state, claims, pending)


def return_url(state: PlatformState, pending: PendingLaunch) -> str:
    """The page of the course to which the tool returns, at the site where the launch began."""
    return f"{pending.site or state.public_url}/courses/{pending.course_id}/return"


def target_of(state: PlatformState, pending: PendingLaunch) -> str:
    """Return ``target_link_uri``: that of the resource link or line item, or the tool's."""
    if pending.target:
        return pending.target
    resource_link = state.resource_links.get(pending.resource_link_id or "")
    item = _line_item(state, pending)
    own: str | None = None
    if resource_link and pending.message_type == lti.RESOURCE_LINK:
        own = resource_link.url
    elif item and item.submission_review and pending.message_type == lti.SUBMISSION_REVIEW:
        own = item.submission_review.get("url")
    return own or state.tools[pending.client_id].target_for(pending.message_type)


def _identity(state: PlatformState, tool: Tool, user: User, nonce: str) -> Json:
    now = int(time.time())
    claims: Json = {
        "iss": state.iss,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "nonce": nonce,
    }
    if user.subject is None:
        return claims
    claims["sub"] = user.subject
    if tool.shares_names:
        claims |= {
            "name": user.name,
            "given_name": user.given_name,
            "family_name": user.family_name,
            "locale": user.locale,
        }
    if tool.shares_email:
        claims["email"] = user.email
    return claims


def _line_item(state: PlatformState, pending: PendingLaunch) -> LineItem | None:
    """Return the line item that is reviewed, or that of the resource link."""
    resource_link = state.resource_links.get(pending.resource_link_id or "")
    own = resource_link.line_item_id if resource_link else None
    return state.line_items.get(pending.line_item_id or own or "")


def _course(course: Course) -> Json:
    return {
        lti.LTI + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        }
    }


def _service_claims(
    state: PlatformState, course: Course, tool: Tool, item: LineItem | None
) -> Json:
    claims: Json = {}
    grades = [scope for scope in lti.GRADE_SCOPES if scope in tool.scopes]
    if grades:
        claims[lti.AGS_ENDPOINT] = {
            "scope": grades,
            "lineitems": urls.line_items(state, course.id, tool),
        }
        if item:
            claims[lti.AGS_ENDPOINT]["lineitem"] = urls.line_item(state, item)
    if lti.SCOPE_ROSTER in tool.scopes:
        claims[lti.NRPS_SERVICE] = {
            "context_memberships_url": urls.members(state, course.id),
            "service_versions": ["2.0"],
        }
    if lti.SCOPE_GROUPS in tool.scopes and course.groups:
        claims[lti.GROUPS_SERVICE] = {
            "scope": [lti.SCOPE_GROUPS],
            "context_groups_url": urls.groups(state, course.id),
            "service_versions": ["1.0"],
        }
    if lti.SCOPE_NOTICES in tool.scopes:
        claims[lti.LTI + "platformnotificationservice"] = {
            "scope": [lti.SCOPE_NOTICES],
            "platform_notification_service_url": urls.notice_handlers(state),
            "notice_types_supported": [lti.COPY_NOTICE],
            "service_versions": ["1.0"],
        }
    return claims


def _deep_linking(state: PlatformState, pending: PendingLaunch) -> Json:
    """Return the settings, and store the request for checking the response."""
    moodle = state.flavour == "moodle"
    request = DeepLinkingRequest(
        id=secrets.token_urlsafe(12),
        client_id=pending.client_id,
        course_id=pending.course_id,
        user=pending.user,
        language=pending.language,
        data=None if moodle else secrets.token_urlsafe(8),
        accept_types=("ltiResourceLink",) if moodle else ("ltiResourceLink", "link", "file"),
        accept_multiple=True,
        deployment_id=pending.deployment_id or state.tools[pending.client_id].deployment_id,
    )
    with state.lock:
        state.deep_links[request.id] = request
    settings = {
        "deep_link_return_url": urls.deep_linking_response(state, request.id),
        "accept_types": list(request.accept_types),
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": request.accept_multiple,
        "accept_lineitem": True,
        "auto_create": True,
        "title": "",
        "text": "",
    }
    return settings if request.data is None else settings | {"data": request.data}


def _for_user(state: PlatformState, subject: str) -> Json:
    user = state.user_by_subject(subject)
    if user is None:
        return {"user_id": subject}
    return {
        "user_id": subject,
        "name": user.name,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "email": user.email,
        "roles": list(user.roles),
    }


def _custom(
    state: PlatformState, pending: PendingLaunch, tool: Tool, resource_link: ResourceLink | None
) -> dict[str, Any]:
    custom = tool.custom_for(pending.message_type)
    if resource_link:
        custom |= resource_link.custom
    item = _line_item(state, pending)
    if item and pending.message_type == lti.SUBMISSION_REVIEW:
        custom |= (item.submission_review or {}).get("custom") or {}
    return variables.substitute(state, pending, tool, resource_link, custom)
