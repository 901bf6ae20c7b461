"""The groups of a course: LTI Course Groups Service 1.0.

https://www.imsglobal.org/spec/lti-gs/v1p0
"""

from dataclasses import dataclass

from lti_tool.lti import claim_names
from lti_tool.lti.launch import GroupService
from lti_tool.lti.launch_claims import NAME_LIMIT
from lti_tool.lti.sanitize import clean, is_identifier
from lti_tool.lti.services import Services
from lti_tool.lti.urls import with_query

GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
PAGE_SIZE = 100
_SCOPES = (claim_names.GROUP_SCOPE,)


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


def list_groups(services: Services, service: GroupService, *, subject: str | None = None) -> Groups:
    """All groups of the course, or those of the user ``subject``. Raises ServiceError."""
    query = {"limit": str(PAGE_SIZE), **({"user_id": subject} if subject else {})}
    pages, complete = services.read_all_pages(
        with_query(service.groups, query), scopes=_SCOPES, needed=_SCOPES, accept=GROUPS
    )
    lists = [page.get("groups") if isinstance(page, dict) else None for page in pages]
    entries = [entry for part in lists if isinstance(part, list) for entry in part]
    groups = tuple(group for entry in entries if (group := _read(entry)) is not None)
    valid = all(isinstance(part, list) for part in lists) and len(groups) == len(entries)
    return Groups(groups, complete and valid)


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
