"""Adapt the claims of a launch to those of other platforms.

"moodle" follows messages of Moodle 4.5.6; "canvas" follows Canvas' public documentation
(https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_launch_overview);
"brightspace" and "blackboard" their documentation
(https://docs.valence.desire2learn.com/res/ltiadvantage.html, https://docs.anthology.com/docs/lti/);
"openedx" https://github.com/openedx/xblock-lti-consumer. None is complete: they have the
differences that have broken tools.
"""

import hashlib
from dataclasses import dataclass

from demo_lms import variables
from demo_lms import vocabulary as lti
from demo_lms.model import Flavour, Json, PendingLaunch, User
from demo_lms.state import PlatformState


@dataclass(frozen=True, slots=True)
class Description:
    """What people read about a flavour on the start page."""

    title: str
    text: str


DESCRIPTIONS: dict[Flavour, Description] = {
    "plain": Description("By the book", "Does what the specifications say, and nothing else."),
    "moodle": Description(
        "Like Moodle",
        "Launches expire after a minute, roles have short names, custom parameters arrive twice, "
        "and addresses of grade columns have a query.",
    ),
    "canvas": Description(
        "Like Canvas",
        "Two schools with addresses of their own share one issuer. An administrator can act as "
        "somebody else, and Student View has a test student who is in no course. A review names "
        "the course instead of the activity, and columns of chosen activities are ignored. A tool "
        "can ask to be opened without its frame, and then the launch names no activity.",
    ),
    "brightspace": Description(
        "Like Brightspace",
        "Tools register without a token. Launches do not name the grade column, points above the "
        "maximum are cut off without a word, and access tokens are asked for in the name of the "
        "vendor.",
    ),
    "blackboard": Description(
        "Like Blackboard",
        "The browser storage is there, but no login says so. Who sends nothing until a column is "
        "due gets 0, and an activity without an address is refused.",
    ),
    "openedx": Description(
        "Like Open edX",
        "The activity is in a frame inside another frame, on three sites. A copied course keeps "
        "the IDs of its activities, launches name no page to return to, and grades of 0 are "
        "taken but not shown.",
    ),
}

PRODUCTS: dict[Flavour, str] = {
    "plain": "patio",
    "moodle": "moodle",
    "canvas": "canvas",
    "brightspace": "desire2learn",
    "blackboard": "BlackboardLearn",
    "openedx": "openedx",
}
"""``product_family_code``."""


def apply_flavour(state: PlatformState, claims: Json, pending: PendingLaunch) -> Json:
    """Return the claims as the platform of this flavour sends them."""
    match state.flavour:
        case "moodle":
            return _moodle(state, claims, pending)
        case "canvas":
            return _canvas(state, claims, pending)
        case "brightspace":
            return _brightspace(state, claims, pending)
        case "blackboard":
            return _blackboard(state, claims, pending)
        case "openedx":
            return _openedx(claims)
        case _:
            return claims


def _moodle(state: PlatformState, claims: Json, pending: PendingLaunch) -> Json:
    """A token of one minute, no ``azp``, short context types, duplicated custom parameters."""
    user = state.users[pending.user]
    for name in ("azp", "locale", lti.GROUPS_SERVICE, lti.LTI + "platformnotificationservice"):
        claims.pop(name, None)
    claims["exp"] = claims["iat"] + 60
    roles = [*user.roles]
    if lti.INSTITUTION_ADMINISTRATOR in roles:
        roles.insert(1, lti.INSTRUCTOR)
    claims[lti.LTI + "roles"] = roles
    claims.get(lti.LTI + "context", {})["type"] = ["CourseSection"]
    claims[lti.LTI + "ext"] = {"user_username": user.handle, "lms": "moodle-2"}
    claims[lti.LTI + "lis"] = {
        "person_sourcedid": "",
        "course_section_sourcedid": pending.course_id.upper(),
    }
    claims[lti.LTI + "tool_platform"] = {
        "product_family_code": "moodle",
        "version": "2024100706",
        "guid": hashlib.md5(state.public_url.encode(), usedforsecurity=False).hexdigest(),
        "name": "Patio",
        "description": "Patio as Moodle",
    }
    presentation = claims[lti.LTI + "launch_presentation"]
    presentation["locale"] = {"pt": "pt_br"}.get(pending.language, pending.language)
    custom: Json = {}
    for name, value in (claims.get(lti.LTI + "custom") or {}).items():
        custom["".join(c if c.isalnum() else "_" for c in name.lower())] = value
        custom[name] = value
    if lti.NRPS_SERVICE in claims:
        service = claims[lti.NRPS_SERVICE]
        service["service_versions"] = ["1.0", "2.0"]
        custom["context_memberships_url"] = service["context_memberships_url"]
    claims[lti.LTI + "custom"] = custom
    if pending.message_type == lti.DEEP_LINKING:
        _moodle_deep_linking(claims)
    return claims


