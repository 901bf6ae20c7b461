"""The claims of each message that this platform sends: LTI Core 1.3 §5.3 and §5.4.

Four messages: a launch of a placement, a deep-linking request (Deep Linking 2.0 §4.4), a submission
review, and the question what a tool keeps of a person (Data Privacy Launch 1.0).
:mod:`demo_lms.flavours` then dresses them as Moodle's or Canvas'.
"""

import secrets
import time
from typing import Any

from demo_lms import addresses, flavours, variables
from demo_lms import vocabulary as lti
from demo_lms.model import Course, DeepLink, Json, Pending, Person, Placement, Tool
from demo_lms.state import State

TOKEN_SECONDS = 300


def claims_of(state: State, pending: Pending, nonce: str) -> Json:
    """The claims that answer a login, before they are signed."""
    person = state.people[pending.person]
    course = state.courses[pending.course_id]
    tool = state.tools[pending.client_id]
    placement = state.placements.get(pending.placement_id or "")
    claims = _identity(state, tool, person, nonce)
    if pending.message_type != lti.DATA_PRIVACY:
        claims |= _course(course) | _service_claims(state, course, tool, placement)
    claims |= {
        lti.LTI + "message_type": pending.message_type,
        lti.LTI + "version": "1.3.0",
        lti.LTI + "deployment_id": tool.deployment_id,
        lti.LTI + "target_link_uri": target_of(state, pending),
        lti.LTI + "roles": list(person.roles),
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
            "return_url": state.address(f"/courses/{course.id}/return"),
        },
    }
    if placement and pending.message_type in (lti.RESOURCE_LINK, lti.SUBMISSION_REVIEW):
        link = {"id": placement.id, "title": placement.title, "description": placement.text}
        claims[lti.LTI + "resource_link"] = {k: v for k, v in link.items() if v}
    if pending.message_type == lti.DEEP_LINKING:
        claims[lti.DL_SETTINGS] = _deep_linking(state, pending)
    if pending.for_user:
        claims[lti.LTI + "for_user"] = _for_user(state, pending.for_user)
    custom = _custom(state, pending, tool, placement)
    if custom:
        claims[lti.LTI + "custom"] = custom
    return flavours.dressed(state, claims, pending)


def target_of(state: State, pending: Pending) -> str:
    """``target_link_uri``: what the placement or its line item names, or the tool's own."""
    placement = state.placements.get(pending.placement_id or "")
    item = state.line_items.get(placement.line_item_id or "") if placement else None
    own: str | None = None
    if placement and pending.message_type == lti.RESOURCE_LINK:
        own = placement.url
    elif item and item.submission_review and pending.message_type == lti.SUBMISSION_REVIEW:
        own = item.submission_review.get("url")
    return own or state.tools[pending.client_id].target_for(pending.message_type)


def _identity(state: State, tool: Tool, person: Person, nonce: str) -> Json:
    now = int(time.time())
    claims: Json = {
        "iss": state.iss,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "nonce": nonce,
    }
    if person.subject is None:
        return claims
    claims["sub"] = person.subject
    if tool.shares_names:
        claims |= {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "locale": person.locale,
        }
    if tool.shares_email:
        claims["email"] = person.email
    return claims


def _course(course: Course) -> Json:
    return {
        lti.LTI + "context": {
            "id": course.id,
            "label": course.label,
            "title": course.title,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        }
    }


def _service_claims(state: State, course: Course, tool: Tool, placement: Placement | None) -> Json:
    claims: Json = {}
    grades = [scope for scope in lti.GRADE_SCOPES if scope in tool.scopes]
    if grades:
        claims[lti.AGS_ENDPOINT] = {
            "scope": grades,
            "lineitems": addresses.line_items(state, course.id, tool),
        }
        item = state.line_items.get(placement.line_item_id or "") if placement else None
        if item:
            claims[lti.AGS_ENDPOINT]["lineitem"] = addresses.line_item(state, item)
    if lti.SCOPE_ROSTER in tool.scopes:
        claims[lti.NRPS_SERVICE] = {
            "context_memberships_url": addresses.members(state, course.id),
            "service_versions": ["2.0"],
        }
    if lti.SCOPE_GROUPS in tool.scopes and course.groups:
        claims[lti.GROUPS_SERVICE] = {
            "scope": [lti.SCOPE_GROUPS],
            "context_groups_url": addresses.groups(state, course.id),
            "service_versions": ["1.0"],
        }
    if lti.SCOPE_NOTICES in tool.scopes:
        claims[lti.LTI + "platformnotificationservice"] = {
            "scope": [lti.SCOPE_NOTICES],
            "platform_notification_service_url": addresses.notice_handlers(state),
            "notice_types_supported": [lti.COPY_NOTICE],
            "service_versions": ["1.0"],
        }
    return claims


def _deep_linking(state: State, pending: Pending) -> Json:
    """The settings, and a record of what was asked so that the answer can be checked."""
    moodle = state.flavour == "moodle"
    request = DeepLink(
        id=secrets.token_urlsafe(12),
        client_id=pending.client_id,
        course_id=pending.course_id,
        person=pending.person,
        language=pending.language,
        data=None if moodle else secrets.token_urlsafe(8),
        accept_types=("ltiResourceLink",) if moodle else ("ltiResourceLink", "link"),
        accept_multiple=True,
    )
    with state.lock:
        state.deep_links[request.id] = request
    settings = {
        "deep_link_return_url": addresses.deep_linking_answer(state, request.id),
        "accept_types": list(request.accept_types),
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": request.accept_multiple,
        "accept_lineitem": True,
        "auto_create": True,
        "title": "",
        "text": "",
    }
    return settings if request.data is None else settings | {"data": request.data}


def _for_user(state: State, subject: str) -> Json:
    person = state.person_by_subject(subject)
    if person is None:
        return {"user_id": subject}
    return {
        "user_id": subject,
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "roles": list(person.roles),
    }


def _custom(
    state: State, pending: Pending, tool: Tool, placement: Placement | None
) -> dict[str, Any]:
    custom = tool.custom_for(pending.message_type)
    if placement:
        custom |= placement.custom
    item = state.line_items.get(placement.line_item_id or "") if placement else None
    if item and pending.message_type == lti.SUBMISSION_REVIEW:
        custom |= (item.submission_review or {}).get("custom") or {}
    return variables.substituted(state, pending, tool, placement, custom)
