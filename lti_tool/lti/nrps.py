"""The members of a course: Names and Role Provisioning Services 2.0.

https://www.imsglobal.org/spec/lti-nrps/v2p0/#context-membership
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lti_tool.lti import claim_names
from lti_tool.lti.launch import LaunchUser, Roles, RosterService
from lti_tool.lti.launch_claims import EMAIL_LIMIT, read_name
from lti_tool.lti.roles import read_roles
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.services import Services
from lti_tool.lti.urls import with_query

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE_SIZE = 200
_SCOPES = (claim_names.MEMBERSHIP_SCOPE,)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the course; ``active`` is False for the status Inactive or Deleted."""

    user: LaunchUser
    roles: Roles
    active: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Members; ``complete`` is False where there are more, or some entries were invalid."""

    course_id: str | None
    members: tuple[Member, ...]
    complete: bool


def read_roster(
    services: Services,
    roster: RosterService,
    *,
    resource_link_id: str | None = None,
    role: str | None = None,
    limit: int = PAGE_SIZE,
) -> Roster:
    """All members, or those with access to a resource link, or with a role (its full URI).

    Raises ServiceError.
    """
    filters = {"rlid": resource_link_id, "role": role, "limit": str(limit)}
    pages, complete = services.read_all_pages(
        with_query(roster.memberships, {name: value for name, value in filters.items() if value}),
        scopes=_SCOPES,
        needed=_SCOPES,
        accept=MEMBERS,
    )
    entries: list[Any] = []
    course_id: str | None = None
    for page in pages:
        listed = page.get("members") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            complete = False
            continue
        entries += listed
        course_id = course_id or _course_id(page)
    decode_name = services.registration.profile.decode_name
    members = tuple(
        member for entry in entries if (member := _read(entry, decode_name)) is not None
    )
    return Roster(course_id, members, complete and len(members) == len(entries))


def _course_id(page: dict[str, Any]) -> str | None:
    context = page.get("context")
    value = context.get("id") if isinstance(context, dict) else None
    return value if isinstance(value, str) and is_identifier(value) else None


def _read(entry: object, decode_name: Callable[[str], str]) -> Member | None:
    if not isinstance(entry, dict):
        return None
    subject, roles = entry.get("user_id"), entry.get("roles")
    if not isinstance(subject, str) or not is_identifier(subject) or not isinstance(roles, list):
        return None
    return Member(
        user=LaunchUser(
            subject=subject,
            name=read_name(entry, "name", decode_name),
            given_name=read_name(entry, "given_name", decode_name),
            family_name=read_name(entry, "family_name", decode_name),
            email=_text(entry, "email", EMAIL_LIMIT),
            locale=_text(entry, "locale", 35),
        ),
        roles=read_roles(clean(role, 255) for role in roles if isinstance(role, str) and role),
        active=entry.get("status", "Active") == "Active",
    )


def _text(entry: dict[str, Any], name: str, limit: int) -> str | None:
    value = entry.get(name)
    return clean(value, limit) or None if isinstance(value, str) else None
