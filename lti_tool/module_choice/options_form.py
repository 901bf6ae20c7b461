"""The form with the options of chosen modules: values as typed, and options parsed from them.

The fields of a module begin with its ID: ``module-4.part``. An empty field is the default; that of
the grade (``method``, ``maximum``) is in the fields without an ID. All dates are those of one time
zone (``time_zone``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import cast
from zoneinfo import ZoneInfo

from courseware import parts
from courseware.i18n import Interface
from courseware.i18n.marking import N_
from courseware.module import Module
from lti_tool.discussion.deep_links import LinkedSettings
from lti_tool.discussion.settings import Groups
from lti_tool.gradebook import deep_links
from lti_tool.gradebook.settings import UNGRADED, GradeSettings
from lti_tool.web import form_fields

TIME_ZONE = "time_zone"
FIELDS = (
    *("part", "language", "audience", "groups", "post_first", "display", "method", "maximum"),
    *("opens_date", "opens_time", "closes_date", "closes_time"),
)
GRADE_FIELDS = ("method", "maximum")
_POST_FIRST = {"": None, "yes": True, "no": False}
_MOST_CHARACTERS = 200

_ORDER = N_("The discussion must close after it opens.")
_CHOICE = N_("Choose one of these.")
_POINTS = N_("Write a number of points greater than zero, such as 10 or 2.5.")


@dataclass(slots=True)
class ModuleOptions:
    """The options of one module as typed. ``errors``: for each field, what is wrong with it."""

    module: Module
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    discussion: LinkedSettings = LinkedSettings()
    grading: GradeSettings = UNGRADED

    @property
    def part(self) -> str:
        """The part of the module that the activity shows."""
        return self.values["part"]

    @property
    def language(self) -> str | None:
        """The language of the module for readers who have chosen none."""
        return self.values["language"] or None

    @property
    def window(self) -> bool:
        """Whether the LMS opens the activity in a tab of its own."""
        return self.values["display"] == "window"

    @property
    def filled(self) -> bool:
        """Whether any option was chosen."""
        return any(value for value in self.values.values() if value != "none")


@dataclass(slots=True)
class OptionsForm:
    """The options of all chosen modules. ``zone`` is the time zone as typed, empty before that."""

    modules: list[ModuleOptions]
    zone: str = ""
    zone_error: str | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing has to be corrected."""
        return self.zone_error is None and not any(each.errors for each in self.modules)


def field_name(module: Module, name: str) -> str:
    """Return the name of a field of the form."""
    return f"{module.id}.{name}"


def is_field(name: str) -> bool:
    """Whether this is the name of a field of the form."""
    return name == TIME_ZONE or name.rpartition(".")[2] in FIELDS


def parse(
    submitted: Mapping[str, str],
    modules: Sequence[Module],
    audiences: Collection[str],
    ui: Interface,
) -> OptionsForm:
    """Parse a submitted form. ``audiences``: the keys among which an instructor chooses."""
    form = OptionsForm([], submitted.get(TIME_ZONE, "").strip()[:_MOST_CHARACTERS])
    errors: dict[str, str] = {}
    zone = form_fields.parsed_zone({TIME_ZONE: form.zone or "UTC"}, errors, ui)
    form.zone_error = errors.get(TIME_ZONE)
    for module in modules:
        values = {
            name: submitted.get(field_name(module, name), "").strip()[:_MOST_CHARACTERS]
            for name in FIELDS
        }
        if not values["method"]:
            for name in GRADE_FIELDS:
                values[name] = submitted.get(name, "").strip()[:_MOST_CHARACTERS]
        form.modules.append(_parsed(ModuleOptions(module, values), zone, audiences, ui))
    return form


def _parsed(
    options: ModuleOptions, zone: ZoneInfo, audiences: Collection[str], ui: Interface
) -> ModuleOptions:
    values, errors, module = options.values, options.errors, options.module
    allowed: dict[str, Collection[str]] = {
        "part": parts.choices(module),
        "language": ("", *module.languages),
        "audience": ("", *audiences),
        "groups": ("", "separate", "visible"),
        "post_first": tuple(_POST_FIRST),
        "display": ("", "window"),
    }
    for name, choices in allowed.items():
        if values[name] not in choices:
            errors[name] = ui.gettext(_CHOICE)
    dates: dict[str, datetime | None] = {}
    for name, default in (("opens", time.min), ("closes", form_fields.END_OF_DAY)):
        dates[name] = form_fields.moment(values, errors, name, default, zone, ui)
    opens_at, closes_at = dates["opens"], dates["closes"]
    if opens_at and closes_at and closes_at <= opens_at:
        errors.setdefault("closes_date", ui.gettext(_ORDER))
    options.discussion = LinkedSettings(
        must_post_first=_POST_FIRST.get(values["post_first"]),
        groups=cast(Groups, values["groups"]) if values["groups"] else None,
        opens_at=opens_at,
        closes_at=closes_at,
        time_zone=zone.key,
        audience=values["audience"] or None,
    )
    grading = deep_links.submitted(values)
    if grading is None:
        errors["maximum"] = ui.gettext(_POINTS)
    options.grading = grading or UNGRADED
    return options
