"""Fields of forms with dates: a day, a time of day that may be missing, and the time zone of both.

Parsing leaves what was typed as it is, and adds what is wrong to ``errors``, by field.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from courseware.i18n import Interface
from courseware.i18n.marking import N_

END_OF_DAY = time.max

_ZONE = N_("Choose a time zone from the list.")
_DATE = N_("This is not a date. Write it like this: 2026-11-30")
_TIME = N_("This is not a time of day. Write it like this: 18:30")
_NO_DATE = N_("Choose the day too.")


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the time zones that can be chosen."""
    return ("UTC", *sorted(name for name in available_timezones() if _is_place(name)))


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/"))


@cache
def available_zones() -> frozenset[str]:
    """Return all names that are accepted, also those that are not offered."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo | None:
    """Return a time zone; None if there is none of this name."""
    return ZoneInfo(name) if name == "UTC" or name in available_zones() else None


def parsed_zone(values: Mapping[str, str], errors: dict[str, str], ui: Interface) -> ZoneInfo:
    """Return the zone of the field ``time_zone``; UTC with an error if there is none."""
    found = zone(values["time_zone"])
    if found is None:
        errors["time_zone"] = ui.gettext(_ZONE)
    return found or ZoneInfo("UTC")


def shown_moment(
    name: str, moment: datetime | None, default: time, in_zone: ZoneInfo
) -> dict[str, str]:
    """Return the fields ``<name>_date`` and, if it is not the default, ``<name>_time``."""
    if moment is None:
        return {}
    local = moment.astimezone(in_zone)
    shown = {f"{name}_date": local.date().isoformat()}
    if local.time() != default:
        shown[f"{name}_time"] = local.strftime("%H:%M")
    return shown


def moment(
    values: Mapping[str, str],
    errors: dict[str, str],
    name: str,
    default: time,
    in_zone: ZoneInfo,
    ui: Interface,
) -> datetime | None:
    """Return the moment of ``<name>_date`` and ``<name>_time``, in UTC; None without a day.

    ``default`` is the time of day where none was typed.
    """
    day, hour = values[f"{name}_date"], values[f"{name}_time"]
    at = default
    if hour:
        try:
            at = time.fromisoformat(hour).replace(tzinfo=None)
        except ValueError:
            errors[f"{name}_time"] = ui.gettext(_TIME)
    if not day:
        if hour:
            errors[f"{name}_date"] = ui.gettext(_NO_DATE)
        return None
    try:
        return datetime.combine(date.fromisoformat(day), at, in_zone).astimezone(UTC)
    except (ValueError, OverflowError):
        errors[f"{name}_date"] = ui.gettext(_DATE)
        return None
