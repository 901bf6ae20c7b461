"""The form for the settings of a discussion: values as typed, and settings parsed from them.

Dates are those of the discussion's time zone. Without an hour, a discussion opens at the beginning
of the day and closes at its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, get_args
from zoneinfo import ZoneInfo

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.discussion.settings import DiscussionSettings, Groups, Moderation
from lti_tool.web import form_fields

MAX_MINUTES = 527_040
"""A year."""

_FIELDS = (
    "moderation", "opens_date", "opens_time", "closes_date", "closes_time", "time_zone",
    "edit_minutes", "groups",
)  # fmt: skip
_SWITCHES = ("must_post_first", "anonymous", "count_anonymous", "locked")

_ORDER = N_("The discussion must close after it opens.")
_MINUTES = N_("Write a whole number of minutes, or nothing if posts can always be edited.")
_CHOICE = N_("Choose one of these.")


@dataclass(slots=True)
class SettingsForm:
    """The form as typed. ``errors``: for each field, what is wrong with it (in any order)."""

    values: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    """The values of ``DiscussionSettings``, if there is no error."""


def shown(settings: DiscussionSettings) -> SettingsForm:
    """Return the form that shows some settings."""
    zone = form_fields.zone(settings.time_zone) or ZoneInfo("UTC")
    values = {
        "moderation": settings.moderation,
        "groups": settings.groups,
        "time_zone": settings.time_zone,
        "edit_minutes": "" if settings.edit_minutes is None else str(settings.edit_minutes),
        **{name: "1" for name in _SWITCHES if getattr(settings, name)},
    }
    for name, default in (("opens", time.min), ("closes", form_fields.END_OF_DAY)):
        moment = getattr(settings, f"{name}_at")
        values |= form_fields.shown_moment(name, moment, default, zone)
    return SettingsForm(values)


def parsed(submitted: Mapping[str, str], ui: Interface) -> SettingsForm:
    """Parse a submitted form; what was typed stays in ``values``."""
    form = SettingsForm(
        {name: submitted.get(name, "").strip()[:200] for name in (*_FIELDS, *_SWITCHES)}
    )
    values, changes = form.values, form.changes
    for name in _SWITCHES:
        changes[name] = bool(values[name])
    for name, choices in (("moderation", get_args(Moderation)), ("groups", get_args(Groups))):
        changes[name] = values[name]
        if values[name] not in choices:
            form.errors[name] = ui.gettext(_CHOICE)
    zone = form_fields.parsed_zone(values, form.errors, ui)
    changes["time_zone"] = values["time_zone"]
    for name, default in (("opens", time.min), ("closes", form_fields.END_OF_DAY)):
        changes[f"{name}_at"] = form_fields.moment(values, form.errors, name, default, zone, ui)
    opens_at, closes_at = changes["opens_at"], changes["closes_at"]
    if opens_at and closes_at and closes_at <= opens_at:
        form.errors.setdefault("closes_date", ui.gettext(_ORDER))
    minutes = values["edit_minutes"]
    changes["edit_minutes"] = None
    if minutes:
        if minutes.isascii() and minutes.isdecimal() and int(minutes[:9]) <= MAX_MINUTES:
            changes["edit_minutes"] = int(minutes[:9])
        else:
            form.errors["edit_minutes"] = ui.gettext(_MINUTES)
    return form
