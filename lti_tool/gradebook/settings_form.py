"""The form for what counts: values as typed, and the settings parsed from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.gradebook.settings import (
    MAX_NUMBER,
    MAX_POINTS,
    METHODS,
    GradeSettings,
    Requirement,
)
from lti_tool.web import form_fields

REQUIREMENTS = ("sections", "questions", "threads", "replies")
_CHECKPOINTS = ("first_post", "replies_checkpoint")
_MOMENTS = {"due": "due_at", "first_post_due": "first_post_due_at", "replies_due": "replies_due_at"}
_SWITCHES = ("zero_after_due", "released")
_FIELDS = (
    *("method", "maximum", "replies_count", "time_zone", *_CHECKPOINTS),
    *(f"{item}_{part}" for item in REQUIREMENTS for part in ("number", "weight")),
    *(f"{name}_{part}" for name in _MOMENTS for part in ("date", "time")),
)

_CHOICE = N_("Choose one of these.")
_POINTS = N_("Write a number of points greater than zero, such as 10 or 2.5.")
_NUMBER = N_("Write a whole number from 1 to 1000.")
_WEIGHT = N_("Write a whole number from 0 to 1000.")
_NOTHING = N_("Give at least one of these a weight greater than zero.")


@dataclass(slots=True)
class GradeForm:
    """The form as typed. ``errors``: for each field, what is wrong with it."""

    values: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    settings: GradeSettings | None = None
    """The parsed settings, if there is no error."""


def shown(settings: GradeSettings) -> GradeForm:
    """Return the form that shows some settings."""
    zone = form_fields.zone(settings.time_zone) or ZoneInfo("UTC")
    values = {
        "method": settings.method,
        "maximum": _typed(settings.maximum),
        "replies_count": str(settings.replies_number),
        "time_zone": settings.time_zone,
        **{name: _typed(getattr(settings, name)) for name in _CHECKPOINTS},
        **{name: "1" for name in _SWITCHES if getattr(settings, name)},
    }
    for item in REQUIREMENTS:
        requirement = getattr(settings, item)
        values[f"{item}_number"] = _typed(requirement.number)
        values[f"{item}_weight"] = str(requirement.weight)
    for name, attribute in _MOMENTS.items():
        moment = getattr(settings, attribute)
        values |= form_fields.shown_moment(name, moment, form_fields.END_OF_DAY, zone)
    return GradeForm(values)


def parsed(submitted: Mapping[str, str], ui: Interface) -> GradeForm:
    """Parse a submitted form; what was typed stays in ``values``."""
    form = GradeForm(
        {name: submitted.get(name, "").strip()[:200] for name in (*_FIELDS, *_SWITCHES)}
    )
    values, errors = form.values, form.errors
    chosen: dict[str, Any] = {name: bool(values[name]) for name in _SWITCHES}
    chosen["method"] = values["method"]
    if values["method"] not in METHODS:
        errors["method"] = ui.gettext(_CHOICE)
    for name in ("maximum", *_CHECKPOINTS):
        chosen[name] = _points(form, name, ui)
    for item in REQUIREMENTS:
        chosen[item] = _requirement(form, item, ui)
    if values["method"] in ("participation", "completion") and not any(
        chosen[item] is None or chosen[item].weight for item in REQUIREMENTS
    ):
        errors["sections_weight"] = ui.gettext(_NOTHING)
    number = _whole(values["replies_count"] or "2", 1)
    if number is None:
        errors["replies_count"] = ui.gettext(_NUMBER)
    chosen["replies_number"] = number
    zone = form_fields.parsed_zone(values, errors, ui)
    chosen["time_zone"] = values["time_zone"]
    for name, attribute in _MOMENTS.items():
        moment = form_fields.moment(values, errors, name, time.max, zone, ui)
        chosen[attribute] = moment
    if not errors:
        form.settings = GradeSettings(**chosen)
    return form


def _typed(number: float | None) -> str:
    return "" if number is None else f"{number:.12g}"


def _points(form: GradeForm, name: str, ui: Interface) -> float | None:
    text = form.values[name]
    if not text:
        return None
    points = parse_points(text)
    if points is None or points <= 0:
        form.errors[name] = ui.gettext(_POINTS)
    return points


def parse_points(text: str) -> float | None:
    """Return a number of points that was typed, with a point or a comma; None if it is none."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None
    return points if 0 <= points <= MAX_POINTS else None


def _requirement(form: GradeForm, item: str, ui: Interface) -> Requirement | None:
    number_text = form.values[f"{item}_number"]
    may_be_all = item in ("sections", "questions")
    number = _whole(number_text, 1) if number_text or not may_be_all else None
    if number is None and (number_text or not may_be_all):
        form.errors[f"{item}_number"] = ui.gettext(_NUMBER)
    weight = _whole(form.values[f"{item}_weight"] or "0", 0)
    if weight is None:
        form.errors[f"{item}_weight"] = ui.gettext(_WEIGHT)
        return None
    return Requirement(number, weight)


def _whole(text: str, least: int) -> int | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        return None
    number = int(text)
    return number if least <= number <= MAX_NUMBER else None
