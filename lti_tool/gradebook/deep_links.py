"""What counts for the grade of an activity that is added by deep linking.

The settings travel with the link as one custom parameter, and apply from the first launch of each
selection until an instructor decides otherwise. A copy of the activity has them too, and what an
instructor decided later where its original is known.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from courseware.library import Library
from courseware.module import Module
from lti_tool.gradebook import rules, settings
from lti_tool.gradebook.activities import Activity, columns_of, find_activity
from lti_tool.gradebook.line_items import PREFIX, TAGS
from lti_tool.gradebook.model import GradeRule
from lti_tool.gradebook.scoring import KINDS, Kind, kinds_of
from lti_tool.gradebook.settings import DEFAULT_MAXIMUM, UNGRADED, GradeSettings, Requirement
from lti_tool.lti.deep_linking import DeepLinkLineItem

PARAMETER = "gradesettings"
"""Name of the custom parameter: lower-case letters only, because Moodle repeats others."""


def submitted(form: Mapping[str, str]) -> GradeSettings | None:
    """Return the settings of the picker's form; None if the points are not a number above zero.

    Fields: ``method`` (any unknown value: no grade) and ``maximum`` (empty: the default).
    """
    method, maximum = form.get("method"), form.get("maximum", "").strip().replace(",", ".")
    if method not in settings.METHODS or method == "none":
        return UNGRADED
    chosen = settings.from_values({"method": method, "maximum": maximum or None})
    return None if maximum and chosen.maximum is None else chosen


def line_item(chosen: GradeSettings, module: Module, title: str) -> DeepLinkLineItem | None:
    """Return the line item of a deep-linking response; None if the activity itself has no grade.

    ``module`` has only what the activity shows. Checkpoints get their line items when the activity
    is opened: a link has one.
    """
    if "activity" not in kinds_of(chosen, module):
        return None
    return DeepLinkLineItem(
        score_maximum=chosen.maximum or DEFAULT_MAXIMUM,
        label=title,
        resource_id=f"{PREFIX}{module.id}",
        tag=TAGS["activity"],
        grades_released=None if chosen.released else False,
    )


def parameters(chosen: GradeSettings) -> dict[str, str]:
    """Return the custom parameters of a link: the settings that differ from the defaults."""
    if not chosen.graded:
        return {}
    values = {
        each.name: _plain(getattr(chosen, each.name))
        for each in fields(GradeSettings)
        if getattr(chosen, each.name) != getattr(UNGRADED, each.name)
    }
    return {PARAMETER: json.dumps(values, separators=(",", ":"))}


def apply(
    connection: Connection,
    library: Library,
    resource_link_id: int,
    custom: Mapping[str, str],
    selected_at: datetime | None,
) -> None:
    """Store the settings of a link that is launched for the first time since its selection.

    The worker finds or makes the columns, because some platforms ignore the line item of a deep
    link. Settings that were chosen later stay; without ``selected_at``, so do all that are stored.
    Takes no statement for a link without settings.
    """
    chosen = parse(custom)
    if chosen is None:
        return
    with Session(connection) as session:
        rule = session.get(GradeRule, resource_link_id)
        if rule is not None:
            if selected_at is None:
                return
            if rule.settings_at is not None and rule.settings_at >= selected_at:
                return
        activity = find_activity(session, library, resource_link_id)
        if activity is not None:
            rules.save(session, activity, chosen, labels(session, activity), at=selected_at)
        session.flush()


def copy_settings(
    connection: Connection, library: Library, original_id: int, resource_link_id: int
) -> None:
    """Let a copied activity start with what counts in its original, without the due dates.

    Those are dates of the original's course. Settings that the copy has already stay.
    """
    with Session(connection) as session:
        original = session.get(GradeRule, original_id)
        if original is None or session.get(GradeRule, resource_link_id) is not None:
            return
        activity = find_activity(session, library, resource_link_id)
        if activity is None:
            return
        chosen = settings.without_dates(settings.parse(original.settings, linked=activity.linked))
        titles = labels(session, activity)
        rules.save(session, activity, chosen, titles, at=original.settings_at)
        session.flush()


def labels(session: Session, activity: Activity) -> dict[Kind, str]:
    """Return the titles that the columns have, or that of the activity."""
    found = columns_of(session, activity.resource_link_id, inactive=True)
    title = activity.title or "Minga"
    return {kind: found[kind].label if kind in found else title for kind in KINDS}


def parse(custom: Mapping[str, str]) -> GradeSettings | None:
    """Return the settings of custom parameters; None without valid ones."""
    text = custom.get(PARAMETER)
    if not text:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return settings.from_values(values) if isinstance(values, dict) else None


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Requirement):
        return {"number": value.number, "weight": value.weight}
    return value
