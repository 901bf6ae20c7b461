"""The groups of a course: LTI Course Groups Service 1.0.

https://www.imsglobal.org/spec/lti-gs/v1p0
"""

from dataclasses import dataclass
from typing import Any

from pylti1p3.course_groups import CourseGroupsService

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.launch import GroupService
from lti_tool.lti.launch_claims import NAME_LIMIT
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.service_connector import PlatformConnector, pages
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.urls import host, with_query

GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users; ``set_id`` is the id of the group set that it belongs to, if any."""

    id: str
    name: str
    tag: str | None
    set_id: str | None


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups; ``complete`` is False where there are more, or some entries were invalid."""

    groups: tuple[Group, ...]
    complete: bool


def list_groups(
    connector: PlatformConnector, service: GroupService, *, subject: str | None = None
) -> Groups:
    """All groups of the course, or those of the user ``subject``. Raises ServiceError."""
    query = {"limit": str(PAGE_SIZE), **({"user_id": subject} if subject else {})}
    url = with_query(service.groups, query)
    data: Any = {"context_groups_url": url, "scope": [claim_names.GROUP_SCOPE]}
    library = _CourseGroups(connector.needing(claim_names.GROUP_SCOPE), data)
    entries: list[Any] = []
    complete = True
    try:
        for page in pages(library.get_page, url):
            entries += page
    except ServiceError as error:
        if not error.is_incomplete_list:
            raise
        complete = False
    groups = tuple(group for entry in entries if (group := _read(entry)) is not None)
    return Groups(groups, complete and len(groups) == len(entries))


class _CourseGroups(CourseGroupsService):
    """pylti1p3's client of the service."""

    def get_page(self, data_url: str, data_key: str = "groups") -> tuple[list[Any], str | None]:
        """Overridden for a response that is no object, which ends in an AttributeError."""
        response = self._service_connector.make_service_request(
            self._service_data["scope"], data_url, accept=GROUPS
        )
        body = response["body"]
        listed = body.get(data_key) if isinstance(body, dict) else None
        if not isinstance(listed, list):
            raise ServiceError(FetchErrorKind.INVALID_RESPONSE, host(data_url))
        return listed, response["next_page_url"]


def _read(entry: object) -> Group | None:
    if not isinstance(entry, dict):
        return None
    group_id, name, tag, set_id = (entry.get(key) for key in ("id", "name", "tag", "set_id"))
    if not isinstance(group_id, str) or not is_identifier(group_id):
        return None
    return Group(
        id=group_id,
        name=clean(name, NAME_LIMIT) if isinstance(name, str) else "",
        tag=clean(tag, NAME_LIMIT) or None if isinstance(tag, str) else None,
        set_id=set_id if isinstance(set_id, str) and is_identifier(set_id) else None,
    )
