"""What a person can choose to get, and when it is sent."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

Choice = Literal["off", "every", "replies", "daily", "weekly"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
DEFAULT: Choice = "replies"
DIGESTS: tuple[Choice, ...] = ("daily", "weekly")

GATHER = timedelta(minutes=5)
"""Posts that come within this time go into one mail, unless the operator set another."""
_GAPS = 6
"""From one mail about a discussion to the next one to the same person: so many times longer."""
DIGEST_HOUR = 7
_WEEKLY_DAY = 0
"""Monday."""
_DAYS = 8


def as_choice(text: str | None) -> Choice | None:
    """Return the choice with this name, if there is one."""
    return next((choice for choice in CHOICES if choice == text), None)


@lru_cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the time zones that a person can choose: places, and UTC."""
    places = [name for name in available_timezones() if _is_place(name)]
    return ("UTC", *sorted(places))


def _is_place(name: str) -> bool:
    area, found, _ = name.partition("/")
    return bool(found) and area not in (
        "Etc",
        "SystemV",
        "posix",
        "right",
        "US",
        "Brazil",
        "Mexico",
    )


def as_time_zone(text: str | None) -> str | None:
    """Return the zone with this name, if there is one."""
    return text if text in time_zones() else None


def next_time(moment: datetime, mailed_at: datetime | None, gather: timedelta = GATHER) -> datetime:
    """Return when posts that are published at ``moment`` are mailed to a person without a digest.

    ``mailed_at`` is when the person got the latest mail about the discussion.
    """
    soon = moment + gather
    return soon if mailed_at is None else max(soon, mailed_at + _GAPS * gather)


def next_digest(moment: datetime, zone: str, hour: int, *, weekly: bool = False) -> datetime:
    """Return the next time after ``moment`` when it is ``hour`` o'clock in the zone.

    It is computed again each time, because a zone's offset changes with the seasons. An hour that a
    day lacks becomes the next one; of an hour that a day has twice, the first counts.
    """
    place = ZoneInfo(zone)
    today = moment.astimezone(place).date()
    for days in range(_DAYS + 1):
        day = today + timedelta(days=days)
        if weekly and day.weekday() != _WEEKLY_DAY:
            continue
        found = datetime.combine(day, time(hour), place).astimezone(UTC)
        if found > moment:
            return found
    raise AssertionError
