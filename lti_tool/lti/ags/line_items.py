"""Line items: the columns of the platform's gradebook. AGS 2.0 §3.2.

https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pylti1p3.lineitem import LineItem as LineItemBody

from lti_tool.lti import claim_names as names
from lti_tool.lti.http_client import Trouble
from lti_tool.lti.launch import GradeService
from lti_tool.lti.sanitize import clean
from lti_tool.lti.service_errors import ServiceFailed, refused
from lti_tool.lti.services import Services, json_of, wanted_scopes
from lti_tool.lti.timestamps import iso_time, parse_time
from lti_tool.lti.urls import host, with_query

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
GRADE_SCOPES = (
    names.LINE_ITEM_SCOPE,
    names.LINE_ITEM_READ_SCOPE,
    names.RESULT_SCOPE,
    names.SCORE_SCOPE,
)
"""One token for all of AGS. Moodle wants lineitem.readonly named to read, beside lineitem."""
PAGE_SIZE = 100
LABEL_LIMIT = 255

_READ = (names.LINE_ITEM_READ_SCOPE, names.LINE_ITEM_SCOPE)
_WRITE = (names.LINE_ITEM_SCOPE,)


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column. ``id`` is its address, None before it exists."""

    label: str
    score_maximum: float
    id: str | None = None
    resource_id: str | None = None
    tag: str | None = None
    resource_link_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineItems:
    """Columns; ``complete`` is False where the list was longer than what was read."""

    items: tuple[LineItem, ...]
    complete: bool


def list_line_items(
    services: Services,
    grades: GradeService,
    *,
    resource_link_id: str | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
    limit: int = PAGE_SIZE,
) -> LineItems:
    """The columns of the course that belong to this tool. Raises ServiceFailed."""
    filters = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
    query = {name: value for name, value in filters.items() if value is not None}
    pages, complete = services.read_all(
        with_query(_container(services, grades), {**query, "limit": str(limit)}),
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_READ,
        accept=LINE_ITEMS,
    )
    entries = [entry for page in pages if isinstance(page, list) for entry in page]
    items = tuple(item for entry in entries if (item := _read(entry)) is not None)
    return LineItems(items, complete and all(isinstance(page, list) for page in pages))


def read_line_item(services: Services, grades: GradeService, url: str) -> LineItem:
    """One column. Raises ServiceFailed."""
    body, _ = services.read(
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_READ,
        accept=LINE_ITEM,
    )
    return _required(body, host(url))


def create_line_item(services: Services, grades: GradeService, item: LineItem) -> LineItem:
    """Add a column; return it with its address. Raises ServiceFailed."""
    return _write(services, grades, "POST", _container(services, grades), item)


def update_line_item(services: Services, grades: GradeService, item: LineItem) -> LineItem:
    """Replace a column (PUT); return it as the platform has it. Raises ServiceFailed."""
    if item.id is None:
        raise ValueError("a line item has an address before it is updated")
    return _write(services, grades, "PUT", item.id, item)


def delete_line_item(services: Services, grades: GradeService, url: str) -> bool:
    """Remove a column; False where there was none. Raises ServiceFailed."""
    answer = services.call(
        "DELETE",
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_WRITE,
        headers={"Accept": LINE_ITEM},
    )
    if answer.status in (404, 410):
        return False
    if not answer.ok:
        raise refused(answer)
    return True


def line_item_body(item: LineItem) -> bytes:
    """A column as it is sent."""
    body = LineItemBody()
    body.set_label(clean(item.label, LABEL_LIMIT)).set_score_maximum(item.score_maximum)
    if item.id:
        body.set_id(item.id)
    if item.resource_id:
        body.set_resource_id(item.resource_id)
    if item.tag:
        body.set_tag(item.tag)
    if item.resource_link_id:
        body.set_resource_link_id(item.resource_link_id)
    if item.starts_at:
        body.set_start_date_time(iso_time(item.starts_at))
    if item.ends_at:
        body.set_end_date_time(iso_time(item.ends_at))
    return body.get_value().encode()


def _write(
    services: Services, grades: GradeService, method: str, url: str, item: LineItem
) -> LineItem:
    answer = services.call(
        method,
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_WRITE,
        headers={"Content-Type": LINE_ITEM, "Accept": LINE_ITEM},
        body=line_item_body(item),
    )
    if not answer.ok:
        raise refused(answer)
    if item.id is not None and not answer.body:
        return item
    return _required(json_of(answer), answer.host)


def _container(services: Services, grades: GradeService) -> str:
    if grades.line_items is None:
        raise ServiceFailed(Trouble.NOT_GRANTED, host(services.registration.issuer))
    return grades.line_items


def _required(body: object, answered_by: str) -> LineItem:
    item = _read(body)
    if item is None:
        raise ServiceFailed(Trouble.BROKEN_ANSWER, answered_by)
    return item


def _read(entry: object) -> LineItem | None:
    if not isinstance(entry, dict):
        return None
    url, maximum = entry.get("id"), entry.get("scoreMaximum")
    if not isinstance(url, str) or not isinstance(maximum, int | float):
        return None
    return LineItem(
        id=url,
        label=_text(entry, "label") or "",
        score_maximum=float(maximum),
        resource_id=_text(entry, "resourceId"),
        tag=_text(entry, "tag"),
        resource_link_id=_text(entry, "resourceLinkId"),
        starts_at=parse_time(entry.get("startDateTime")),
        ends_at=parse_time(entry.get("endDateTime")),
    )


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return clean(value, 1000) or None if isinstance(value, str) else None
