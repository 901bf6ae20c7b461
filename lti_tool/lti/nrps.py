"""The members of a course: Names and Role Provisioning Services 2.0.

https://www.imsglobal.org/spec/lti-nrps/v2p0/#context-membership
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pylti1p3.names_roles import NamesRolesProvisioningService

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.launch import LaunchUser, Roles, RosterService
from lti_tool.lti.launch_claims import EMAIL_LIMIT, read_name
from lti_tool.lti.roles import read_roles
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.service_connector import PlatformConnector, pages
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.urls import host, with_query

PAGE_SIZE = 200
"""Members requested for a page. A platform may send fewer: Canvas sends at most 50."""
MAX_ROSTER_PAGES = 2000


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the course; ``active`` is False for the status Inactive or Deleted.

    ``groups``: ids of the member's groups (Course Groups 1.0); None where the platform says nothing
    about groups.
    """

    user: LaunchUser
    roles: Roles
    active: bool
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A page of members. ``invalid`` entries could not be read."""

    members: tuple[Member, ...]
    invalid: int


def roster_pages(
    connector: PlatformConnector,
    roster: RosterService,
    *,
    resource_link_id: str | None = None,
    role: str | None = None,
    limit: int = PAGE_SIZE,
) -> Iterator[RosterPage]:
    """Read all members, or those with access to a resource link, or with a role (its full URI).

    One page is in memory at a time. The roster is complete when the iteration ends without an error
    and no entry was invalid. Raises ServiceError.

    The ``context.id`` of a page is not compared with that of the launch: Coursera's differ
    (https://github.com/PrairieLearn/PrairieLearn/issues/15632).
    """
    filters = {"rlid": resource_link_id, "role": role, "limit": str(limit)}
    url = with_query(roster.memberships, {name: value for name, value in filters.items() if value})
    decode_name = connector.registration.profile.decode_name
    service = NamesRolesProvisioningService(
        connector.needing(claim_names.MEMBERSHIP_SCOPE), {"context_memberships_url": url}
    )

    def read(page_url: str) -> tuple[Any, str | None]:
        page = service.get_nrps_data(page_url)
        return page["body"], page["next_page_url"]

    for page in pages(read, url, most=MAX_ROSTER_PAGES):
        listed = page.get("members") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise ServiceError(FetchErrorKind.INVALID_RESPONSE, host(url))
        members = tuple(
            member for entry in listed if (member := _read(entry, decode_name)) is not None
        )
        yield RosterPage(members, len(listed) - len(members))


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
        groups=_groups(entry.get("group_enrollments")),
    )


def _groups(enrollments: object) -> tuple[str, ...] | None:
    """The group ids of ``group_enrollments``: ``[{"group_id": "…"}]``."""
    if not isinstance(enrollments, list):
        return None
    ids = (entry.get("group_id") for entry in enrollments if isinstance(entry, dict))
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and is_identifier(id_)))


def _text(entry: dict[str, Any], name: str, limit: int) -> str | None:
    value = entry.get(name)
    return clean(value, limit) or None if isinstance(value, str) else None