def _moodle_deep_linking(claims: Json) -> None:
    """An empty ``lineitem``; only the locale in ``launch_presentation``."""
    settings = claims[lti.DL_SETTINGS]
    del settings["accept_lineitem"]
    settings |= {
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
    }
    presentation = claims[lti.LTI + "launch_presentation"]
    claims[lti.LTI + "launch_presentation"] = {"locale": presentation["locale"]}
    if lti.AGS_ENDPOINT in claims:
        claims[lti.AGS_ENDPOINT]["lineitem"] = ""


def _canvas(state: PlatformState, claims: Json, pending: PendingLaunch) -> Json:
    """Long opaque ids, institution roles beside course roles, nulls, a token of one hour."""
    user = state.users[pending.user]
    claims["exp"] = claims["iat"] + 3_600
    claims[lti.LTI + "roles"] = [*user.roles, *_canvas_institution_roles(user)]
    claims[lti.LTI + "tool_platform"] = {
        "guid": "patio:canvas-lms",
        "name": "Patio",
        "version": "cloud",
        "product_family_code": "canvas",
        "validation_context": None,
        "errors": {"errors": {}},
    }
    claims[lti.LTI + "lis"] = {
        "person_sourcedid": None,
        "course_offering_sourcedid": None,
        "validation_context": None,
        "errors": {"errors": {}},
    }
    claims[lti.LTI + "launch_presentation"] |= {"height": 400, "width": 800}
    claims[lti.LTI + "lti1p1"] = {"user_id": hashlib.sha256(user.handle.encode()).hexdigest()}
    claims["https://www.instructure.com/placement"] = pending.placement
    if pending.message_type == lti.RESOURCE_LINK and pending.resource_link_id is None:
        # A launch of a URL has the resource link of the context.
        context = claims[lti.LTI + "context"]
        claims[lti.LTI + "resource_link"] = {name: context[name] for name in ("id", "title")}
    claims["errors"] = {"errors": {}}
    for name in ("context", "resource_link"):
        if lti.LTI + name in claims:
            claims[lti.LTI + name] |= {"validation_context": None, "errors": {"errors": {}}}
    custom = claims.setdefault(lti.LTI + "custom", {})
    custom.setdefault("canvas_course_id", "$Canvas.course.id")
    if pending.message_type == lti.DEEP_LINKING:
        claims["https://www.instructure.com/placement"] = "assignment_selection"
    if pending.message_type == lti.SUBMISSION_REVIEW:
        # SpeedGrader: https://github.com/instructure/canvas-lms/issues/1952
        claims[lti.LTI + "resource_link"]["id"] = pending.course_id
    return claims


def _product(claims: Json, flavour: Flavour) -> None:
    claims[lti.LTI + "tool_platform"] |= {"product_family_code": PRODUCTS[flavour]}


def _brightspace(state: PlatformState, claims: Json, pending: PendingLaunch) -> Json:
    """No ``lineitem`` of a graded link; the history in a claim of its own.

    https://github.com/hypothesis/lms/issues/4726
    """
    _product(claims, "brightspace")
    if pending.message_type != lti.SUBMISSION_REVIEW:
        claims.get(lti.AGS_ENDPOINT, {}).pop("lineitem", None)
    user = state.users[pending.user]
    own: Json = {"tenant_id": "patio", "username": user.handle}
    own |= variables.histories(state, pending)
    claims["http://www.brightspace.com"] = own
    return claims


def _blackboard(state: PlatformState, claims: Json, pending: PendingLaunch) -> Json:
    """A source ID for everybody; the locale with an underscore."""
    _product(claims, "blackboard")
    claims[lti.LTI + "lis"] = {"person_sourcedid": state.users[pending.user].handle}
    return claims


def _openedx(claims: Json) -> Json:
    """No return URL, no locale of the message; roles of the institution first."""
    _product(claims, "openedx")
    claims[lti.LTI + "launch_presentation"] = {"document_target": "iframe"}
    return claims


def _canvas_institution_roles(user: User) -> list[str]:
    roles = [lti.SYSTEM + "User"]
    if lti.INSTRUCTOR in user.roles:
        roles.append(lti.INSTITUTION + "Instructor")
    if lti.LEARNER in user.roles:
        roles.append(lti.INSTITUTION + "Student")
    return roles
