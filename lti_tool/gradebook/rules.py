"""Change what counts for the grade of an activity."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.gradebook import scoring, settings
from lti_tool.gradebook.activities import RECOMPUTE, RESULTS, Activity, columns_of, lock_link, queue
from lti_tool.gradebook.model import GradeColumn, GradeRule
from lti_tool.gradebook.scoring import Kind
from lti_tool.gradebook.settings import GradeSettings, Requirement
from lti_tool.storage.database import now
from lti_tool.tasks import outbox

LOST = timedelta(minutes=15)
"""After this time a request of results is taken for lost."""


def save(
    session: Session,
    activity: Activity,
    chosen: GradeSettings,
    labels: Mapping[Kind, str],
    *,
    at: datetime | None = None,
) -> list[str]:
    """Store the settings of an activity, and let the worker follow them.

    ``labels``: titles of the line items that have to be created. A column that is not wanted any
    more keeps its grades and its line item. ``at``: when they were chosen, by default now. Return
    what has changed, as ``name=value``.
    """
    before = activity.settings
    lock_link(session, activity.resource_link_id)
    rule = session.get(GradeRule, activity.resource_link_id, with_for_update=True)
    if rule is None:
        rule = GradeRule(resource_link_id=activity.resource_link_id)
        session.add(rule)
    rule.settings, rule.settings_at = settings.serialize(chosen), at or now()
    found = columns_of(session, activity.resource_link_id, inactive=True)
    wanted = scoring.kinds_of(chosen, activity.module)
    touched = []
    for kind in scoring.KINDS:
        column = found.get(kind)
        if kind in wanted:
            touched.append(_update(session, activity, column, kind, chosen, labels[kind]))
        elif column is not None:
            column.active = False
    session.flush()
    for column in touched:
        if column.changed:
            queue(session, column.id)
    key = f"{activity.resource_link_id}:{now().isoformat()}"
    outbox.put(session, RECOMPUTE, key, {"link": activity.resource_link_id})
    return [
        f"{each.name}={_plain(getattr(chosen, each.name))}"
        for each in fields(GradeSettings)
        if getattr(before, each.name) != getattr(chosen, each.name)
    ]


def _plain(value: object) -> str:
    """A setting for the log, without the names of classes."""
    match value:
        case Requirement(number, weight):
            return f"{'all' if number is None else number} (weight {weight})"
        case datetime():
            return value.isoformat(" ", "minutes")
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.12g}"
    return "" if value is None else str(value)


def _update(
    session: Session,
    activity: Activity,
    column: GradeColumn | None,
    kind: Kind,
    chosen: GradeSettings,
    label: str,
) -> GradeColumn:
    """Create or change a column; note what its line item has to be told."""
    is_new = column is None
    if column is None:
        column = GradeColumn(
            resource_link_id=activity.resource_link_id, kind=kind, changed="new", released=True
        )
        session.add(column)
    values = {
        "maximum": scoring.column_maximum(kind, chosen),
        "due": scoring.column_due_at(kind, chosen),
        "released": chosen.released,
    }
    old = {"maximum": column.maximum, "due": column.due_at, "released": column.released}
    changed = {name for name, value in values.items() if value != old[name]}
    if values["maximum"] is None or is_new:
        changed.discard("maximum")  # the points of the LMS apply, until they are changed here
    column.active, column.label = True, label[:255]
    column.maximum = scoring.column_maximum(kind, chosen)
    column.due_at, column.released = scoring.column_due_at(kind, chosen), chosen.released
    column.changed = " ".join(sorted({*(column.changed or "").split(), *changed}))
    return column


def request_results(session: Session, resource_link_id: int) -> None:
    """Let the worker read the grades that the LMS holds, unless it is about to."""
    moment = now()
    for column in columns_of(session, resource_link_id).values():
        asked = column.results_requested_at
        if asked is None or asked < moment - LOST:
            column.results_requested_at = moment
            key = f"{column.id}:{moment.isoformat()}"
            outbox.put(session, RESULTS, key, {"column": column.id}, order_key=str(column.id))


def make_again(session: Session, column: GradeColumn) -> None:
    """Let a line item that was deleted in the LMS be created again, and all grades be sent."""
    column.problem, column.problem_at, column.paused_until = None, None, None
    column.gone_url, column.line_item_url, column.changed = None, None, "new"
    session.flush()
    queue(session, column.id)
