"""Settings of a discussion that are chosen with a deep link, before its activity exists.

They travel with the link as one custom parameter, and apply at the first launch of each selection,
unless an instructor has changed the settings since. What the parameter leaves out stays as it is.
Dates are those of one course: they apply in the course for which they were chosen, not in a copy.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from courseware.module import Module
from lti_tool.directory.exchanges import institution_of
from lti_tool.discussion import audience
from lti_tool.discussion.discussions import own_discussion
from lti_tool.discussion.errors import DiscussionError
from lti_tool.discussion.settings import Groups, serialize, valid_values
from lti_tool.discussion.settings import parse as parse_settings
from lti_tool.web import form_fields

PARAMETER = "discussionsettings"
"""Name of the custom parameter: lower-case letters only, because Moodle sends others twice."""
MOST_CHARACTERS = 1000
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_SETTINGS = ("must_post_first", "groups", "opens_at", "closes_at", "time_zone")


@dataclass(frozen=True, slots=True)
class LinkedSettings:
    """Settings that a link states; None for those that it leaves as they are.

    ``audience``: a key of ``audience.choices``. ``time_zone`` belongs to the dates.
    """

    must_post_first: bool | None = None
    groups: Groups | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    time_zone: str = "UTC"
    audience: str | None = None

    @property
    def has_dates(self) -> bool:
        """Whether there is a date."""
        return self.opens_at is not None or self.closes_at is not None


@dataclass(frozen=True, slots=True)
class LinkedActivity:
    """The activity that is launched; ``context_id`` is the LTI context, None without one."""

    resource_link_id: int
    deployment_id: int
    context_id: str | None


def parameters(settings: LinkedSettings, context_id: str | None) -> dict[str, str]:
    """Return the custom parameters of a link that is selected in this course."""
    values: dict[str, Any] = {}
    if settings.must_post_first is not None:
        values["must_post_first"] = settings.must_post_first
    if settings.groups is not None:
        values["groups"] = settings.groups
    if settings.audience is not None:
        values["audience"] = settings.audience
    if settings.has_dates:
        dates = {"opens_at": settings.opens_at, "closes_at": settings.closes_at}
        values |= {name: moment.isoformat() for name, moment in dates.items() if moment}
        values |= {"time_zone": settings.time_zone, "course": _digest(context_id)}
    return {PARAMETER: json.dumps(values, separators=(",", ":"))} if values else {}


def parse(custom: Mapping[str, str], context_id: str | None) -> LinkedSettings | None:
    """Return what the custom parameters of a launch state; None without anything that is valid."""
    text = custom.get(PARAMETER, "")
    if not text or len(text) > MOST_CHARACTERS:
        return None
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    values = {name: value for name, value in valid_values(given).items() if name in _SETTINGS}
    opens_at, closes_at = _date(values.pop("opens_at", None)), _date(values.pop("closes_at", None))
    in_order = opens_at is None or closes_at is None or opens_at < closes_at
    if in_order and given.get("course") == _digest(context_id):
        values |= {"opens_at": opens_at, "closes_at": closes_at}
    if form_fields.zone(values.get("time_zone", "UTC")) is None:
        del values["time_zone"]
    if isinstance(given.get("audience"), str):
        values["audience"] = given["audience"]
    found = LinkedSettings(**values)
    return None if found == LinkedSettings(time_zone=found.time_zone) else found


def apply(
    connection: Connection,
    activity: LinkedActivity,
    module: Module,
    custom: Mapping[str, str],
    selected_at: datetime,
) -> None:
    """Apply the settings of a link that is launched for the first time since its selection.

    Takes no statement for a link without settings. An audience that cannot be chosen (an exchange
    that was closed, or that the institution has left) is ignored.
    """
    chosen = parse(custom, activity.context_id)
    if chosen is None:
        return
    link_id, deployment_id = activity.resource_link_id, activity.deployment_id
    with Session(connection) as session:
        if chosen.audience is not None:
            institution_of(session, deployment_id)  # the first row that is locked
        own = own_discussion(session, link_id, module.id)
        # Equal in a copy that has just got the settings of its original.
        if own.settings_at is not None and own.settings_at > selected_at:
            return
        before = parse_settings(module.discussion, own.settings)
        after = replace(before, **_changes(chosen)).remembering_groups(before)
        own.settings = serialize(module.discussion, after)
        own.settings_at = selected_at
        if chosen.audience is not None:
            with suppress(DiscussionError):
                audience.set_audience(session, link_id, deployment_id, module, chosen.audience)
        session.flush()


def _changes(chosen: LinkedSettings) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if chosen.must_post_first is not None:
        changes["must_post_first"] = chosen.must_post_first
    if chosen.groups is not None:
        changes["groups"] = chosen.groups
    if chosen.has_dates:
        names = ("opens_at", "closes_at", "time_zone")
        changes |= {name: getattr(chosen, name) for name in names}
    return changes


def _date(moment: datetime | None) -> datetime | None:
    try:
        moment = moment.astimezone(UTC) if moment else None
    except OverflowError:
        return None
    return moment if moment and _EARLIEST <= moment <= _LATEST else None


def _digest(context_id: str | None) -> str:
    """Name a course in the parameter without its ID."""
    return hashlib.sha256((context_id or "").encode("utf-8", "replace")).hexdigest()[:16]
