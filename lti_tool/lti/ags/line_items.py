"""Line items, the columns of the platform's gradebook: AGS 2.0 §3.2.

https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.exception import LtiException
from pylti1p3.lineitem import LineItem as LibraryLineItem

from lti_tool.lti import claim_names
from lti_tool.lti.http_client import FetchErrorKind
from lti_tool.lti.launch import GradeService
from lti_tool.lti.sanitize import clean
from lti_tool.lti.service_connector import PlatformConnector, wanted_scopes
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.timestamps import iso_time, parse_time
from lti_tool.lti.urls import host, with_query

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
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
_OURS = (
    *("id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId"),
    *("startDateTime", "endDateTime"),
)
_WRITE = (claim_names.LINE_ITEM_SCOPE,)


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line item. ``id`` is its URL, None before it is created.

    ``score_maximum`` is 0 where the platform gives no points, or no number.
    """

    label: str
    score_maximum: float
    id: str | None = None
    resource_id: str | None = None
    tag: str | None = None
    resource_link_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    others: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Members that were read and that the tool does not use (``submissionReview``, extensions)."""


@dataclass(frozen=True, slots=True)
class LineItems:
    """Line items; ``complete`` is False where there are more, or a page was invalid."""

    items: tuple[LineItem, ...]
    complete: bool


def list_line_items(
    connector: PlatformConnector,
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
    url = with_query(_container(connector, grades), {**query, "limit": str(limit)})
    entries, complete = collect(
        library_service(connector, grades, *_READ, line_items=url).get_lineitems()
    )
    items = tuple(item for entry in entries if (item := _read(entry)) is not None)
    return LineItems(items, complete)


def read_line_item(connector: PlatformConnector, grades: GradeService, url: str) -> LineItem:
    """Read one line item (GET). Raises ServiceError."""
    response = connector.needing(*_READ).make_service_request(
        _scopes(grades), url, accept=LINE_ITEM
    )
    return _required(response["body"], host(url))


def create_line_item(
    connector: PlatformConnector, grades: GradeService, item: LineItem
) -> LineItem:
    """Create a line item (POST); return it with its URL. Raises ServiceError.

    pylti1p3's ``create_lineitem`` sends only the members that it knows, without ``others``.
    """
    url = _container(connector, grades)
    response = connector.needing(*_WRITE).make_service_request(
        _scopes(grades),
        url,
        method="POST",
        data=line_item_body(item),
        content_type=LINE_ITEM,
        accept=LINE_ITEM,
    )
    return _required(response["body"], host(url))


def update_line_item(
    connector: PlatformConnector, grades: GradeService, item: LineItem
) -> LineItem:
    """Replace a line item (PUT); return the platform's version. Raises ServiceError.

    pylti1p3 has no PUT. Members that were read and are not ours are sent back unchanged: a PUT
    replaces the line item (§3.2.4).
    """
    if item.id is None:
        raise ValueError("a line item without an id cannot be updated")
    response = connector.needing(*_WRITE).make_service_request(
        _scopes(grades),
        item.id,
        method="PUT",
        data=line_item_body(item),
        content_type=LINE_ITEM,
        accept=LINE_ITEM,
    )
    if response["body"] is None:
        return item
    return _required(response["body"], host(item.id))


def delete_line_item(connector: PlatformConnector, grades: GradeService, url: str) -> bool:
    """Delete a line item; return False if it did not exist. Raises ServiceError.

    pylti1p3 has no DELETE.
    """
    try:
        connector.needing(*_WRITE).make_service_request(
            _scopes(grades), url, method="DELETE", accept=LINE_ITEM
        )
    except ServiceError as error:
        if error.status not in (404, 410):
            raise
        return False
    return True


def library_service(
    connector: PlatformConnector,
    grades: GradeService,
    *needed: str,
    line_items: str | None = None,
) -> AssignmentsGradesService:
    """Return pylti1p3's client of AGS, for calls that need one of the scopes ``needed``.

    It checks the scopes of the launch, which some platforms understate: the token decides.
    """
    data: Any = {"scope": [*dict.fromkeys((*_scopes(grades), *needed))], "lineitems": line_items}
    return AssignmentsGradesService(connector.needing(*needed), data)


def collect(entries: Iterable[Any]) -> tuple[list[Any], bool]:
    """The entries of a list's pages, and whether they are all. Raises ServiceError."""
    found: list[Any] = []
    try:
        for entry in entries:
            found.append(entry)
    except LtiException:  # a page is no list
        return found, False
    except ServiceError as error:
        if not error.is_incomplete_list:
            raise
        return found, False
    return found, True


def line_item_body(item: LineItem) -> str:
    """The JSON of a line item, with the members that are not ours as they were read."""
    return json.dumps({**item.others, **json.loads(_library_item(item).get_value())})


def _library_item(item: LineItem) -> LibraryLineItem:
    body = LibraryLineItem()
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
    return body


def _scopes(grades: GradeService) -> tuple[str, ...]:
    return wanted_scopes(GRADE_SCOPES, grades.scopes)


def _container(connector: PlatformConnector, grades: GradeService) -> str:
    if grades.line_items is None:
        raise ServiceError(FetchErrorKind.SCOPE_NOT_GRANTED, host(connector.registration.issuer))
    return grades.line_items


def _required(body: object, response_host: str) -> LineItem:
    item = _read(body)
    if item is None:
        raise ServiceError(FetchErrorKind.INVALID_RESPONSE, response_host)
    return item


def _read(entry: object) -> LineItem | None:
    if not isinstance(entry, dict):
        return None
    url = entry.get("id")
    if not isinstance(url, str):
        return None
    return LineItem(
        id=url,
        label=_text(entry, "label") or "",
        score_maximum=_points(entry.get("scoreMaximum")),
        resource_id=_text(entry, "resourceId"),
        tag=_text(entry, "tag"),
        resource_link_id=_text(entry, "resourceLinkId"),
        starts_at=parse_time(entry.get("startDateTime")),
        ends_at=parse_time(entry.get("endDateTime")),
        others={name: value for name, value in entry.items() if name not in _OURS},
    )


def _points(value: object) -> float:
    """``scoreMaximum``, which has to be above 0 (§3.2.8); 0 for anything else.

    A column without points must be recognised, or another one would be created beside it. Open edX
    takes 0, and publishes no score then: https://github.com/openedx/xblock-lti-consumer/pull/701
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0.0
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if 0 < number < inf else 0.0


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return clean(value, 1000) or None if isinstance(value, str) else None
