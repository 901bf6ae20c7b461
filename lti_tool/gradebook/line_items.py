"""Find, create and change the line item of a column: AGS 2.0 §3.2.

The line item of the launch's claim is that of the activity. Any other is found by its
``resourceId`` and ``tag``, which only this tool gives, before one is created; the worker handles a
column in one task at a time, so none is created twice, also after a request whose answer was lost.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lti_tool.gradebook.problems import ColumnProblem, Problem
from lti_tool.lti.ags import line_items
from lti_tool.lti.ags.line_items import LineItem
from lti_tool.lti.launch import GradeService
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError

PREFIX = "minga-"
"""Of each ``resourceId`` of this tool: other tools' line items may be listed too."""
TAGS = {"activity": "activity", "first_post": "first-post", "replies": "replies"}
_REVIEW = {"reviewableStatus": ["InProgress", "Submitted", "Completed"]}
"""``submissionReview``: instructors can open a person's contributions from the gradebook."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The line item that a column needs. ``changed``: what an instructor changed (see model)."""

    kind: str
    lti_resource_link_id: str
    label: str
    maximum: float
    due_at: datetime | None
    released: bool
    changed: frozenset[str]

    @property
    def resource_id(self) -> str:
        """``resourceId``: the activities of one module have different ones."""
        return f"{PREFIX}{self.lti_resource_link_id}"[:255]

    @property
    def tag(self) -> str:
        """``tag``: which column of the activity it is."""
        return TAGS[self.kind]


def find(
    connector: PlatformConnector, grades: GradeService, wanted: Wanted, *, gone: str | None = None
) -> LineItem | None:
    """Return the line item of a column; None if there is none.

    ``gone``: a URL that the platform no longer has. Raises ServiceError, and ColumnProblem if the
    platform lists none.
    """
    if grades.line_items is None:
        raise ColumnProblem(Problem.NOT_OFFERED)
    found = line_items.list_line_items(
        connector, grades, resource_id=wanted.resource_id, tag=wanted.tag
    )
    for item in found.items:
        if (item.resource_id, item.tag) == (wanted.resource_id, wanted.tag) and item.id != gone:
            return item
    # One that the platform made for the activity, from a deep link or by itself; or that came with
    # a copied course, under the resourceId of the original (Moodle).
    link = wanted.lti_resource_link_id
    found = line_items.list_line_items(connector, grades, resource_link_id=link)
    for item in found.items:
        if item.resource_link_id == link and item.id != gone and _may_be_own(item, wanted):
            return item
    return None


def _may_be_own(item: LineItem, wanted: Wanted) -> bool:
    if wanted.kind != "activity":
        return item.tag == wanted.tag and (item.resource_id or "").startswith(PREFIX)
    if item.others.get("readOnly") or item.tag in (TAGS["first_post"], TAGS["replies"]):
        return False
    return item.resource_id is None or item.resource_id.startswith(PREFIX)


def create(connector: PlatformConnector, grades: GradeService, wanted: Wanted) -> LineItem:
    """Create the line item. Raises ServiceError.

    Some platforms do not know the resource link of a launch: then without it.
    """
    others: dict[str, Any] = {"submissionReview": _REVIEW}
    if not wanted.released:
        others["gradesReleased"] = False
    item = LineItem(
        label=wanted.label or "Minga",
        score_maximum=wanted.maximum,
        resource_id=wanted.resource_id,
        tag=wanted.tag,
        resource_link_id=wanted.lti_resource_link_id,
        ends_at=wanted.due_at,
        others=others,
    )
    try:
        return line_items.create_line_item(connector, grades, item)
    except ServiceError as error:
        if error.status not in (400, 404, 422):
            raise
    return line_items.create_line_item(connector, grades, replace(item, resource_link_id=None))


def change(
    connector: PlatformConnector, grades: GradeService, url: str, wanted: Wanted
) -> LineItem:
    """Write what an instructor changed here, and nothing else. Raises ServiceError.

    A PUT replaces the line item, so it is read first: its title and all other members stay.
    """
    item = line_items.read_line_item(connector, grades, url)
    changed = item
    if not item.score_maximum and "maximum" not in wanted.changed:
        return item  # a platform refuses a line item without points
    if "maximum" in wanted.changed:
        changed = replace(changed, score_maximum=wanted.maximum)
    if "due" in wanted.changed:
        changed = replace(changed, ends_at=wanted.due_at)
    if "released" in wanted.changed:
        others = {**item.others, "gradesReleased": wanted.released}
        if "releaseToStudent" in others:  # Sakai's own name
            others["releaseToStudent"] = wanted.released
        changed = replace(changed, others=others)
    if changed == item and changed.others == item.others:
        return item
    return line_items.update_line_item(connector, grades, changed)
