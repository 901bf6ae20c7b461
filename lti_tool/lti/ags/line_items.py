"""Line items, the columns of the platform's gradebook: AGS 2.0 §3.2.

https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pylti1p3.lineitem import LineItem as LineItemBody

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.launch import GradeService
from lti_tool.lti.sanitize import clean
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.services import Services, json_of, wanted_scopes
from lti_tool.lti.timestamps import iso_time, parse_time
from lti_tool.lti.urls import host, with_query

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
GRADE_SCOPES = (
    claim_names.LINE_ITEM_SCOPE,
    claim_names.LINE_ITEM_READ_SCOPE,
    claim_names.RESULT_SCOPE,
    claim_names.SCORE_SCOPE,
)
"""One token serves all of AGS. Some platforms let only ``lineitem.readonly`` read."""
PAGE_SIZE = 100
LABEL_LIMIT = 255

_READ = (claim_names.LINE_ITEM_READ_SCOPE, claim_names.LINE_ITEM_SCOPE)
_WRITE = (claim_names.LINE_ITEM_SCOPE,)


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line item. ``id`` is its URL, None before it is created."""

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
    """Line items; ``complete`` is False where there are more, or a page was invalid."""

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
    """List the tool's line items in the course (GET). Raises ServiceError."""
    filters = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
    query = {name: value for name, value in filters.items() if value is not None}
    pages, complete = services.read_all_pages(
        with_query(_container(services, grades), {**query, "limit": str(limit)}),
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_READ,
        accept=LINE_ITEMS,
    )
    entries = [entry for page in pages if isinstance(page, list) for entry in page]
    items = tuple(item for entry in entries if (item := _read(entry)) is not None)
    return LineItems(items, complete and all(isinstance(page, list) for page in pages))


def read_line_item(services: Services, grades: GradeService, url: str) -> LineItem:
    """Read one line item (GET). Raises ServiceError."""
    body, _ = services.read_page(
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_READ,
        accept=LINE_ITEM,
    )
    return _required(body, host(url))


def create_line_item(services: Services, grades: GradeService, item: LineItem) -> LineItem:
    """Create a line item (POST); return it with its URL. Raises ServiceError."""
    return _write(services, grades, "POST", _container(services, grades), item)


def update_line_item(services: Services, grades: GradeService, item: LineItem) -> LineItem:
    """Replace a line item (PUT); return the platform's version. Raises ServiceError."""
    if item.id is None:
        raise ValueError("a line item without an id cannot be updated")
    return _write(services, grades, "PUT", item.id, item)


def delete_line_item(services: Services, grades: GradeService, url: str) -> bool:
    """Delete a line item; return False if it did not exist. Raises ServiceError."""
    response = services.call(
        "DELETE",
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_WRITE,
        headers={"Accept": LINE_ITEM},
    )
    if response.status in (404, 410):
        return False
    if not response.ok:
        raise services.error(response)
    return True


def line_item_body(item: LineItem) -> bytes:
    """The JSON of a line item."""
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
    response = services.call(
        method,
        url,
        scopes=wanted_scopes(GRADE_SCOPES, grades.scopes),
        needed=_WRITE,
        headers={"Content-Type": LINE_ITEM, "Accept": LINE_ITEM},
        body=line_item_body(item),
    )
    if not response.ok:
        raise services.error(response)
    if item.id is not None and not response.body:
        return item
    return _required(json_of(response), response.host)


def _container(services: Services, grades: GradeService) -> str:
    if grades.line_items is None:
        raise ServiceError(FetchErrorKind.SCOPE_NOT_GRANTED, host(services.registration.issuer))
    return grades.line_items


def _required(body: object, response_host: str) -> LineItem:
    item = _read(body)
    if item is None:
        raise ServiceError(FetchErrorKind.INVALID_RESPONSE, response_host)
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
